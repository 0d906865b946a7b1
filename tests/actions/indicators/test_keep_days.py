"""Measured days kept: at every step what a reader gets is what the rows themselves say."""

from __future__ import annotations

import time
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from django.conf import settings
from polars.testing import assert_frame_equal
from tests.actions.complaints.conftest import NOW, World, world
from tests.actions.complaints.test_desk import LATER, complain, run_desk

from amends.cases.complaints.actions.respond import answer_outcome
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Complaint, Event
from amends.platform.kit import ids
from amends.platform.kit.actors import Actor
from amends.problems.indicators.actions.update_daily_columns import update_days
from amends.problems.indicators.models import MeasuredDay, MeasuredMark
from amends.problems.indicators.queries import columns as keeping
from amends.problems.indicators.queries.columns import columns, plain, stored_measures
from amends.work.remedies.actions.export import acknowledge, export

pytestmark = pytest.mark.postgres_too

__all__ = ["world"]

FROM, TO = date(2026, 1, 1), date(2027, 6, 1)


def as_kept() -> pl.DataFrame:
    found = stored_measures(FROM, TO)
    assert found is not None
    return pl.concat(found, how="diagonal").sort("id")


def same() -> None:
    rows = plain(start=FROM, end=TO, zone=settings.TIME_ZONE).sort("id")
    assert_frame_equal(as_kept(), rows, check_column_order=False)


@pytest.fixture(params=[0, keeping.BACK_MS])
def _back(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks alone must do: looking a little further back hides nothing they miss."""
    monkeypatch.setattr(keeping, "BACK_MS", request.param)


@pytest.mark.usefixtures("_back")
def test_every_step_of_a_complaint_is_seen_at_once_and_after_the_job(world: World) -> None:
    complaint = complain()
    update_days(now=NOW)
    same()
    run_desk()
    same()
    assert as_kept()["verdict"].to_list() == ["upheld"]
    update_days(now=NOW)
    same()
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, f"B{at}") for at, row in enumerate(rows)], now=NOW)
    same()
    assert as_kept()["paid_minor"].to_list() == [3000]
    clocks.check_clocks(now=NOW)
    update_days(now=NOW)
    same()
    clocks.check_clocks(now=LATER)
    update_days(now=LATER)
    answer_outcome(
        complaint.id,
        answer="solved",
        satisfaction=5,
        text="",
        now=LATER,
        actor=Actor("subscriber", world.person),
    )
    same()
    update_days(now=LATER)
    same()
    assert as_kept()["satisfaction"].to_list() == [5]


@pytest.mark.usefixtures("_back")
def test_late_ones_new_ones_and_enquiries_are_seen(world: World) -> None:
    complain()
    update_days(now=NOW)
    run_desk()
    another = complain(key="k2", channel="web", identity="", phone="13900009999")
    same()
    assert another.next_due_at is not None
    clocks.check_clocks(now=another.next_due_at + timedelta(hours=3))
    same()
    assert as_kept()["late"].to_list().count(True) >= 1
    update_days(now=NOW)
    same()
    Complaint.objects.filter(id=another.id).update(kind="enquiry")
    Event.objects.create(complaint=another, at=NOW, verb="taken", actor="usr-1")
    same()
    assert as_kept().height == 1
    update_days(now=NOW)
    same()


def test_a_clock_set_back_an_hour_hides_nothing_from_the_days_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids of complaints and of their events then lie below the marks, payments before theirs."""
    first = complain()
    update_days(now=NOW)
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(ids, "time", SimpleNamespace(time=lambda: time.time() - 3600))
    second = complain(key="k2", channel="web", identity="", phone="13900009999")
    run_desk()
    assert second.id < first.id
    back = NOW - timedelta(hours=1)
    update_days(now=back)
    same()
    assert as_kept().height == 2
    _, rows = export(now=back)
    acknowledge([(row.remedy, f"B{at}") for at, row in enumerate(rows)], now=back)
    update_days(now=back)
    same()
    assert sum(as_kept()["paid_minor"].to_list()) == 3000


def many(number: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    Complaint.objects.bulk_create(
        Complaint(
            channel="web",
            area=f"area-{at % 5}",
            code="network.speed",
            jurisdiction="cn",
            received_at=NOW - timedelta(days=float(chance.uniform(0, 60))),
            recorded_at=NOW,
            state_since=NOW,
            first_words="x",
            classified_by="test",
            brand="ab"[at % 2],
        )
        for at in range(number)
    )


def test_a_brand_and_a_period_are_cut_out(db: None) -> None:
    many(300, 1)
    update_days(now=NOW)
    many(40, 2)
    start, end = NOW.date() - timedelta(days=20), NOW.date() - timedelta(days=5)
    for brand in ("", "a"):
        found = stored_measures(start, end, brand=brand)
        assert found is not None
        rows = plain(start=start, end=end, zone=settings.TIME_ZONE, brand=brand)
        frame = pl.concat(found, how="diagonal")
        assert_frame_equal(frame.sort("id"), rows.sort("id"), check_column_order=False)
        assert rows.height > 5


def test_with_nothing_kept_or_too_much_changed_the_rows_are_read(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(30, 3)
    assert stored_measures(FROM, TO) is None
    update_days(now=NOW)
    assert MeasuredMark.objects.filter(stream__in=keeping.STREAMS).count() == 3
    monkeypatch.setattr(keeping, "MOST_PENDING", 20)
    many(30, 4)
    assert stored_measures(FROM, TO) is None
    assert columns(start=FROM, end=TO, zone=settings.TIME_ZONE).height == 60
    assert update_days(now=NOW) >= 30
    assert MeasuredDay.objects.count() > 10


def test_a_great_many_are_read_anew_only_until_they_have_settled(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing came after them: without a pass that knows the hour they would stay the newest, and
    every page would read all rows."""
    many(60, 7)
    update_days(now=NOW)
    monkeypatch.setattr(keeping, "MOST_PENDING", 20)
    assert stored_measures(FROM, TO) is None
    # As if the pass came so much later.
    monkeypatch.setattr(keeping, "SETTLED_MS", -keeping.BACK_MS)
    update_days(now=NOW)
    same()
    many(5, 8)
    same()
    assert as_kept().height == 65


def test_few_of_very_many_are_laid_over_what_is_kept(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(80, 9)
    monkeypatch.setattr(keeping, "SETTLED_MS", -keeping.BACK_MS)
    update_days(now=NOW)
    update_days(now=NOW)
    monkeypatch.setattr(keeping, "MOST_PENDING", 2)
    many(6, 10)
    same()
    many(20, 11)
    assert stored_measures(FROM, TO) is None


def test_a_great_many_at_once_are_taken_in_by_parts(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(10, 5)
    update_days(now=NOW)
    monkeypatch.setattr("amends.problems.indicators.actions.update_daily_columns.MOST_AT_ONCE", 7)
    many(50, 6)
    update_days(now=NOW)
    monkeypatch.setattr(keeping, "MOST_PENDING", 10_000)
    same()
    assert sum(MeasuredDay.objects.values_list("rows", flat=True)) == 60


def test_days_kept_before_currencies_were_are_read_and_taken_on(world: World) -> None:
    """Their money has the one currency of what came since, or that of the place."""
    complain()
    run_desk()
    update_days(now=NOW)
    for day in MeasuredDay.objects.all():
        old = keeping.unpacked(bytes(day.columns)).drop("currency")
        MeasuredDay.objects.filter(day=day.day).update(columns=keeping.packed(old))
    (day,) = MeasuredDay.objects.all()
    assert keeping.unpacked(bytes(day.columns))["currency"].to_list() == [""]
    assert stored_measures(FROM, TO) is not None
    Event.objects.create(complaint=Complaint.objects.get(), at=LATER, verb="taken", actor="usr-1")
    same()
    update_days(now=LATER)
    same()
    assert as_kept()["currency"].to_list() == ["CNY"]
