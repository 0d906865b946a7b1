"""The schedule: which job runs how often. Every job may be killed, and may run twice at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from django.db import Error, close_old_connections
from django.utils import timezone

from amends.channels.jobs.sms_session import hold_line
from amends.operations.actions.record_jobs import JobRun, expect_jobs, record_runs
from amends.operations.queries.job_heartbeats import ExpectedRun
from amends.people.operator.queries import parts_off
from amends.platform import registry
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import random_id
from amends.platform.kit.outage_log import OutageLog

log = logging.getLogger("amends.schedule")
_outages = OutageLog(log)

GROUPS: tuple[str, ...] = get_args(registry.JobGroup)
RETRY_S = 5.0
"""Seconds until the first retry of a job that failed; each further one waits twice as long."""
_RECORDED_EVERY_S = 10.0
"""How often a loop writes how its jobs ran: those of a second need not write each time."""


@dataclass(slots=True)
class ScheduledJob:
    """A function to call every so many seconds; `due_at` is in monotonic seconds."""

    name: str
    every_s: float
    run: Callable[[], object]
    group: str = "light"
    due_at: float = 0.0
    failures: int = 0
    failing_since: datetime | None = None

    @property
    def expected(self) -> ExpectedRun:
        """What is expected of it, with the group it belongs to."""
        return ExpectedRun(self.name, self.group, self.every_s)


def is_switched_off(job: registry.Job) -> bool:
    """Whether a job rests because its part is switched off.

    Scans, probes and fetches rest. Jobs that end something already begun go on: deadlines, blocks
    that expire, limits of launches.
    """
    part = registry.parts().get(registry.part_of(job.run))
    if part is None or part.desk_only or job.group not in ("heavy", "fetch"):
        return False
    return part.name in parts_off()


class UnableToSchedule(BadInput):
    """There is no such group of jobs."""

    code = "jobs_unknown"


def groups_of(only: str) -> tuple[str, ...]:
    """The groups that `amends work --jobs` names: all, rest (all but sequence and send), or one."""
    if only == "all":
        return GROUPS
    if only == "rest":
        return tuple(group for group in GROUPS if group not in ("sequence", "send"))
    if only not in GROUPS:
        raise UnableToSchedule(
            _("There are no jobs “%(only)s”."),
            next_step=_("Choose all, rest, %(known)s."),
            values={"only": only, "known": " or ".join(GROUPS)},
        )
    return (only,)


@dataclass(slots=True)
class Schedule:
    """Runs the jobs that are due, one after the other, until told to stop.

    only      all, rest, or a group: the jobs of this loop
    moved_at  when it last ended a job or had none due, in monotonic seconds
    """

    holder: str = field(default_factory=lambda: random_id("work", length=8))
    stopping: threading.Event = field(default_factory=threading.Event)
    only: str = "all"
    jobs: list[ScheduledJob] = field(default_factory=list)
    everything: tuple[ExpectedRun, ...] = ()
    moved_at: float = field(default_factory=time.monotonic)
    _runs: dict[str, JobRun] = field(default_factory=dict)
    _recorded_at: float = float("-inf")

    def __post_init__(self) -> None:
        groups = groups_of(self.only)
        self.jobs = self.jobs or [self._scheduled(job) for job in registry.jobs()]
        self.everything = tuple(job.expected for job in self.jobs)
        self.jobs = [job for job in self.jobs if job.group in groups]

    def _scheduled(self, job: registry.Job) -> ScheduledJob:
        return ScheduledJob(
            name=job.name,
            every_s=job.every_s,
            run=lambda: (
                None if is_switched_off(job) else job(now=timezone.now(), holder=self.holder)
            ),
            group=job.group,
        )

    def pass_once(self) -> None:
        """Run every job that is due; one that fails is logged and retried with growing pauses."""
        for job in self.jobs:
            if self.stopping.is_set():
                break
            if time.monotonic() >= job.due_at:
                self._run(job)
        self.moved_at = time.monotonic()
        self._record()

    def _run(self, job: ScheduledJob) -> None:
        pause_s = job.every_s
        try:
            close_old_connections()
            job.run()
        except Exception as error:
            # A job of hours that failed once must not wait hours: a full disk may have room again.
            pause_s = min(job.every_s, RETRY_S * 2 ** min(job.failures, 16))
            job.failures += 1
            job.failing_since = job.failing_since or timezone.now()
            what = f"the job failed and runs again in {pause_s:g} s"
            _outages.failed(job.name, what, traceback=True)
            self._ended(job, type(error).__name__, at_once=job.failures == 1)
        else:
            was_failing, job.failures, job.failing_since = job.failures, 0, None
            _outages.works(job.name)
            self._ended(job, "", at_once=was_failing > 0)
        self.moved_at = time.monotonic()
        job.due_at = self.moved_at + pause_s

    def _ended(self, job: ScheduledJob, error: str, *, at_once: bool) -> None:
        self._runs[job.name] = JobRun(
            name=job.name,
            at=timezone.now(),
            failing_since=job.failing_since,
            failures=job.failures,
            error=error,
        )
        if at_once:
            self._recorded_at = float("-inf")

    def _record(self) -> None:
        """Write how the jobs ran. A database that takes nothing stops no job: what is not written
        is late, and that is an alarm."""
        if not self._runs or time.monotonic() - self._recorded_at < _RECORDED_EVERY_S:
            return
        try:
            record_runs(self._runs.values())
        except Error as error:
            _outages.failed("job heartbeats", f"cannot be written ({type(error).__name__})")
        else:
            _outages.works("job heartbeats")
            self._runs.clear()
        self._recorded_at = time.monotonic()

    def expect(self) -> None:
        """Record all jobs there are as expected, those of other processes too."""
        try:
            expect_jobs(self.everything, timezone.now())
        except Error as error:
            _outages.failed("job heartbeats", f"cannot be written ({type(error).__name__})")

    def run(self) -> None:
        """Until `stopping` is set; the line to the message centre is held next to `send`."""
        line = threading.Thread(
            target=hold_line, args=(self.stopping,), kwargs={"holder": self.holder}, name="line"
        )
        self.expect()
        if "send" in groups_of(self.only):
            line.start()
        while not self.stopping.is_set():
            self.pass_once()
            self.stopping.wait(0.2)
        if line.is_alive():
            line.join(timeout=20)
