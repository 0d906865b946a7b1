"""Late jobs do not run, failing jobs run and end with an error: an alarm for each."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from amends.operations.actions.record_jobs import (
    JobRun,
    expect_jobs,
    forget_dead_processes,
    forget_process,
    record_process,
    record_runs,
)
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from amends.operations.models import JobHeartbeat, WorkerProcess
from amends.operations.queries.job_heartbeats import late_s
from amends.platform.cli.language import speaking
from amends.site.schedule import GROUPS, RETRY_S, Schedule, ScheduledJob
from shell import amends
from tests.actions.complaints.conftest import NOW

pytestmark = pytest.mark.postgres_too


@pytest.fixture(autouse=True)
def _apart(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr("amends.site.schedule.close_old_connections", lambda: None)
    monkeypatch.setattr("amends.site.schedule.hold_line", lambda stopping, holder: None)


def _schedule(only: str, *jobs: ScheduledJob) -> Schedule:
    """A process that stops by itself after one pass."""
    schedule = Schedule(only=only)
    known = {job.name: job for job in jobs}
    schedule.jobs = [
        known.get(job.name, ScheduledJob(job.name, job.every_s, lambda: None, job.group))
        for job in schedule.jobs
    ]
    first = schedule.jobs[0]
    schedule.jobs.append(ScheduledJob(first.name, 9e9, schedule.stopping.set, first.group))
    return schedule


def _fail() -> None:
    raise OSError("the mail server is away")


def _heard(now: datetime) -> dict[str, list[str]]:
    """The groups or jobs that each alarm of the jobs is about."""
    found = [one for one in readings(now=now) if one.name.startswith(("amends_job", "amends_work"))]
    return {
        one.alarm.id: [
            reading.labels.get("job", reading.labels["jobs"]) for reading in one.readings
        ]
        for one in sounding(found)
    }


def _ran(at: datetime, *groups: str) -> None:
    """All jobs of these groups ran well."""
    record_runs(JobRun(name=job.name, at=at) for job in Schedule().jobs if job.group in groups)


def test_before_jobs_ever_ran_nothing_is_late(db: None) -> None:
    assert late_s(NOW) == {}
    assert _heard(NOW) == {}


def test_processes_that_died_are_missed(db: None) -> None:
    _schedule("all").run()
    assert set(late_s(NOW)) == set(GROUPS)
    assert _heard(NOW + timedelta(minutes=14)) == {}
    later = NOW + timedelta(minutes=17)
    assert _heard(later) == {"AmendsJobsLate": sorted(GROUPS)}


def test_a_group_nobody_started_is_missed(db: None) -> None:
    _schedule("sequence").run()
    later = NOW + timedelta(minutes=17)
    _ran(later, "sequence", "heavy")
    assert _heard(later) == {"AmendsJobsLate": sorted(set(GROUPS) - {"sequence", "heavy"})}


def test_a_job_that_fails_each_time_is_failing_and_not_late(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = _schedule("fetch", ScheduledJob("mail", 30, _fail, "fetch"))
    schedule.run()
    for minute in range(1, 20):
        at = NOW + timedelta(minutes=minute)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        for job in schedule.jobs:
            job.due_at = 0
        schedule.stopping = threading.Event()
        schedule.pass_once()
    schedule._recorded_at = float("-inf")
    schedule._record()
    _ran(at, *set(GROUPS) - {"fetch"})
    assert _heard(at) == {"AmendsJobFailing": ["mail"]}
    assert JobHeartbeat.objects.get(pk="mail").error == "OSError"
    job = next(job for job in schedule.jobs if job.name == "mail")
    job.run, job.due_at, schedule.stopping = lambda: None, 0, threading.Event()
    schedule.pass_once()
    assert _heard(at) == {}, "it works again"


def test_a_job_of_hours_that_fails_once_runs_again_within_ten_seconds(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("amends.site.schedule.time.monotonic", lambda: clock[0])
    runs: list[float] = []

    def run() -> None:
        runs.append(clock[0])
        if len(runs) in (1, 3, 4, 5):
            raise OSError("disk full")

    schedule = Schedule(jobs=[ScheduledJob("causes", 21_600, run)])
    while clock[0] < 1000 + 21_700:
        schedule.pass_once()
        clock[0] += 1
    first, again, *later = runs
    assert again - first <= 10
    assert later[0] - again == 21_600, "it worked, and waits its period"
    pauses = [after - before for before, after in pairwise(later)]
    assert pauses == [RETRY_S, 2 * RETRY_S, 4 * RETRY_S]


def test_retries_wait_at_most_one_period(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("amends.site.schedule.time.monotonic", lambda: clock[0])
    runs: list[float] = []

    def run() -> None:
        runs.append(clock[0])
        raise OSError

    schedule = Schedule(jobs=[ScheduledJob("mail", 30, run)])
    while clock[0] < 300:
        schedule.pass_once()
        clock[0] += 1
    assert max(after - before for before, after in pairwise(runs)) == 30


def test_a_process_that_dies_is_missed_and_one_that_stops_is_not(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_process("heavy", started_at=NOW, now=NOW)
    assert WorkerProcess.objects.get().resident_bytes > 1_000_000
    assert _heard(NOW + timedelta(minutes=4)) == {}
    assert _heard(NOW + timedelta(minutes=6)) == {"AmendsWorkSilent": ["heavy"]}
    forget_dead_processes(NOW)
    assert WorkerProcess.objects.exists(), "it lives"
    WorkerProcess.objects.create(
        host="elsewhere", pid=1, jobs="send", started_at=NOW, beat_at=NOW - timedelta(minutes=9)
    )
    assert _heard(NOW) == {"AmendsWorkSilent": ["send"]}
    forget_process()
    forget_dead_processes(NOW + timedelta(days=2))
    assert not WorkerProcess.objects.exists()


def test_a_job_that_is_no_more_is_awaited_no_longer(db: None) -> None:
    old = ScheduledJob("of an older version", 1, lambda: None).expected
    expect_jobs([old], NOW - timedelta(days=1))
    assert late_s(NOW)["light"] > 80_000
    expect_jobs(Schedule().everything, NOW)
    record_runs([JobRun(name=old.name, at=NOW - timedelta(days=1))])
    assert max(late_s(NOW).values()) == 0


def test_a_clock_set_back_makes_nothing_late(db: None) -> None:
    expect_jobs(Schedule().everything, NOW)
    assert max(late_s(NOW - timedelta(hours=1)).values()) == 0


def test_a_database_that_takes_nothing_stops_no_job(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("amends.site.schedule.expect_jobs", refuse)
    monkeypatch.setattr("amends.site.schedule.record_runs", refuse)
    done: list[str] = []
    _schedule("fetch", ScheduledJob("mail", 30, lambda: done.append("mail"), "fetch")).run()
    assert done == ["mail"]
    assert late_s(NOW) == {}


def test_the_command_says_which_jobs_are_late_and_what_to_do(db: None) -> None:
    expect_jobs(Schedule().everything, NOW - timedelta(days=3))
    shown = amends("operation", "show", "--json")
    alarm = next(one for one in json.loads(shown.out)["alarms"] if one["id"] == "AmendsJobsLate")
    assert [one["labels"]["jobs"] for one in alarm["readings"]] == sorted(GROUPS)
    for language, words in (
        ("zh-hans", "后台任务晚了超过一刻钟"),
        ("en", "more than a quarter of an hour late"),
    ):
        with speaking(language):
            assert words in amends("operation", "show", "--check").err
