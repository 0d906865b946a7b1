"""Record which jobs are expected, how they ran, and the processes that run them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.operations.models import JobHeartbeat, WorkerProcess
from amends.operations.queries.host import host_name
from amends.operations.queries.job_heartbeats import FORGOTTEN_AFTER, ExpectedRun
from amends.operations.queries.process_figures import process_figures
from amends.platform.database.locks import advisory_lock

_RECORDED = ["ran_at", "succeeded_at", "failing_since", "failures", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """How a job ran last.

    failing_since  None where it ended well
    """

    name: str
    at: datetime
    failing_since: datetime | None = None
    failures: int = 0
    error: str = ""


def expect_jobs(jobs: Iterable[ExpectedRun], now: datetime) -> None:
    """Expect a new job from now on; expect a job that exists no longer not any more.

    A process names all jobs that exist, its own or not: a job that no process runs is late, too.
    """
    expected = {job.name: job for job in jobs}
    with transaction.atomic():
        advisory_lock("job heartbeats", ["all"])
        JobHeartbeat.objects.exclude(job__in=expected).delete()
        rows_by_job = {row.job: row for row in JobHeartbeat.objects.all()}
        JobHeartbeat.objects.bulk_create(
            JobHeartbeat(job=name, group=job.group, every_s=job.every_s, ran_at=now)
            for name, job in expected.items()
            if name not in rows_by_job
        )
        changed = [
            row
            for name, row in rows_by_job.items()
            if (row.group, row.every_s) != (expected[name].group, expected[name].every_s)
        ]
        for row in changed:
            row.group, row.every_s = expected[row.job].group, expected[row.job].every_s
        JobHeartbeat.objects.bulk_update(changed, ["group", "every_s"])


def record_runs(runs: Iterable[JobRun]) -> None:
    """Record how jobs ran; a job that is not expected is not recorded."""
    latest = {run.name: run for run in runs}
    with transaction.atomic():
        advisory_lock("job heartbeats", ["all"])
        rows = list(JobHeartbeat.objects.filter(job__in=latest))
        for row in rows:
            run = latest[row.job]
            row.ran_at = run.at
            row.succeeded_at = row.succeeded_at if run.failing_since else run.at
            row.failing_since, row.failures = run.failing_since, run.failures
            row.error = run.error[:80]
        JobHeartbeat.objects.bulk_update(rows, _RECORDED)


def record_process(jobs: str, *, started_at: datetime, now: datetime) -> None:
    """Record that this process runs its jobs, with its memory, processor time and open files."""
    figures = process_figures()
    WorkerProcess.objects.update_or_create(
        host=host_name(),
        pid=os.getpid(),
        defaults={
            "jobs": jobs[:120],
            "started_at": started_at,
            "beat_at": now,
            "resident_bytes": figures.resident_bytes,
            "cpu_s": figures.cpu_s,
            "open_files": figures.open_files,
        },
    )


def forget_process() -> None:
    """This process stops on purpose."""
    WorkerProcess.objects.filter(host=host_name(), pid=os.getpid()).delete()


def forget_dead_processes(now: datetime) -> None:
    """Remove rows of processes that this start replaces, and of those that died long ago."""
    for row in WorkerProcess.objects.filter(host=host_name()):
        if not _is_alive(row.pid):
            row.delete()
    WorkerProcess.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
