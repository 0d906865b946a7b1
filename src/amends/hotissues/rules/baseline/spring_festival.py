"""Where a day stands around the Spring Festival, which moves with the moon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import holidays
import numpy as np
from numpy.typing import NDArray

WEEKS_BEFORE, WEEKS_AFTER = 1, 2


def places(days: Sequence[date]) -> NDArray[np.int64]:
    """Week around lunar New Year: 1 before, 2 from the day on, 3 after it, 0 elsewhere.

    >>> places([date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 24), date(2026, 6, 1)]).tolist()
    [1, 2, 3, 0]
    """
    found = np.zeros(len(days), dtype=np.int64)
    for at, day in enumerate(days):
        if new_year := _new_year(day.year):
            week = (day - new_year).days // 7 + WEEKS_BEFORE
            if 0 <= week < WEEKS_BEFORE + WEEKS_AFTER:
                found[at] = week + 1
    return found


@cache
def _new_year(year: int) -> date | None:
    """The first day of the lunar year; None where the library does not know it."""
    found = holidays.country_holidays("CN", years=year, language="en_US")
    named = [day for day, name in found.items() if name == "Chinese New Year (Spring Festival)"]
    return min(named, default=None)
