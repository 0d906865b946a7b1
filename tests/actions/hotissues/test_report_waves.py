"""A wave of reports of spam and fraud is a hot issue; a leak is its candidate cause."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.actions.hotissues.desk_days import NOW

from amends.causes.protection.actions.report import NewReport, report
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.scan_other_sources import scan_other_sources
from amends.problems.hotissues.models import BesideAlarm, HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"


def _people(count: int, prefix: str) -> list[str]:
    return [
        register(NewSubscriber(phone=f"{prefix}{number:05d}"), now=NOW - 200 * DAY)
        for number in range(count)
    ]


def _report(person: str, key: str, days: float) -> None:
    new = NewReport(
        key=key,
        thing="message",
        channel="app",
        number="10698800001",
        text=FRAUD,
        subscriber=person,
    )
    report(new, now=NOW - days * DAY)


def _quiet(people: list[str]) -> None:
    chance = np.random.default_rng(1)
    days = [day for day in range(60) for _ in range(chance.poisson(0.5))]
    for at, day in enumerate(days):
        _report(people[at % len(people)], f"q{at}", day + 0.1)


def test_a_wave_is_an_issue_with_the_leak_as_its_cause() -> None:
    usual, leaked = _people(12, "139100"), _people(30, "139200")
    _quiet(usual)
    looked = [
        Fact(
            "DataAccessed",
            person,
            "",
            NOW - 20 * DAY,
            "access",
            {
                "user": "usr-leak",
                "role": "agent",
                "fields": "phone",
                "case": "",
                "purpose": "complaint",
                "partner": "",
                "reason": "",
                "unmasked": 1,
            },
        )
        for person in leaked
    ]
    append(looked, now=NOW - 20 * DAY)
    for at, person in enumerate(leaked):
        _report(person, f"w{at}", 0.02 + 0.1 * (at % 3))
    scan_other_sources(now=NOW)
    assert BesideAlarm.objects.filter(kind="report").exists()
    issue = HotIssue.objects.get()
    assert issue.cells.get(main=True).place == "code=nuisance.spam_fraud"
    first = issue.causes.order_by("rank").first()
    assert first is not None
    assert (first.kind, first.reference) == ("lookups", "usr-leak")
    scan_other_sources(now=NOW)
    assert HotIssue.objects.count() == 1
    find_causes([issue.id], now=NOW)
    assert issue.causes.filter(kind="lookups").exists(), "a later ranking finds it too"


def test_ordinary_reports_open_no_issue() -> None:
    _quiet(_people(12, "139100"))
    scan_other_sources(now=NOW)
    assert not HotIssue.objects.exists()
