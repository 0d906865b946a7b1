"""Where a day stands in the weeks the whole country is on holiday, one of which the moon moves.

The Spring Festival has three weeks, from the one before lunar New Year on; the National Day has the
week that begins on 1 October.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import holidays
import numpy as np
from numpy.typing import NDArray

WEEKS_BEFORE, WEEKS_AFTER = 1, 2
NATIONAL_DAY = 10, 1
A_WEEK = 7


def places(days: Sequence[date]) -> NDArray[np.int64]:
    """Week of a holiday: 1 before lunar New Year, 2 from the day on, 3 after; 4 National Day's.

    0 is every other day.

    >>> places([date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 24), date(2026, 6, 1)]).tolist()
    [1, 2, 3, 0]
    >>> places([date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 7)]).tolist()
    [0, 4, 4]
    """
    week_places: NDArray[np.int64] = (days_of(days) + A_WEEK - 1) // A_WEEK
    return week_places


def days_of(days: Sequence[date]) -> NDArray[np.int64]:
    """Day of a holiday, from 1 on, seven to a week of `places`; 0 is every other day.

    >>> days_of([date(2026, 2, 16), date(2026, 2, 17), date(2026, 10, 1)]).tolist()
    [7, 8, 22]
    """
    return np.array([_day_of(day) for day in days], dtype=np.int64)


def _day_of(day: date) -> int:
    weeks = WEEKS_BEFORE + WEEKS_AFTER
    if new_year := _new_year(day.year):
        since = (day - new_year).days + WEEKS_BEFORE * A_WEEK
        if 0 <= since < weeks * A_WEEK:
            return since + 1
    since = (day - date(day.year, *NATIONAL_DAY)).days
    return weeks * A_WEEK + since + 1 if 0 <= since < A_WEEK else 0


@cache
def _new_year(year: int) -> date | None:
    """The first day of the lunar year; None where the library does not know it."""
    holidays_of_year = holidays.country_holidays("CN", years=year, language="en_US")
    named = [
        day
        for day, name in holidays_of_year.items()
        if name == "Chinese New Year (Spring Festival)"
    ]
    return min(named, default=None)
