"""Jobs tell when they last ended well: who stops, fails or was never started is missed."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amends.cli.language import speaking
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from amends.operations.queries.job_heartbeats import ended_well, expect, late_s
from amends.site.schedule import Schedule, ScheduledJob
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
    """The groups that each alarm of the jobs is about."""
    found = [one for one in readings(now=now) if one.name == "amends_jobs_late_seconds"]
    return {
        one.alarm.id: [reading.labels["jobs"] for reading in one.readings]
        for one in sounding(found)
    }


def test_before_jobs_ever_ran_nothing_is_late(db: None) -> None:
    assert late_s(NOW) == {}
    assert _heard(NOW) == {}


def test_processes_that_died_are_missed(db: None) -> None:
    _schedule("all").run()
    assert set(late_s(NOW)) == {"sequence", "send", "rest"}
    assert _heard(NOW + timedelta(minutes=14)) == {}
    later = NOW + timedelta(minutes=17)
    assert _heard(later) == {"AmendsJobsLate": ["rest", "send", "sequence"]}


def test_a_group_nobody_started_is_missed(db: None) -> None:
    _schedule("sequence").run()
    later = NOW + timedelta(minutes=17)
    for job in Schedule(only="sequence").jobs:
        ended_well(job.expected, later)
    assert _heard(later) == {"AmendsJobsLate": ["rest", "send"]}


def test_a_job_that_fails_each_time_is_missed_though_its_process_lives(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = _schedule("rest", ScheduledJob("mail", 30, _fail))
    schedule.run()
    for minute in range(1, 20):
        at = NOW + timedelta(minutes=minute)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        for job in schedule.jobs:
            job.due_at, job.reported_at = 0, float("-inf")
        schedule.stopping = threading.Event()
        schedule.pass_once()
    for job in Schedule().jobs:
        if job.expected.group != "rest":
            ended_well(job.expected, at)
    assert _heard(at) == {"AmendsJobsLate": ["rest"]}
    schedule.jobs = [ScheduledJob("mail", 30, lambda: None)]
    schedule.pass_once()
    assert _heard(at) == {}, "it goes well again"


def test_a_job_that_is_no_more_is_awaited_no_longer(db: None, tmp_path: Path) -> None:
    old = ScheduledJob("of an older version", 1, lambda: None).expected
    expect([old], NOW - timedelta(days=1))
    assert late_s(NOW)["rest"] > 80_000
    expect(Schedule().everything, NOW)
    ended_well(old, NOW - timedelta(days=1))
    assert max(late_s(NOW).values()) == 0


def test_a_clock_set_back_makes_nothing_late(db: None) -> None:
    expect(Schedule().everything, NOW)
    assert max(late_s(NOW - timedelta(hours=1)).values()) == 0


def test_a_disk_that_takes_nothing_stops_no_job(db: None, tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("no folder")
    done: list[str] = []
    _schedule("rest", ScheduledJob("mail", 30, lambda: done.append("mail"))).run()
    assert done == ["mail"]
    assert late_s(NOW) == {}


def test_the_command_says_which_jobs_are_late_and_what_to_do(db: None) -> None:
    expect(Schedule().everything, NOW - timedelta(days=3))
    shown = amends("operation", "show", "--json")
    alarm = next(one for one in json.loads(shown.out)["alarms"] if one["id"] == "AmendsJobsLate")
    assert [one["labels"]["jobs"] for one in alarm["readings"]] == ["rest", "send", "sequence"]
    for language, words in (
        ("zh-hans", "后台任务晚了超过一刻钟"),
        ("en", "more than a quarter of an hour late"),
    ):
        with speaking(language):
            assert words in amends("operation", "show", "--check").err
