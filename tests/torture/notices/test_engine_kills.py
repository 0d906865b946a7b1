"""SIGKILL at random points of counting: byte-equal notices, holds, state; nothing lost, no doubles."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

KILLS = int(os.environ.get("AMENDS_KILLS", "20"))
FILES = 5
ALIKE = ("notices", "notices_sha256", "holds_sha256", "state_sha256", "facts_due", "facts_crossed")


def document(place: Path, database: str, kills: int, seed: int) -> dict[str, object]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.torture.notices.engine_harness",
            str(kills),
            str(FILES),
            str(seed),
        ],
        env=os.environ | {"AMENDS_DATA_DIR": str(place), "AMENDS_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
        timeout=600 + kills * 30,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.nightly
def test_kills_lose_and_double_nothing(
    tmp_path: Path, migrated_database_url: Callable[[Path], str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("AMENDS_SEED") or random.SystemRandom().randrange(1 << 30))
    with capsys.disabled():
        print(f"\nkills={KILLS} seed={seed} (repeat with AMENDS_SEED={seed})")  # noqa: T201
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    whole = document(tmp_path / "whole", "", 0, seed)
    database = migrated_database_url(tmp_path / "killed")
    killed = document(tmp_path / "killed", database, KILLS, seed)
    assert {name: killed[name] for name in ALIKE} == {name: whole[name] for name in ALIKE}
    assert killed["doubled"] == killed["unfinished"] == 0
    assert killed["faults"] == []
    assert killed["notices"] == killed["facts_due"] > 500
    assert killed["killed"] > 0
    with capsys.disabled():
        print({name: killed[name] for name in ("killed", "notices", "last_run_s")})  # noqa: T201
