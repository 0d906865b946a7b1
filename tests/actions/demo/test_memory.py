"""What a large demonstration tells the allocators is theirs alone."""

from __future__ import annotations

import os
import subprocess
import sys

_ASKED = """
import os, sys
names = ("_RJEM_MALLOC_CONF", "MIMALLOC_PURGE_DELAY", "MIMALLOC_ALLOW_LARGE_OS_PAGES")
from amends_demo.actions.memory import keep_between_weeks
from amends.platform.kit.allocator import give_back
assert "polars" not in sys.modules
before = dict(os.environ)
keep_between_weeks()
assert "polars" in sys.modules and "pyarrow" in sys.modules
print([os.environ.get(name) for name in names] == [before.get(name) for name in names])
give_back()
"""


def _environment_after(**given: str) -> str:
    found = subprocess.run(
        [sys.executable, "-c", _ASKED],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return found.stdout.strip()


def test_processes_started_later_inherit_nothing() -> None:
    assert _environment_after() == "True"


def test_what_the_operator_chose_stays() -> None:
    assert _environment_after(MIMALLOC_PURGE_DELAY="10") == "True"
