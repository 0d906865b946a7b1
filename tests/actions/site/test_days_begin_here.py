"""At half past midnight, by the clock of the place, the rules that take effect today hold already."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from django.conf import LazySettings

from amends.causes.confirmations.actions import audit_past as look_back
from amends.causes.confirmations.rules.required import demanded_in
from amends.causes.notices.actions.run import loaded
from amends.causes.notices.queries.preferences import open_choices
from amends.engines.duties.book import book
from amends.operations.health.readings import readings
from amends.people.access.queries import may
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.queries import subscriber
from amends.platform.kit.actors import Actor
from amends.platform.kit.packs import UnableToFindRules
from amends.platform.kit.periods import to_ms
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.actions.propose import Proposal, propose

pytestmark = pytest.mark.django_db
BEIJING, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def half_past(year: int, month: int, day: int, zone: ZoneInfo = BEIJING) -> datetime:
    """Half past midnight, as `timezone.now()` says it: in UTC."""
    return datetime(year, month, day, 0, 30, tzinfo=zone).astimezone(UTC)


def choices_at(now: datetime) -> set[str]:
    """The duties that leave a person a choice at that moment."""
    ref = register(NewSubscriber(name="某人", phone="13900001234"), now=now)
    person = subscriber(ref)
    assert person is not None
    return {one.duty.id for one in open_choices(person, now=now)}


def refund(currency: str) -> Proposal:
    return Proposal(
        cause="complaint:a",
        kind="refund",
        subscriber="person-1",
        service="svc-1",
        charge="chg-1",
        charge_minor=1000,
        amount_minor=600,
        rule="cn.confirmation@2025-04-30",
        currency=currency,
    )


def test_a_right_holds_from_midnight() -> None:
    first = half_past(2021, 11, 1)
    assert may(["administrator"], "admin", at=first)
    with pytest.raises(UnableToFindRules):
        may(["administrator"], "admin", at=first - HOUR)


def test_a_limit_of_money_holds_from_midnight() -> None:
    first = half_past(2000, 1, 1)
    (remedy,) = propose([refund("CNY")], by="amends", now=first)
    with pytest.raises(UnableToFindRules):
        approve([remedy.id], actor=Actor("user", "usr-1", ("handler",)), now=first - HOUR)
    (approved,) = approve([remedy.id], actor=Actor("user", "usr-1", ("handler",)), now=first)
    assert approved.state == "approved"


def test_a_duty_holds_from_midnight() -> None:
    first = half_past(2026, 11, 1)
    assert {"cn.best_yearly", "cn.roaming_border"} <= choices_at(first)
    assert not {"cn.best_yearly", "cn.roaming_border"} & choices_at(first - HOUR)


def test_the_engine_counts_by_the_duties_of_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()

    def noted(place: str, on: date) -> Any:
        asked.add((place, on.isoformat()))
        return book(place, on)

    monkeypatch.setattr("amends.causes.notices.actions.run.book", noted)
    loaded("cn", half_past(2026, 11, 1), None)
    assert ("cn", "2026-11-01") in asked
    assert {day for _, day in asked} == {"2026-11-01"}


def test_charges_of_the_first_hour_are_asked_for_their_confirmation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From 30 April 2025 on any service needs one; what began at midnight that day does."""
    first, found = half_past(2025, 4, 30), []
    begun = np.array([to_ms(first - HOUR / 4), to_ms(first - HOUR)])

    def noted(jurisdiction: str, *, on: date) -> Any:
        needed = demanded_in(jurisdiction, on=on)
        found.extend(needed(pl.Series(["monthly_fee", "monthly_fee"]), begun).tolist())
        return needed

    monkeypatch.setattr(look_back, "demanded_in", noted)
    look_back.judged(start=first - 2 * HOUR, end=first, now=first)
    assert found == [True, False]


def test_what_is_in_force_is_read_by_the_day_of_the_place() -> None:
    def duties(now: datetime) -> list[str]:
        return [
            one.labels["version"]
            for one in readings(now=now)
            if one.labels and str(one.labels.get("version", "")).startswith("duties-cn@")
        ]

    first = half_past(2026, 11, 1)
    assert duties(first) == ["duties-cn@2026-11-01"]
    assert duties(first - HOUR) == ["duties-cn@2025-05-17"]


def test_west_of_greenwich_a_duty_does_not_hold_the_evening_before(settings: LazySettings) -> None:
    settings.JURISDICTION, settings.TIME_ZONE = "us", "America/New_York"
    first = half_past(2013, 4, 17, NEW_YORK)
    assert first - HOUR > datetime(2013, 4, 17, tzinfo=UTC)
    assert choices_at(first - HOUR) == set()
    assert choices_at(first)


def test_west_of_greenwich_a_right_does_not_hold_the_evening_before(
    settings: LazySettings,
) -> None:
    settings.TIME_ZONE = "America/New_York"
    first = half_past(2021, 11, 1, NEW_YORK)
    assert may(["administrator"], "admin", at=first)
    with pytest.raises(UnableToFindRules):
        may(["administrator"], "admin", at=first - HOUR)
