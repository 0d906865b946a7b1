"""The processes and threads of `amends work`: each group of jobs has a loop of its own.

Light groups share a process, a thread for each. Usage and heavy jobs have a process of their own
with lower priority: what takes memory or processor there, or ends that process, stops no letter.
The parent runs no jobs. It starts a process again that ended or no longer moves, and tells systemd
that it moves itself.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import Synchronized

from django.db import Error, close_old_connections, connections
from django.utils import timezone

from amends.operations.actions.record_jobs import (
    forget_dead_processes,
    forget_process,
    record_process,
)
from amends.platform.kit.ids import random_id
from amends.site.parent_process import end_with
from amends.site.schedule import Schedule, groups_of
from amends.site.systemd import notify
from amends.site.tracing import start_tracing

log = logging.getLogger("amends.schedule")
_fork = multiprocessing.get_context("fork")

HEAVY = ("usage", "heavy")
"""Groups with a process of their own."""
HEAVY_NICE = 5
STALLED_S = {"usage": 6 * 3600.0, "heavy": 6 * 3600.0}
"""A loop that ended no job for so long is stuck; half an hour for other groups."""
_STALLED_S = 1800.0
_BEAT_S = 1.0
_SILENT_S = 120.0
"""A process that has not reported for so long is killed and started again."""
_PROCESS_RECORDED_EVERY_S = 30.0
_RESTART_S = (2.0, 5.0, 15.0, 60.0)
_TO_END_S = 50.0


def run_groups(
    groups: Sequence[str], stopping: threading.Event, *, beat: Callable[[], object]
) -> None:
    """Run the jobs of these groups in this process until `stopping` is set, a thread for each.

    beat  called about once a second while every loop moves
    """
    holder = random_id("work", length=8)
    loops = [Schedule(only=group, stopping=stopping, holder=holder) for group in groups]
    threads = [threading.Thread(target=_loop, args=(loop,), name=loop.only) for loop in loops]
    report = _ProcessReport(" ".join(groups))
    report.begin()
    for thread in threads:
        thread.start()
    while not stopping.wait(_BEAT_S):
        if all(map(_moves, loops, threads)):
            beat()
        report.write()
    for thread in threads:
        thread.join()
    report.end()


def _loop(loop: Schedule) -> None:
    try:
        loop.run()
    finally:
        connections.close_all()  # those of this thread


def _moves(loop: Schedule, thread: threading.Thread) -> bool:
    allowed_s = STALLED_S.get(loop.only, _STALLED_S)
    return thread.is_alive() and time.monotonic() - loop.moved_at < allowed_s


@dataclass(slots=True)
class _ProcessReport:
    """Records this process now and then; a database that takes nothing stops no job."""

    jobs: str
    started_at: datetime = field(default_factory=timezone.now)
    recorded_at: float = float("-inf")

    def begin(self) -> None:
        """Forget those this one replaces, and record it."""
        self._try(lambda: forget_dead_processes(timezone.now()))
        self.write()

    def write(self) -> None:
        """Record it, unless that was done seconds ago."""
        if time.monotonic() - self.recorded_at < _PROCESS_RECORDED_EVERY_S:
            return
        self.recorded_at = time.monotonic()
        self._try(lambda: record_process(self.jobs, started_at=self.started_at, now=timezone.now()))

    def end(self) -> None:
        """It stops because it was asked to."""
        self._try(forget_process)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            close_old_connections()
            act()
        except Error as error:
            log.debug("The process could not be recorded (%s).", type(error).__name__)


@dataclass(slots=True)
class _Child:
    """A process of jobs, and when it last reported that it moves."""

    name: str
    groups: tuple[str, ...]
    beat_at: Synchronized[float] = field(default_factory=lambda: _fork.Value("d", 0.0))
    process: ForkProcess | None = None
    restarts: int = 0
    start_at: float = 0.0
    started_at: float = 0.0

    def tend(self, now: float) -> None:
        """Start it where it does not run; kill it where it no longer moves."""
        if self.process is None:
            if now >= self.start_at:
                self._start(now)
            return
        if self.process.is_alive():
            if now - self.beat_at.value > _SILENT_S:
                log.error("The %s jobs no longer move; their process is started again.", self.name)
                self.process.kill()
            elif now - self.started_at > _TO_END_S:
                self.restarts = 0
            return
        pause_s = _RESTART_S[min(self.restarts, len(_RESTART_S) - 1)]
        log.error(
            "The process of the %s jobs ended (%s) and is started again in %g s.",
            self.name,
            self.process.exitcode,
            pause_s,
        )
        self.process.join()
        self.process, self.restarts, self.start_at = None, self.restarts + 1, now + pause_s

    def _start(self, now: float) -> None:
        self.beat_at.value = self.started_at = now
        process = _fork.Process(
            target=_run_child, args=(self.groups, self.name, os.getpid(), self.beat_at)
        )
        process.start()
        self.process = process


def _run_child(
    groups: tuple[str, ...], name: str, parent: int, beat_at: Synchronized[float]
) -> None:
    stopping = stop_when_asked()
    end_with(parent)
    if name == "heavy":
        os.nice(HEAVY_NICE)
    send_rest = start_tracing(f"work:{name}")

    def beat() -> None:
        beat_at.value = time.monotonic()

    run_groups(groups, stopping, beat=beat)
    send_rest()


def stop_when_asked() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = threading.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: stopping.set())
    return stopping


def work(only: str) -> None:
    """Run the jobs of a selection (`groups_of`) until asked to stop."""
    groups = groups_of(only)
    stopping = stop_when_asked()
    parts = {
        "light": tuple(group for group in groups if group not in HEAVY),
        "heavy": tuple(group for group in groups if group in HEAVY),
    }
    notify("READY=1")
    if len(groups) == 1:
        send_rest = start_tracing(f"work:{only}")
        run_groups(groups, stopping, beat=lambda: notify("WATCHDOG=1"))
        send_rest()
        return
    connections.close_all()  # no connection may be shared with a child
    children = [_Child(name, part) for name, part in parts.items() if part]
    while True:
        for child in children:
            child.tend(time.monotonic())
        notify("WATCHDOG=1")
        if stopping.wait(_BEAT_S):
            break
    notify("STOPPING=1")
    _end([child.process for child in children if child.process is not None])


def _end(processes: Sequence[ForkProcess]) -> None:
    for process in processes:
        process.terminate()
    end = time.monotonic() + _TO_END_S
    for process in processes:
        process.join(max(end - time.monotonic(), 0.0))
        if process.is_alive():
            process.kill()
            process.join()
