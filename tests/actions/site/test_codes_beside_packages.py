"""A code that a person requests is sent while packages wait to be checked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from installation import Installation

pytestmark = [pytest.mark.nightly, pytest.mark.sqlite_only]
PACKAGES = 20


def _drive(desk: Installation, *words: str) -> str:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("code_driver.py")), *words],
        env=desk.environment | {"PYTHONPATH": f"{root / 'tests'}:{root}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_code_is_sent_within_five_seconds_while_packages_wait(tmp_path: Path) -> None:
    desk = Installation(tmp_path / "data")
    desk.environment["AMENDS_PACK"] = "cn"
    desk.amends("migrate")
    _drive(desk, "packages", str(PACKAGES), "20000")
    work = desk.run("work")
    try:
        time.sleep(8)
        answer = json.loads(_drive(desk, "code"))
    finally:
        work.terminate()
        work.wait(120)
    assert answer["packages_waiting"] >= PACKAGES / 2
    assert answer["seconds"] <= 5
