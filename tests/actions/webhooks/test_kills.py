"""Receiver down for a while and two kills of the job: no event is lost, order is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.actions.webhooks.receiver import Received, start, stop
from tests.ports import free_port

WORKER = Path(__file__).with_name("worker.py")


def _run(mode: str, *arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, str(WORKER), mode, *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _until(condition: Callable[[], bool], seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "waited in vain"
        time.sleep(0.02)


def _all_arrive(count: int, *, down_s: float, mode: str, environment: dict[str, str]) -> None:
    received, port = Received(), free_port()
    environment["AMENDS_WEBHOOK_PRIVATE_HOSTS"] = "127.0.0.1"
    url = f"http://127.0.0.1:{port}/hook"
    received.secrets = [_run("add", url, environment=environment)]
    _run("record", str(count), environment=environment)
    worker = [sys.executable, str(WORKER), mode]
    processes = [subprocess.Popen(worker, env=environment)]
    time.sleep(down_s)
    server = start(received, port)
    try:
        for share in (0.2, 0.6):
            _until(lambda share=share: len(received.ids) > share * count, 120)
            processes[-1].kill()
            processes[-1].wait()
            processes.append(subprocess.Popen(worker, env=environment))
        _until(lambda: len(set(received.ids)) == count, 240)
    finally:
        processes[-1].kill()
        processes[-1].wait()
        stop(server)
    types: dict[str, list[str]] = {}
    for body in received.bodies:
        seen = types.setdefault(body["data"]["complaint"], [])
        if body["type"] not in seen:
            seen.append(body["type"])
    expected = ["complaint.received", "complaint.fault_repaired"]
    assert len(types) == count // 2
    assert all(seen == expected for seen in types.values()), "the order of a complaint"
    assert len(received.ids) - count <= 2 * 50, "at most a group is repeated after each kill"


@pytest.fixture
def environment(tmp_path: Path, migrated_database_url: Callable[[Path], str]) -> dict[str, str]:
    """A data directory and a database of its own, with its tables."""
    found = {**os.environ, "AMENDS_DATA_DIR": str(tmp_path), "AMENDS_TESTING": "yes"}
    found.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    found["AMENDS_DATABASE_URL"] = migrated_database_url(tmp_path)
    return found


def test_kills_lose_nothing(environment: dict[str, str]) -> None:
    _all_arrive(400, down_s=2, mode="deliver", environment=environment)


@pytest.mark.nightly
def test_ten_thousand_events_with_a_minute_down(environment: dict[str, str]) -> None:
    """The second holder waits for the lease of the one killed: half a minute each time."""
    _all_arrive(10_000, down_s=60, mode="deliver-waiting", environment=environment)
