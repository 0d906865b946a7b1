"""Indicators are counted in parts: what a count holds at once does not grow with the complaints."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.conf import settings
from polars.testing import assert_frame_equal
from tests.actions.complaints.conftest import NOW
from tests.actions.indicators.test_keep_days import FROM, TO, many

from amends.cases.complaints.queries import analytics as measured
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.problems.indicators.actions.update_daily_columns import update_days
from amends.problems.indicators.queries import columns as counting
from amends.problems.indicators.queries.figures import PeriodReport, report
from amends.problems.indicators.rules.measures import UnitFigures

pytestmark = pytest.mark.postgres_too

HERE: dict[str, Any] = {"start": FROM, "end": TO, "zone": settings.TIME_ZONE}


def _small(monkeypatch: pytest.MonkeyPatch, *, piece: int, part: int) -> None:
    monkeypatch.setattr(measured, "PIECE", piece)
    monkeypatch.setattr(counting, "PART_ROWS", part)


def _report(by: str) -> PeriodReport:
    return report(**HERE, by=by, on=NOW.date())


@pytest.mark.parametrize("is_kept", [False, True])
def test_parts_are_small_and_together_they_are_all(
    db: None, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    many(230, 1)
    if is_kept:
        update_days(now=NOW)
        many(25, 2)
    whole = counting.columns(**HERE)
    _small(monkeypatch, piece=20, part=50)
    parts = list(counting.parts(**HERE))
    assert len(parts) >= whole.height / 50
    assert max(part.height for part in parts) <= 50
    assert_frame_equal(pl.concat(parts).sort("id"), whole.sort("id"), check_column_order=False)


@pytest.mark.parametrize("by", ["root", "area", "brand", "cn-2025"])
def test_a_report_added_up_is_that_of_all_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    register_many([NewSubscriber(phone=f"1390000{at:04d}") for at in range(9)], now=NOW)
    many(230, 3)
    taken = measured.Complaint.objects.order_by("id")
    for at, row in enumerate(taken[:90]):
        taken.filter(id=row.id).update(
            verdict="upheld",
            amount_minor=500,
            currency="CNY",
            code=f"billing.{'ab'[at % 2]}",
            first_resolved_at=row.received_at + timedelta(hours=11 * at),
        )
    at_once = _report(by)
    _small(monkeypatch, piece=20, part=50)
    assert _rounded(_report(by)) == _rounded(at_once)
    assert at_once.measure.complaints == 230
    assert at_once.measure.granted == 90
    assert sum(week.count for week in at_once.weeks) > 100


def _rounded(found: PeriodReport) -> PeriodReport:
    """Sums of days differ in their last digits by the order they were added in."""

    def rounded(one: UnitFigures) -> UnitFigures:
        return replace(one, days=round(one.days, 6), days2=round(one.days2, 3))

    rows = [replace(row, measure=rounded(row.measure)) for row in found.rows]
    return replace(found, measure=rounded(found.measure), rows=rows)


def test_no_part_without_complaints_says_less_than_none(db: None) -> None:
    (part,) = counting.parts(**HERE)
    assert part.height == 0
    assert {"week", "root", "kind"} <= set(part.columns)
    assert _report("area").measure.complaints == 0


def test_five_times_the_complaints_need_no_more_memory(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small(monkeypatch, piece=100, part=200)

    def most() -> int:
        tracemalloc.start()
        _report("area")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    many(400, 5)
    most()
    few = most()
    many(1_600, 6)
    assert most() < few * 1.3
