"""The schedule: which job runs how often. Every job may be killed, and may run twice at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import close_old_connections
from django.utils import timezone

from amends import registry
from amends.channels.jobs.sms_session import hold_line
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.ids import random_id
from amends.operations.queries.job_heartbeats import ExpectedRun, ended_well, expect

log = logging.getLogger("amends.schedule")


@dataclass(slots=True)
class ScheduledJob:
    """A function to call every so many seconds; `due_at` is on the monotonic clock."""

    name: str
    every_s: float
    run: Callable[[], object]
    group: str = "rest"
    due_at: float = 0.0
    reported_at: float = float("-inf")

    @property
    def expected(self) -> ExpectedRun:
        """What is told of it, with the group it belongs to."""
        return ExpectedRun(self.name, self.group, self.every_s)


_TOLD_EVERY_S = 10
"""How often a job that ends well tells it: jobs of a second need not write each time."""


class UnableToSchedule(BadInput):
    """There is no such group of jobs."""

    code = "jobs_unknown"


@dataclass(slots=True)
class Schedule:
    """Runs the jobs that are due, one after the other, until told to stop.

    only    all, sequence, send or rest: for jobs in processes of their own
    """

    holder: str = field(default_factory=lambda: random_id("work", length=8))
    stopping: threading.Event = field(default_factory=threading.Event)
    only: str = "all"
    jobs: list[ScheduledJob] = field(default_factory=list)
    everything: tuple[ExpectedRun, ...] = ()

    def __post_init__(self) -> None:
        self.jobs = self.jobs or [self._scheduled(job) for job in registry.jobs()]
        groups = {job.group for job in self.jobs} - {"rest"}
        if self.only not in ("all", "rest", *groups):
            raise UnableToSchedule(
                _("There are no jobs “%(only)s”."),
                next_step=_("Choose all, rest, %(known)s."),
                values={"only": self.only, "known": " or ".join(sorted(groups))},
            )
        self.everything = tuple(job.expected for job in self.jobs)
        self.jobs = [job for job in self.jobs if self.only in ("all", job.group)]

    def _scheduled(self, job: registry.Job) -> ScheduledJob:
        return ScheduledJob(
            job.name,
            job.every_s,
            lambda: job(now=timezone.now(), holder=self.holder),
            job.group,
        )

    def pass_once(self) -> None:
        """Run every job that is due; one that fails is logged and tried again in its time."""
        for job in self.jobs:
            if self.stopping.is_set():
                return
            if time.monotonic() < job.due_at:
                continue
            close_old_connections()
            try:
                job.run()
            except Exception:
                log.exception("The job %s failed; it runs again in %s s.", job.name, job.every_s)
            else:
                self._tell(job)
            job.due_at = time.monotonic() + job.every_s

    def _tell(self, job: ScheduledJob) -> None:
        """That it ended well: where no file stands for it nothing is told (tests, scripts)."""
        if time.monotonic() - job.reported_at >= _TOLD_EVERY_S:
            ended_well(job.expected, timezone.now())
            job.reported_at = time.monotonic()

    def run(self) -> None:
        """Until `stopping` is set; the line to the message centre is held beside the jobs."""
        line = threading.Thread(
            target=hold_line, args=(self.stopping,), kwargs={"holder": self.holder}, name="line"
        )
        expect(self.everything, timezone.now())
        if self.only in ("all", "send"):
            line.start()
        while not self.stopping.is_set():
            self.pass_once()
            self.stopping.wait(0.2)
        if line.is_alive():
            line.join(timeout=20)
