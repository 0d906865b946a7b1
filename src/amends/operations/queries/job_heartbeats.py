"""Which jobs are late and which fail.

A late job has not run in its time: its process is dead, stuck or was never started. A failing job
runs and ends with an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.operations.models import JobHeartbeat, WorkerProcess

FORGOTTEN_AFTER = timedelta(days=1)
"""How long the row of a process that died is kept."""


@dataclass(frozen=True, slots=True)
class ExpectedRun:
    """A job, the group whose loop runs it, and how often it should run."""

    name: str
    group: str
    every_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingJob:
    """A job whose last run failed, for how long, how often, and the class of the error."""

    name: str
    group: str
    failing_s: float
    failures: int
    error: str


def late_s(now: datetime) -> dict[str, float]:
    """By group: by how many seconds its latest job is late; empty before jobs ever ran."""
    late: dict[str, float] = {}
    for group, every_s, ran_at in JobHeartbeat.objects.values_list("group", "every_s", "ran_at"):
        beyond_s = (now - ran_at).total_seconds() - every_s
        late[group] = max(late.get(group, 0.0), beyond_s)
    return late


def failing_jobs(now: datetime) -> list[FailingJob]:
    """The jobs that fail, by name."""
    rows = JobHeartbeat.objects.filter(failing_since__isnull=False).order_by("job")
    return [
        FailingJob(
            name=row.job,
            group=row.group,
            failing_s=max((now - row.failing_since).total_seconds(), 0.0),
            failures=row.failures,
            error=row.error,
        )
        for row in rows
        if row.failing_since is not None
    ]


def worker_processes(now: datetime) -> list[WorkerProcess]:
    """The processes of jobs on all machines, those that died within a day included."""
    return list(WorkerProcess.objects.filter(beat_at__gt=now - FORGOTTEN_AFTER))
