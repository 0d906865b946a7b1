"""A cap abroad that is stated as a volume: the auditor finds what the engine finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from amends.cases.audits.actions import audit as auditing
from amends.cases.audits.actions import audit_places
from amends.causes.notices.actions import run as running
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.duty import DutyStep
from amends.engines.metering.engine.marks import MeteringPlan
from tests.actions.audits.test_audit_of_lines import (
    FIRST,
    MB,
    Feed,
    audited,
    count,
    found,
    keys,
    lines,
    stated,
)

pytestmark = pytest.mark.django_db


def by_volume(jurisdiction: str, on: date) -> DutyBook:
    """The pack of the Union, its caps in MB instead of euros."""

    def turned(step: DutyStep) -> DutyStep:
        return replace(step, unit="mb", value=step.value // 100) if step.unit == "minor" else step

    own = book(jurisdiction, on)
    duties = tuple(
        replace(duty, steps=tuple(map(turned, duty.steps)))
        if duty.trigger == "roaming_use"
        else duty
        for duty in own.duties
    )
    return replace(own, duties=duties)


@pytest.fixture
def feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Feed:
    settings.JURISDICTION = "eu"
    for module in (auditing, audit_places, running):
        monkeypatch.setattr(module, "book", by_volume)
    return Feed(tmp_path, "EUR")


def steps() -> set[tuple[str, str]]:
    return {(service, step) for service, duty, _, step in found("eu.roam") if step != "once"}


def at(days: int) -> datetime:
    return FIRST + timedelta(days=days)


def test_shares_gates_and_own_caps_of_a_volume(feed: Feed) -> None:
    lines(
        [MeteringPlan("standard"), MeteringPlan("own", roaming=20 * MB)], [("Europe/Berlin", 1)] * 2
    )
    use = [(f"svc-{n}", at(day), "data", 15 * MB, 700, "US") for n in (0, 1) for day in range(8)]
    at_home = [("svc-0", at(3), "data", 900 * MB, 0, ""), ("svc-0", at(4), "voice", 900, 90, "US")]
    count(feed.write(*use, *at_home), jurisdiction="eu")
    assert steps() == {
        ("svc-0", "80%"),
        ("svc-0", "own"),
        ("svc-0", "gate2"),
        ("svc-1", "80%"),
        ("svc-1", "own"),
    }
    assert audited(feed.files, "eu").stated == 0
    assert stated() == keys()


def test_it_is_owed_with_the_engine_switched_off(feed: Feed) -> None:
    lines([MeteringPlan("standard")], [("Europe/Berlin", 1)])
    use = [("svc-0", at(day), "data", 30 * MB, 0, "US") for day in range(4)]
    feed.write(*use)
    audited(feed.files, "eu")
    without = stated()
    count(feed.files[0], jurisdiction="eu")
    assert {step for _, step in steps()} == {"80%", "own", "gate2"}
    assert without == keys()
