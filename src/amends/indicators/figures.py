"""The figures of a period: rate, change, what was kept, by class and place and channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from amends.complaints.measured import complaint_count, received_from_to
from amends.indicators.columns import at, columns, exposure
from amends.indicators.rules.definitions import Definition, definitions
from amends.indicators.rules.league import Entry, Place, league
from amends.indicators.rules.measures import Measure, days_taken, days_to_solve, measures, together
from amends.indicators.rules.rates import Change, Figure, change, figure, is_whole
from amends.kit.errors import BadInput

DIMENSIONS = ("root", "code", "area", "product", "partner", "channel", "brand")
OWN = {"area": "users", "brand": "users", "product": "services", "partner": "services"}
"""Dimensions whose units have users or services of their own; the others are rates of all users."""
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
    """Everything a page or a file shows of one period.

    before, change            against the period of the same length just before, None without one
    year_before, year_change  against the same days of the year before, None without complaints then
    begins                    first day of records, where an earlier period is not compared with for
                              it lacks days before it; None where none is left out
    is_over                   whether the period has ended: before that it is compared with none
    days_to_solve             days within which 80 % were resolved, None while fewer are
    """

    start: date
    end: date
    by: str
    users: float
    whole: Figure | None
    before: Figure | None
    change: Change | None
    year_before: Figure | None
    year_change: Change | None
    measure: Measure
    rows: list[Row]
    weeks: list[Figure]
    days_to_solve: int | None
    begins: date | None = None
    is_over: bool = True


def report(
    *,
    start: date,
    end: date,
    by: str,
    zone: str,
    on: date,
    brand: str = "",
    since: date | None = None,
) -> Report:
    """Measure the complaints received in `[start, end)`, days of `zone`.

    on      the day whose definition holds
    since   where the period before began, if not as many days before as this one has

    The users of a period are the mean of those at its two ends.
    """
    _check(start, end, by)
    rule = definitions(on)["operator"]
    where = {"zone": zone, "brand": brand}
    frame = columns(start=start, end=end, **where)
    users = exposure("", start=start, end=end, **where).get("", 0.0)
    own = exposure(by, start=start, end=end, **where)
    whole = _figure(frame.height, users, rule, start, end)
    before = _earlier(since or start - (end - start), start, rule, **where)
    year = _earlier(_year_before(start), _year_before(end), rule, **where)
    if year and not year.count:  # Nothing was kept of that time: no rate, and no change.
        year = None
    begins, partly, is_over = first_day(zone), None, end <= on + timedelta(days=1)
    if before and not is_whole(before, begins):
        before, partly = None, begins
    if year and not is_whole(year, begins):
        year, partly = None, begins
    # Lazily, so that no flag of a million rows is laid down before it is summed.
    found = measures(frame.lazy(), by)
    total = together(found)
    return Report(
        start=start,
        end=end,
        by=by,
        users=users,
        whole=whole,
        before=before,
        change=change(whole, before) if whole and before and is_over else None,
        year_before=year,
        year_change=change(whole, year) if whole and year and is_over else None,
        measure=total,
        rows=_rows(found, by, users, own, rule, start, end),
        weeks=_weeks(frame, users, rule, start, end),
        days_to_solve=days_to_solve(days_taken(frame.lazy()).get("", {}), total.complaints),
        begins=partly,
        is_over=is_over,
    )


def first_day(zone: str) -> date | None:
    """The first day of which complaints are kept, imported ones too; None without any."""
    first, _last = received_from_to()
    return first.astimezone(ZoneInfo(zone)).date() if first else None


def _check(start: date, end: date, by: str) -> None:
    if end <= start:
        raise UnableToMeasure(
            _("The period ends before it starts."), next_step=_("Choose a later end.")
        )
    if end - start > LONGEST:
        raise UnableToMeasure(
            _("The period is longer than ten years."), next_step=_("Choose a shorter one.")
        )
    if by not in DIMENSIONS:
        raise UnableToMeasure(
            _("Nothing can be measured by “%(what)s”.") % {"what": by[:20]},
            next_step=_("Choose from %(names)s.") % {"names": ", ".join(DIMENSIONS)},
        )


def _figure(count: int, users: float, rule: Definition, start: date, end: date) -> Figure | None:
    return figure(count, users, rule, start=start, end=end) if users > 0 else None


def _earlier(start: date, end: date, rule: Definition, *, zone: str, brand: str) -> Figure | None:
    """An earlier period, None where nobody was served then."""
    users = exposure("", start=start, end=end, zone=zone, brand=brand).get("", 0.0)
    moment = at(zone)
    count = complaint_count(start=moment(start), end=moment(end), brand=brand)
    return _figure(count, users, rule, start, end)


def _year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _rows(
    found: list[Measure],
    by: str,
    users: float,
    own: dict[str, float],
    rule: Definition,
    start: date,
    end: date,
) -> list[Row]:
    if not own:
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
