"""The figures of a period: rate, change, what was kept, by class and place and channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from amends.complaints.measured import complaint_columns
from amends.indicators.rules.definitions import Definition, definitions
from amends.indicators.rules.league import Entry, Place, league
from amends.indicators.rules.measures import Measure, measures
from amends.indicators.rules.rates import Change, Figure, change, figure
from amends.kit.errors import BadInput
from amends.subscribers.counts import users_by

DIMENSIONS = ("root", "code", "area", "channel", "brand")
OWN_USERS = ("area", "brand")
"""Dimensions whose units have users of their own; the others are rates of all users."""
LONGEST = timedelta(days=3660)


class UnableToMeasure(BadInput):
    """The period or the dimension cannot be measured."""

    code = "unable_to_measure"


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a dimension; `place` is its standing in the league, None without own users."""

    unit: str
    figure: Figure | None
    measure: Measure
    place: Place | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a page or a file shows of one period; `change` is None without a period before."""

    start: date
    end: date
    by: str
    users: float
    whole: Figure | None
    before: Figure | None
    change: Change | None
    measure: Measure
    rows: list[Row]
    weeks: list[Figure]


def report(*, start: date, end: date, by: str, zone: str, on: date, brand: str = "") -> Report:
    """Measure the complaints received in `[start, end)`, days of `zone`.

    on      the day whose definition holds

    The users of a period are the mean of those at its two ends.
    """
    _check(start, end, by)
    moment = _at(zone)
    rule = definitions(on)["operator"]
    frame = _frame(complaint_columns(start=moment(start), end=moment(end), brand=brand), zone)
    everybody = _mean(
        users_by("", at=moment(start), brand=brand), users_by("", at=moment(end), brand=brand)
    )
    users = everybody.get("", 0.0)
    own = (
        _mean(
            users_by(by, at=moment(start), brand=brand), users_by(by, at=moment(end), brand=brand)
        )
        if by in OWN_USERS
        else {}
    )
    whole = _figure(frame.height, users, rule, start, end)
    before = _before(start, end, moment, rule, brand)
    (total,) = measures(frame) or [Measure("", 0, 0, 0, 0, 0, 0, 0, 0.0, 0)]
    return Report(
        start=start,
        end=end,
        by=by,
        users=users,
        whole=whole,
        before=before,
        change=change(whole, before) if whole and before else None,
        measure=total,
        rows=_rows(measures(frame, by), by, users, own, rule, start, end),
        weeks=_weeks(frame, users, rule, start, end),
    )


def _check(start: date, end: date, by: str) -> None:
    if end <= start:
        raise UnableToMeasure("The period ends before it starts.", next_step="Choose a later end.")
    if end - start > LONGEST:
        raise UnableToMeasure(
            "The period is longer than ten years.", next_step="Choose a shorter one."
        )
    if by not in DIMENSIONS:
        raise UnableToMeasure(
            f"There is no dimension {by!r}.", next_step=f"Choose from {', '.join(DIMENSIONS)}."
        )


def _at(zone: str) -> Callable[[date], datetime]:
    return lambda day: datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


def _frame(columns: dict[str, list[object]], zone: str) -> pl.DataFrame:
    """The columns with what the measures need: seconds, root of the class, local week."""
    stamp = pl.Datetime("us", "UTC")
    frame = pl.DataFrame(
        columns,
        schema_overrides={"received_at": stamp, "first_resolved_at": stamp, "late": pl.Boolean,
                          "decided_by_rule": pl.Boolean, "reopened_count": pl.Int64,
                          "amount_minor": pl.Int64, "code": pl.String, "area": pl.String,
                          "channel": pl.String, "brand": pl.String, "verdict": pl.String},
    )  # fmt: skip
    return frame.with_columns(
        received_s=pl.col("received_at").dt.epoch("s"),
        resolved_s=pl.col("first_resolved_at").dt.epoch("s"),
        root=pl.col("code").str.split(".").list.first(),
        week=pl.col("received_at").dt.convert_time_zone(zone).dt.truncate("1w").dt.date(),
    )


def _mean(first: dict[str, int], last: dict[str, int]) -> dict[str, float]:
    units = first.keys() | last.keys()
    return {unit: (first.get(unit, 0) + last.get(unit, 0)) / 2 for unit in units}


def _figure(count: int, users: float, rule: Definition, start: date, end: date) -> Figure | None:
    return figure(count, users, rule, start=start, end=end) if users > 0 else None


def _before(
    start: date, end: date, moment: Callable[[date], datetime], rule: Definition, brand: str
) -> Figure | None:
    """The period of the same length just before, None where nobody was served then."""
    earlier = start - (end - start)
    columns = complaint_columns(start=moment(earlier), end=moment(start), brand=brand)
    users = _mean(
        users_by("", at=moment(earlier), brand=brand), users_by("", at=moment(start), brand=brand)
    )
    return _figure(len(columns["code"]), users.get("", 0.0), rule, earlier, start)


def _rows(
    found: list[Measure],
    by: str,
    users: float,
    own: dict[str, float],
    rule: Definition,
    start: date,
    end: date,
) -> list[Row]:
    if by not in OWN_USERS:
        rows = [
            Row(one.unit, _figure(one.complaints, users, rule, start, end), one, None)
            for one in found
        ]
        return sorted(rows, key=lambda row: (-row.measure.complaints, row.unit))
    known = {one.unit: one for one in found}
    nothing = Measure("", 0, 0, 0, 0, 0, 0, 0, 0.0, 0)
    entries = [
        Entry(unit, known.get(unit, nothing).complaints, count)
        for unit, count in own.items()
        if unit
    ]
    rows = [
        Row(
            place.entry.name,
            _figure(place.entry.count, place.entry.users, rule, start, end),
            known.get(place.entry.name, nothing),
            place,
        )
        for place in league(entries)
    ]
    strangers = [one for one in found if not one.unit or not own.get(one.unit)]
    return rows + [Row(one.unit, None, one, None) for one in strangers]


def _weeks(
    frame: pl.DataFrame, users: float, rule: Definition, start: date, end: date
) -> list[Figure]:
    """The whole weeks of the period, Monday to Sunday, each with its rate."""
    if users <= 0:
        return []
    counts = dict(frame.group_by("week").len().iter_rows())
    monday = start + timedelta(days=-start.weekday() % 7)
    found = []
    while monday + timedelta(days=7) <= end:
        after = monday + timedelta(days=7)
        found.append(figure(counts.get(monday, 0), users, rule, start=monday, end=after))
        monday = after
    return found
