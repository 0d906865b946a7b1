"""SIGKILL of driver, Java and workers of a Spark run: what one machine counts, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("AMENDS_SPARK_KILLS", "2"))
FILES = 2
ALIKE = ("notices", "holds_sha256", "state_sha256", "facts_due", "facts_crossed")


def document(
    program: str, place: Path, database: str, *, kills: int, seed: int
) -> dict[str, object]:
    place.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            f"tests.torture.notices.{program}",
            str(kills),
            str(FILES),
            str(seed),
        ],
        env=os.environ | {"AMENDS_DATA_DIR": str(place), "AMENDS_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
        timeout=900 + kills * 120,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.nightly
@pytest.mark.spark
@pytest.mark.usefixtures("spark_installed")
def test_kills_on_spark_lose_and_double_nothing(
    tmp_path: Path, empty_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("AMENDS_SEED") or random.SystemRandom().randrange(1 << 30))
    whole = document("engine_harness", tmp_path / "whole", "", kills=0, seed=seed)
    killed = document(
        "spark_harness", tmp_path / "killed", empty_database_url, kills=KILLS, seed=seed
    )
    with capsys.disabled():
        print(f"\nkills={KILLS} seed={seed}", killed)  # noqa: T201
    assert {name: killed[name] for name in ALIKE} == {name: whole[name] for name in ALIKE}
    assert killed["doubled"] == killed["unfinished"] == 0
    assert killed["faults"] == []
    assert killed["killed"] > 0
