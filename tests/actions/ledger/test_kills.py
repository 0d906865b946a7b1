"""Killed at any moment: nothing acknowledged is lost, nothing is doubled or half there."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.postgres_too

KILLS = int(os.environ.get("AMENDS_KILLS", "4"))
WORKER = Path(__file__).with_name("kill_worker.py")


@pytest.fixture
def environment(tmp_path: Path, migrated_database_url: Callable[[Path], str]) -> dict[str, str]:
    """A data directory and a database of its own, with its tables."""
    found = {**os.environ, "AMENDS_DATA_DIR": str(tmp_path), "AMENDS_TESTING": "yes"}
    found.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    found["AMENDS_DATABASE_URL"] = migrated_database_url(tmp_path)
    return found


def run(mode: str, environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    with output.open("ab") as file:
        return subprocess.Popen([sys.executable, WORKER, mode], env=environment, stdout=file)


def wait_for(output: Path, process: subprocess.Popen[bytes], size: int) -> None:
    """Until the worker has said two whole lines, i.e. is at work."""
    while output.read_bytes()[size:].count(b"\n") < 2:
        if process.poll() is not None:
            pytest.fail(f"The worker ended with {process.returncode}.")
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue


@pytest.mark.nightly
def test_kills_lose_and_double_nothing(environment: dict[str, str], tmp_path: Path):
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 (shown when the test fails)
    chance = random.Random(seed)
    appended, numbered = tmp_path / "appended.txt", tmp_path / "numbered.txt"
    for file in (appended, numbered):
        file.touch()
    for _ in range(KILLS):
        before = appended.stat().st_size, numbered.stat().st_size
        writer = run("append", environment, appended)
        sequencer = run("sequence", environment, numbered)
        wait_for(appended, writer, before[0])
        wait_for(numbered, sequencer, before[1])
        for victim in chance.sample([writer, sequencer], 2):
            try:
                victim.wait(chance.uniform(0, 0.3))
            except subprocess.TimeoutExpired:
                victim.kill()
            victim.wait()
    # The last line may be cut off where the writer was killed while speaking.
    acknowledged = [line for line in appended.read_text().splitlines() if len(line) in (27, 32)]
    checked = subprocess.run(
        [sys.executable, WORKER, "check"],
        env=environment,
        input="\n".join(acknowledged),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    found = json.loads(checked.stdout)
    assert len(acknowledged) > KILLS
    assert (found["lost"], found["halves"], found["findings"]) == ([], 0, [])
    assert found["size"] == found["entries"]
