"""Which earlier periods a period is held against, and which of them are alike.

Weeks follow Noufaily et al. (2013): the windows of +-3 weeks around the same week of five earlier
years are one level, the stretches between them nine others, the last 26 weeks are left out so that
an issue that grows slowly does not become its own expectation. The paper takes five years; up to
ten are taken where they are, which finds more at the same rate of false alarms. Days are alike by
weekday, hours by hour of the week; the hours of a day share their references. Periods of a holiday
that moves (Spring Festival) are levels of their own, learnt from the same days of earlier years.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Period = Literal["week", "day", "hour"]

YEARS = 10
YEARS_OF_THE_PAPER = 5
HALF_WINDOW = 3
STRETCHES = 9
LEFT_OUT_WEEKS = 26
WEEKS_A_YEAR = 52
PERIODS_A_YEAR: dict[Period, float] = {"week": 365.25 / 7, "day": 365.25, "hour": 8766.0}
# Days reach back far enough to meet last year's Spring Festival, wherever the moon puts this one.
_DAYS = {"max_periods": 57 * 7, "left_out": 7, "cycle": 7, "min_fitted": 14}
_HOURS = {"max_periods": 12 * 168, "left_out": 48, "cycle": 168, "min_fitted": 168}
LEAST = 8
DAY_HOURS = 24
_CYCLES_FOR_LEVELS, _CYCLES_FOR_TREND = 2, 26


@dataclass(frozen=True, slots=True)
class References:
    """The rows a period is judged by, or the hours of a day.

    first   first reference row
    levels  level of every row from `first` to the last period judged, which is the last row
    fitted  how many of them, from the first on, may enter the fit
    trend   whether there is enough history for a trend (three years of weeks)
    alike   whether the levels of different cells are alike (weekdays, hours of the week)
    festive  levels of a movable holiday
    judged  how many rows, at the end, these references serve; more than one only without a trend
    """

    first: int
    levels: NDArray[np.int64]
    fitted: int
    trend: bool
    alike: bool = False
    festive: tuple[int, ...] = ()
    judged: int = 1

    @property
    def row(self) -> int:
        """The row of the last period judged: the last one that has a level."""
        return self.first + self.levels.size - 1

    @property
    def used(self) -> NDArray[np.float64]:
        """1 for a reference row that enters the fit."""
        return np.ones(self.fitted)


def references(
    row: int,
    *,
    period: Period = "week",
    start: date | None = None,
    special: NDArray[np.int64] | None = None,
    years: int = YEARS,
) -> References | None:
    """The references of `row`, or None if there are too few (weeks 8, days 14, hours 168).

    start    date of row 0; None for undated counts, a year then being 52 weeks
    special  a row's place in a movable holiday (1, 2, ...), 0 outside
    years    how many years of weeks at most

    >>> found = references(575, start=date(2010, 1, 4), years=5)
    >>> found.first, found.fitted, int(found.levels.max()) + 1
    (311, 238, 10)
    """
    if period == "week":
        plain = _weeks(row, start, years)
    elif period == "day":
        plain = _cycle(row, **_DAYS)
    else:
        plain = _of_its_day(row)
    if plain is None or special is None:
        return plain
    return _with_special(plain, special)


def _weeks(row: int, start: date | None, max_weeks: int) -> References | None:
    years = [lag for lag in _anniversaries(row, start, max_weeks) if row - lag - HALF_WINDOW >= 0]
    if not years:
        fitted = max(row - min(LEFT_OUT_WEEKS, row // 4), 0)
        if fitted < LEAST:
            return None
        return References(
            first=0, levels=np.zeros(row + 1, dtype=np.int64), fitted=fitted, trend=False
        )
    first = row - years[-1] - HALF_WINDOW
    levels = np.zeros(row - first + 1, dtype=np.int64)
    for near, far in zip([0, *years], years, strict=False):
        between = far - near - 2 * HALF_WINDOW - 1
        begin = row - far + HALF_WINDOW + 1 - first
        end = min(begin + between, levels.size)
        levels[begin:end] = _stretches(between)[: end - begin]
    left_out = LEFT_OUT_WEEKS if len(years) > 1 else LEFT_OUT_WEEKS // 2
    return References(
        first=first, levels=levels, fitted=row - left_out - first, trend=len(years) >= 3
    )


def _stretches(weeks: int) -> NDArray[np.int64]:
    """`weeks` weeks in nine stretches, the first ones a week longer where it does not divide."""
    each, more = divmod(weeks, STRETCHES)
    sizes = [each + (n < more) for n in range(STRETCHES)]
    return np.repeat(np.arange(1, STRETCHES + 1), sizes)


def _anniversaries(row: int, start: date | None, max_years: int) -> list[int]:
    """Weeks back to the same week of each earlier year: the week that begins nearest to the day."""
    if start is None:
        return [WEEKS_A_YEAR * n for n in range(1, max_years + 1)]
    day = start + timedelta(weeks=row)
    return [round((day - _years_before(day, n)).days / 7) for n in range(1, max_years + 1)]


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def _cycle(
    row: int, *, max_periods: int, left_out: int, cycle: int, min_fitted: int
) -> References | None:
    first = max(0, row - max_periods)
    fitted = row - first - min(left_out, (row - first) // 4)
    if fitted < min_fitted:
        return None
    levels = np.arange(row - first, -1, -1, dtype=np.int64) % cycle
    if fitted < _CYCLES_FOR_LEVELS * cycle:
        levels[:] = 0
    return References(
        first=first,
        levels=levels,
        fitted=fitted,
        trend=fitted >= _CYCLES_FOR_TREND * cycle,
        alike=True,
    )


def _of_its_day(row: int) -> References | None:
    """The references of an hour: those of the first hour of its day, for all of its hours.

    A day is 24 rows, counted from row 0. One fit then gives what each of its hours is expected to
    bring, and what began on this day or on the two before it is part of none.
    """
    later = row % DAY_HOURS
    plain = _cycle(row - later, **_HOURS)
    if plain is None or not later:
        return plain
    cycle = np.arange(-1, -later - 1, -1, dtype=np.int64) % _HOURS["cycle"]
    levels = np.concatenate([plain.levels, cycle if plain.levels.any() else 0 * cycle])
    return replace(plain, levels=levels, judged=later + 1)


def _with_special(plain: References, special: NDArray[np.int64]) -> References:
    """Rows of a movable holiday become levels of their own, the period judged too if learnt."""
    special_days = special[plain.first : plain.row + 1]
    levels = np.where(special_days > 0, plain.levels.max() + special_days, plain.levels)
    if special_days[-1] > 0 and not (special_days[: plain.fitted] == special_days[-1]).any():
        levels[-1] = plain.levels[-1]
    names, dense = np.unique(levels, return_inverse=True)
    festive = tuple(np.flatnonzero(names > plain.levels.max()).tolist())
    return replace(plain, levels=dense.astype(np.int64), festive=festive)
