"""`amends work` tells systemd that it is ready and moves, and stops telling while a loop hangs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from amends.site import job_processes
from amends.site.schedule import Schedule, ScheduledJob
from amends.site.systemd import notify


def _until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_states_are_datagrams_to_the_socket_of_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert notify("WATCHDOG=1")
        assert systemd.recv(100) == b"WATCHDOG=1"
    assert not notify("WATCHDOG=1"), "nobody listens any more"


@pytest.mark.no_database
def test_a_loop_that_hangs_is_no_longer_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    hang, stopping, beats = threading.Event(), threading.Event(), []

    def schedule(**fields: Any) -> Schedule:
        return Schedule(jobs=[ScheduledJob("mail", 0.1, hang.wait, "fetch")], **fields)

    monkeypatch.setattr(job_processes, "Schedule", schedule)
    monkeypatch.setattr(Schedule, "expect", lambda self: None)
    monkeypatch.setattr(Schedule, "_record", lambda self: None)
    monkeypatch.setattr(job_processes._ProcessReport, "_try", lambda self, act: None)
    monkeypatch.setattr(job_processes, "_BEAT_S", 0.05)
    monkeypatch.setattr(job_processes, "_STALLED_S", 0.5)
    runner = threading.Thread(
        target=job_processes.run_groups,
        args=(("fetch",), stopping),
        kwargs={"beat": lambda: beats.append(time.monotonic())},
    )
    runner.start()
    try:
        _until(lambda: beats)
        _until(lambda: time.monotonic() - beats[-1] > 1)
        hung_at = len(beats)
        hang.set()
        _until(lambda: len(beats) > hung_at)
    finally:
        hang.set()
        stopping.set()
        runner.join()
