"""SIGKILL at random points of intake, batches, the desk and numbering: nothing lost or doubled."""

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
EMPTY = (
    "lost",
    "doubled",
    "without_fact",
    "fact_doubled",
    "fact_without_complaint",
    "over_refunded",
    "balance_wrong",
    "refund_fact_doubled",
    "ledger_faults",
    "faults",
)


@pytest.mark.nightly
def test_kills_lose_and_double_nothing(
    tmp_path: Path, migrated_database_url: Callable[[Path], str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("AMENDS_SEED") or random.SystemRandom().randrange(1 << 30))
    with capsys.disabled():
        print(f"\nkills={KILLS} seed={seed} (repeat with AMENDS_SEED={seed})")  # noqa: T201
    environment = os.environ | {
        "AMENDS_DATA_DIR": str(tmp_path),
        "AMENDS_DATABASE_URL": migrated_database_url(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.harness", str(KILLS), str(seed)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600 + KILLS * 30,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert {name: result[name] for name in EMPTY} == {name: [] for name in EMPTY}
    assert result["acknowledged"] > 0
    assert result["remedies"] > 0, "no credit was granted, so none could be doubled"
    with capsys.disabled():
        print({name: result[name] for name in ("kills", "acknowledged", "complaints", "remedies")})  # noqa: T201
