"""The image definition, done step by step without an engine: nobody's process on a closed root.

`AMENDS_IMAGE=1` builds the environment from the lock as the definition says; otherwise the one that
runs the tests stands for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "container" / "rehearse.py"
NOT_HERE = 3


@pytest.mark.nightly
@pytest.mark.sqlite_only
@pytest.mark.mounts
def test_the_image_serves_as_nobody_on_a_root_that_takes_no_writes() -> None:
    given = [] if os.environ.get("AMENDS_IMAGE") else ["--environment", sys.prefix]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *given],
        check=False,
        capture_output=True,
        text=True,
        timeout=3600,
    )
    if done.returncode == NOT_HERE:
        pytest.skip(done.stderr)
    assert done.returncode == 0, f"{done.stdout}{done.stderr[-3000:]}"
    seen = json.loads(done.stdout)
    assert (seen["healthy"], seen["ended"], seen["user"]) == (True, True, 10001)
    assert seen["writable"] == []
    assert {"amends.sqlite3", "keys"} <= set(seen["volume"])
