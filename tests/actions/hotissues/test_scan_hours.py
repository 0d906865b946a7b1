"""The scan by the hour: a rise of a few hours is an issue the same morning, and a move is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.actions.hotissues.desk_days import NOW, write

from amends.cases.complaints.models import Complaint
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_hours import scan_hours
from amends.problems.hotissues.models import Alarm, HotIssue
from amends.problems.hotissues.queries import issues

SHANGHAI = ZoneInfo("Asia/Shanghai")

pytestmark = pytest.mark.django_db


def busy(seed: int, *, days: int = 35) -> None:
    """A desk with an hour-of-day season: two classes in two areas."""
    chance = np.random.default_rng(seed)
    for code in ("network.speed", "billing.wrong_charge"):
        for area in ("north", "south"):
            hours = [
                hour
                for hour in range(3, days * 24)
                for _ in range(chance.poisson(0.5 if 8 <= (12 - hour) % 24 <= 20 else 0.05))
            ]
            at(hours, code, area)


def at(hours: list[int], code: str, area: str) -> list[str]:
    refs = write([0] * len(hours), code, area=area)
    rows = list(Complaint.objects.filter(id__in=refs).order_by("id"))
    for row, hour in zip(rows, hours, strict=True):
        row.received_at = NOW - timedelta(hours=hour, minutes=20)
    Complaint.objects.bulk_update(rows, ["received_at"], batch_size=400)
    return refs


def test_a_rise_of_three_hours_is_an_issue_before_the_day_is_over() -> None:
    busy(1)
    at([1, 1, 1, 1, 2, 2, 2, 2, 3, 3], "network.outage", "south")
    found = scan_hours(now=NOW)
    assert found.hours == 24
    assert 0 < found.false_a_week <= 0.3
    assert len(found.issues) == 1
    issue = HotIssue.objects.get(id=found.issues[0])
    assert issue.grain == "hour"
    assert NOW - issue.started_at < timedelta(hours=6)
    assert set(issue.alarms.values_list("grain", flat=True)) == {"hour"}
    assert "network" in issue.cells.get(main=True).place


def test_alarms_of_hours_and_of_days_are_one_issue() -> None:
    busy(2)
    at([1] * 6 + [2] * 6 + [3] * 6, "network.outage", "south")
    found = scan_hours(now=NOW)
    assert scan_desk(now=NOW).issues == found.issues
    assert set(Alarm.objects.values_list("grain", flat=True)) == {"day", "hour"}
    (issue,) = issues()
    assert issue.persons == 18


def test_an_hour_is_judged_once_and_the_hour_that_runs_is_not() -> None:
    busy(3)
    scan_hours(now=NOW)
    before = len(issues())
    at([-1] * 30, "network.outage", "south")
    assert scan_hours(now=NOW + timedelta(minutes=50)).hours == 0
    assert len(issues()) == before
    later = scan_hours(now=NOW + timedelta(hours=1))
    assert later.hours == 2
    assert len(issues()) == before + 1


def test_a_class_that_was_renamed_at_noon_is_no_outbreak() -> None:
    busy(4)
    since = NOW - timedelta(hours=12)
    Complaint.objects.filter(code="network.speed", received_at__gt=since).update(
        code="network.coverage"
    )
    assert scan_hours(now=NOW).issues == []


def test_too_little_history_is_not_judged() -> None:
    busy(5, days=12)
    assert scan_hours(now=NOW).hours == 0


@pytest.mark.parametrize("known", [True, False])
def test_the_hours_of_a_festival_are_held_against_the_days_of_the_last_one(known: bool) -> None:
    """From 10 February 2026 on twice as many complain; so they did from 22 January 2025 on."""
    now = datetime(2026, 2, 20, 4, tzinfo=UTC)
    chance = np.random.default_rng(6)
    moments = []
    for ago in range(320, 455) if known else ():
        day = now - timedelta(days=ago)
        festive = date(2025, 1, 22) <= day.astimezone(SHANGHAI).date() < date(2025, 2, 12)
        moments += [day] * chance.poisson(48 if festive else 24)
    for hour in range(1, 35 * 24):
        moment = now - timedelta(hours=hour)
        festive = moment.astimezone(SHANGHAI).date() >= date(2026, 2, 10)
        moments += [moment + timedelta(minutes=20)] * chance.poisson(2.0 if festive else 1.0)
    for code in ("network.speed", "billing.wrong_charge"):
        refs = write([0] * len(moments), code, area="north")
        rows = list(Complaint.objects.filter(id__in=refs).order_by("id"))
        for row, moment in zip(rows, moments, strict=True):
            row.received_at = moment
        Complaint.objects.bulk_update(rows, ["received_at"], batch_size=400)
    assert bool(scan_hours(now=now).issues) is not known
