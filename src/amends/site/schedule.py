"""The schedule: which job runs how often. Every job may be killed, and may run twice at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils import timezone

from amends.channels.jobs.fetch_mail import fetch_mail
from amends.channels.jobs.hold_line import hold_line
from amends.channels.jobs.look_up_unknown import look_up_unknown
from amends.channels.jobs.send_due import send_due
from amends.channels.jobs.tidy import tidy
from amends.complaints.actions.follow_letters import follow_letters
from amends.complaints.actions.hand_over import make_waiting
from amends.complaints.jobs import clocks, pipeline
from amends.complaints.jobs.look_again import look_again
from amends.complaints.jobs.tidy_files import tidy_files
from amends.confirmations.jobs.settle import send_bills, settle
from amends.hotissues.actions.count_hit import count_hit
from amends.hotissues.actions.note_levels import note_levels
from amends.hotissues.actions.scan_beside import scan_beside
from amends.hotissues.actions.scan_causes import scan_causes
from amends.hotissues.actions.scan_desk import scan_desk
from amends.hotissues.actions.scan_hours import scan_hours
from amends.hotissues.actions.scan_words import scan_words
from amends.hotissues.jobs.measures import judge_due
from amends.hotissues.jobs.timers import turn
from amends.indicators.actions.keep_days import keep_days
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.ids import random_id
from amends.ledger.actions.index_together import index_together
from amends.ledger.actions.sequence import sequence
from amends.notices.actions.forget_ids import forget_ids
from amends.notices.jobs import tell, watch
from amends.notices.jobs.audit import audit_notices
from amends.notices.jobs.count_usage import count_usage
from amends.portals.jobs.forget_drafts import forget_drafts, forget_handovers
from amends.site.certificate import note_certificate
from amends.site.dispatch import dispatch
from amends.site.examination import learn_from_complaints
from amends.site.jobs_told import Expected, ended_well, expect
from amends.site.retention import carry_out_daily

log = logging.getLogger("amends.schedule")


@dataclass(slots=True)
class Job:
    """A function to call every so many seconds; `due_at` is on the monotonic clock."""

    name: str
    every_s: float
    run: Callable[[], object]
    due_at: float = 0.0
    told_at: float = float("-inf")

    @property
    def expected(self) -> Expected:
        """What is told of it, with the group it belongs to."""
        group = next((group for group, names in _APART.items() if self.name in names), "rest")
        return Expected(self.name, group, self.every_s)


_APART = {"sequence": {"sequence", "index"}, "send": {"send", "unknown"}}
"""Jobs that may have a process of their own; `rest` is what these leave, `all` everything."""


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
    jobs: list[Job] = field(default_factory=list)
    everything: tuple[Expected, ...] = ()

    def __post_init__(self) -> None:
        self.jobs = self.jobs or [
            Job("sequence", 2, lambda: sequence(now=timezone.now(), holder=self.holder)),
            Job("index", 10, lambda: index_together(now=timezone.now(), holder=self.holder)),
            Job("dispatch", 1, lambda: dispatch(now=timezone.now(), holder=self.holder)),
            Job("pipeline", 1, lambda: pipeline.process(now=timezone.now())),
            Job("look again", 900, lambda: look_again(now=timezone.now())),
            Job("send", 2, lambda: send_due(holder=self.holder)),
            Job("tell", 2, lambda: tell.tell(now=timezone.now())),
            Job("refunds", 60, lambda: tell.tell_of_refunds(now=timezone.now())),
            Job("usage", 2, lambda: count_usage(now=timezone.now())),
            Job("usage ids", 86_400, lambda: forget_ids(now=timezone.now())),
            Job("borders", 10, lambda: watch.borders(now=timezone.now())),
            Job("new charges", 3600, lambda: watch.charges(now=timezone.now())),
            Job("owe", 60, lambda: tell.owe(now=timezone.now())),
            Job("changed plans", 10, lambda: tell.follow_orders(now=timezone.now())),
            Job("owe running", 21_600, lambda: tell.owe_running(now=timezone.now())),
            Job("mail", 30, fetch_mail),
            Job("orders", 5, lambda: settle(now=timezone.now())),
            Job("bills", 3600, lambda: send_bills(now=timezone.now())),
            Job("letters", 10, lambda: follow_letters(now=timezone.now())),
            Job("hand over", 5, lambda: make_waiting(now=timezone.now())),
            Job("clocks", 30, lambda: clocks.turn(now=timezone.now())),
            Job("unknown", 300, look_up_unknown),
            Job("tidy", 3600, tidy),
            Job("files", 3600, lambda: tidy_files(now=timezone.now())),
            Job("audit", 3600, lambda: audit_notices(now=timezone.now())),
            Job("hot issues", 300, lambda: scan_desk(now=timezone.now())),
            Job("hot hours", 600, lambda: scan_hours(now=timezone.now())),
            Job("hot beside", 900, lambda: scan_beside(now=timezone.now())),
            Job("hot words", 900, lambda: scan_words(now=timezone.now())),
            Job("causes", 21_600, lambda: scan_causes(now=timezone.now())),
            Job("measured days", 60, lambda: keep_days(now=timezone.now())),
            Job("emergencies", 30, lambda: turn(now=timezone.now())),
            Job("hit", 600, lambda: count_hit(now=timezone.now())),
            Job("levels", 300, lambda: note_levels(now=timezone.now())),
            Job("measures", 3600, lambda: judge_due(now=timezone.now())),
            Job("examine", 86_400, lambda: learn_from_complaints(now=timezone.now())),
            Job("retention", 3600, lambda: carry_out_daily(timezone.now())),
            Job("sessions", 3600, SessionStore.clear_expired),
            Job("certificate", 3600, note_certificate),
            Job("drafts", 600, lambda: forget_drafts(now=timezone.now())),
            Job("handovers", 3600, lambda: forget_handovers(now=timezone.now())),
        ]
        self.everything = tuple(job.expected for job in self.jobs)
        self.jobs = [job for job in self.jobs if self._runs(job.name)]

    def _runs(self, name: str) -> bool:
        """Whether a job belongs to the group of this process."""
        if self.only not in ("all", "rest", *_APART):
            raise UnableToSchedule(
                _("There are no jobs “%(only)s”."),
                next_step=_("Choose all, rest, %(known)s."),
                values={"only": self.only, "known": " or ".join(_APART)},
            )
        if self.only == "rest":
            return all(name not in names for names in _APART.values())
        return self.only == "all" or name in _APART[self.only]

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

    def _tell(self, job: Job) -> None:
        """That it ended well: where no file stands for it nothing is told (tests, scripts)."""
        if time.monotonic() - job.told_at >= _TOLD_EVERY_S:
            ended_well(job.expected, timezone.now())
            job.told_at = time.monotonic()

    def run(self) -> None:
        """Until `stopping` is set; the line to the message centre is held beside the jobs."""
        line = threading.Thread(
            target=hold_line, args=(self.stopping,), kwargs={"holder": self.holder}, name="sms"
        )
        expect(self.everything, timezone.now())
        if self._runs("send"):
            line.start()
        while not self.stopping.is_set():
            self.pass_once()
            self.stopping.wait(0.2)
        if line.is_alive():
            line.join(timeout=20)
