"""Figures of indicators: rates and shares with their definition, by part and unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from amends.cases.complaints.queries import classes_version
from amends.cases.complaints.queries.analytics import complaint_count, received_from_to
from amends.channels.queries.capabilities import electronic
from amends.engines.stats.rates import Mean, mean
from amends.platform.kit.packs import pack
from amends.problems.indicators import refusals
from amends.problems.indicators.queries.columns import at, exposure, in_classes_of, parts
from amends.problems.indicators.rules.definitions import Definition, definitions
from amends.problems.indicators.rules.league import LeagueEntry, LeaguePlace, league
from amends.problems.indicators.rules.measures import (
    UnitFigures,
    days_taken,
    days_to_solve,
    measures,
    together,
)
from amends.problems.indicators.rules.rates import RateChange, RateFigure, change, figure, is_whole
from amends.problems.indicators.rules.shares import ShareFigure, ShareIndicator, standings

# The figures of a period: rate, change, what was kept, by class and place and channel.


DIMENSIONS = (
    "root",
    "code",
    "area",
    "product",
    "partner",
    "channel",
    "brand",
    "cn-2025",
    "cn-2012",
    "ofcom",
    "acma",
)
"""The last ones are versions of regulators' classes, to which ours are translated."""
OWN = {"area": "users", "brand": "users", "product": "services", "partner": "services"}
"""Dimensions whose units have users or services of their own; the others are rates of all users."""
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One unit of a dimension; `place` is its standing in the league, None without own users.

    days_to_solve  days within which 80% of its complaints were resolved, None while fewer are
    """

    unit: str
    figure: RateFigure | None
    measure: UnitFigures
    place: LeaguePlace | None
    days_to_solve: int | None = None

    @property
    def days(self) -> Mean | None:
        """Mean days to the first resolution, with their interval."""
        return mean(self.measure.days, self.measure.days2, self.measure.resolved)


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """Everything a page or a file shows of one period.

    before, change            against the period of the same length just before, None without one
    year_before, year_change  against the same days of the year before, None without complaints then
    begins                    first day of records, where an earlier period is not compared with for
                              it lacks days before it; None where none is left out
    is_over                   whether the period has ended: before that it is compared with none
    days_to_solve             days within which 80% were resolved, None while fewer are
    classes                   version of the classes complaints are sorted by
    currency                  of what was granted and paid; "" where there are several, and no sum
    """

    start: date
    end: date
    by: str
    users: float
    whole: RateFigure | None
    before: RateFigure | None
    change: RateChange | None
    year_before: RateFigure | None
    year_change: RateChange | None
    measure: UnitFigures
    rows: list[FigureRow]
    weeks: list[RateFigure]
    days_to_solve: int | None
    begins: date | None = None
    is_over: bool = True
    classes: str = ""
    currency: str = ""


def report(
    *,
    start: date,
    end: date,
    by: str,
    zone: str,
    on: date,
    brand: str = "",
    since: date | None = None,
) -> PeriodReport:
    """Measure the complaints received in `[start, end)`, days of `zone`.

    on      the day whose definition holds
    since   where the period before began, if not as many days before as this one has

    The users of a period are the mean of those at its two ends.
    """
    _check(start, end, by)
    rule = definitions(on)["operator"]
    where = {"zone": zone, "brand": brand}
    counted = _counted(by, parts(start=start, end=end, **where))
    users = exposure("", start=start, end=end, **where).get("", 0.0)
    own = exposure(by, start=start, end=end, **where)
    of = _Period(start=start, end=end, rule=rule, classes=classes_version())
    total = together(counted.measures.values())
    whole_figure = of.figure(total.complaints, users)
    before = _earlier(since or start - (end - start), start, rule, **where)
    year = _earlier(_year_before(start), _year_before(end), rule, **where)
    if year and not year.count:  # Nothing was kept of that time: no rate, and no change.
        year = None
    begins, partly, is_over = first_day(zone), None, end <= on + timedelta(days=1)
    if before and not is_whole(before, begins):
        before, partly = None, begins
    if year and not is_whole(year, begins):
        year, partly = None, begins
    unit_measures = [counted.measures[unit] for unit in sorted(counted.measures)]
    services = definitions(on).get("operator-services", rule)
    mine = replace(of, rule=services) if OWN.get(by) == "services" else of
    return PeriodReport(
        start=start,
        end=end,
        by=by,
        users=users,
        whole=whole_figure,
        before=before,
        change=change(whole_figure, before) if whole_figure and before and is_over else None,
        year_before=year,
        year_change=change(whole_figure, year) if whole_figure and year and is_over else None,
        measure=total,
        rows=_rows(unit_measures, users, own, counted.taken, mine),
        weeks=_weeks(counted.weeks, users, of),
        days_to_solve=days_to_solve(_all_taken(counted.taken), total.complaints),
        begins=partly,
        is_over=is_over,
        classes=of.classes,
        currency=_currency(counted.currencies, on),
    )


def first_day(zone: str) -> date | None:
    """The first day of which complaints are kept, imported ones too; None without any."""
    first, _last = received_from_to()
    return first.astimezone(ZoneInfo(zone)).date() if first else None


def _check(start: date, end: date, by: str) -> None:
    if end <= start:
        raise refusals.period_ends_first()
    if end - start > LONGEST:
        raise refusals.period_too_long()
    if by not in DIMENSIONS:
        raise refusals.unknown_dimension(what=by[:20], names=", ".join(DIMENSIONS))


@dataclass(frozen=True, slots=True)
class _Period:
    """What every figure of a period has in common."""

    start: date
    end: date
    rule: Definition
    classes: str

    def figure(self, count: int, users: float) -> RateFigure | None:
        """The figure of a count; None where nobody was served."""
        if users <= 0:
            return None
        return figure(count, users, self.rule, start=self.start, end=self.end, classes=self.classes)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is added up, part by part, of the complaints of a period.

    taken       unit → whole days until the first resolution → complaints
    weeks       Monday → complaints received in its week
    currencies  of what was granted
    """

    measures: dict[str, UnitFigures]
    taken: dict[str, Counter[int]]
    weeks: Counter[date]
    currencies: set[str]


def _counted(by: str, frames: Iterable[pl.DataFrame]) -> _Counted:
    period_counts = _Counted(measures={}, taken={}, weeks=Counter(), currencies=set())
    for plain in frames:
        frame = in_classes_of(by, plain)
        # Lazily, so that no flag of many rows is laid down before it is summed.
        for measure in measures(frame.lazy(), by, electronic=electronic()):
            mine = (
                [period_counts.measures[measure.unit]]
                if measure.unit in period_counts.measures
                else []
            )
            period_counts.measures[measure.unit] = replace(
                together([*mine, measure]), unit=measure.unit
            )
        for unit, days in days_taken(frame.lazy(), by).items():
            period_counts.taken.setdefault(unit, Counter()).update(days)
        period_counts.weeks.update(dict(frame.group_by("week").len().iter_rows()))
        granted = frame.filter(pl.col("amount_minor") > 0)["currency"]
        period_counts.currencies.update(granted.unique().to_list())
    return period_counts


def _all_taken(days_by_unit: dict[str, Counter[int]]) -> dict[int, int]:
    day_counts: Counter[int] = Counter()
    for days in days_by_unit.values():
        day_counts.update(days)
    return dict(day_counts)


def _currency(granted: set[str], on: date) -> str:
    """The one currency of what was granted, or that of the place where nothing was."""
    currencies = granted - {""}
    if len(currencies) > 1:
        return ""
    return currencies.pop() if currencies else pack(settings.JURISDICTION, on).currency


def _earlier(
    start: date, end: date, rule: Definition, *, zone: str, brand: str
) -> RateFigure | None:
    """An earlier period, None where nobody was served then."""
    users = exposure("", start=start, end=end, zone=zone, brand=brand).get("", 0.0)
    moment = at(zone)
    count = complaint_count(start=moment(start), end=moment(end), brand=brand)
    return _Period(start=start, end=end, rule=rule, classes=classes_version()).figure(count, users)


def _year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _rows(
    unit_measures: list[UnitFigures],
    users: float,
    own: dict[str, float],
    days_by_unit: dict[str, Counter[int]],
    of: _Period,
) -> list[FigureRow]:
    def row(
        unit: str, measure: UnitFigures, exposed: float, league_position: LeaguePlace | None = None
    ) -> FigureRow:
        days = days_to_solve(days_by_unit.get(unit, {}), measure.complaints)
        return FigureRow(
            unit=unit,
            figure=of.figure(measure.complaints, exposed),
            measure=measure,
            place=league_position,
            days_to_solve=days,
        )

    if not own:
        rows = [row(unit_measure.unit, unit_measure, users) for unit_measure in unit_measures]
        return sorted(rows, key=lambda row: (-row.measure.complaints, row.unit))
    measures_by_unit = {unit_measure.unit: unit_measure for unit_measure in unit_measures}
    entries = [
        LeagueEntry(unit, measures_by_unit.get(unit, UnitFigures(unit)).complaints, count)
        for unit, count in own.items()
        if unit
    ]
    league_places = league(entries)
    rows = [
        row(
            league_place.entry.name,
            measures_by_unit.get(league_place.entry.name, UnitFigures(league_place.entry.name)),
            league_place.entry.users,
            league_place,
        )
        for league_place in league_places
    ]
    strangers = [
        unit_measure
        for unit_measure in unit_measures
        if not unit_measure.unit or not own.get(unit_measure.unit)
    ]
    return rows + [row(stranger.unit, stranger, 0.0) for stranger in strangers]


def _weeks(counts: Counter[date], users: float, of: _Period) -> list[RateFigure]:
    """The whole weeks of the period, Monday to Sunday, each with its rate."""
    if users <= 0:
        return []
    monday = of.start + timedelta(days=-of.start.weekday() % 7)
    week_figures = []
    while monday + timedelta(days=7) <= of.end:
        after = monday + timedelta(days=7)
        count = counts[monday]
        week_figures.append(
            figure(count, users, of.rule, start=monday, end=after, classes=of.classes)
        )
        monday = after
    return week_figures


# Every measure of each unit of a dimension, the same for the page's file, the command and the


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit; `shares` by the id of their indicator."""

    row: FigureRow
    shares: Mapping[str, ShareFigure]


def lines(period_report: PeriodReport, indicators: Iterable[ShareIndicator]) -> list[UnitRow]:
    """The units of a report in its order, each share against those of all of them together."""
    measured = [row.measure for row in period_report.rows]
    by_share = {
        indicator.id: {
            unit_standing.unit: unit_standing for unit_standing in standings(measured, indicator)
        }
        for indicator in indicators
    }
    return [
        UnitRow(row, {ref: units[row.measure.unit] for ref, units in by_share.items()})
        for row in period_report.rows
    ]
