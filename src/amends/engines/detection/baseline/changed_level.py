"""Weekly cells whose newest years contradict their fit: an old epidemic bent trend or season.

An epidemic that lasts half a season is too much of its level to be weighted down as an outbreak:
the trend falls off it to nearly nothing, or its season is expected again every year. What the
newest two years brought tells it: there such a cell is judged as if its history began with them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.expect import Counts, Expectation, Floats
from amends.engines.detection.baseline.references import HALF_WINDOW, WEEKS_A_YEAR, References

YEARS = 2
LEAST_YEARS = 3
"""A shorter history is its newest years already."""
TIMES, DEVIATIONS = 2.0, 5.0
"""A fit is contradicted by a sum of counts so many times as large or small, and so many standard
deviations away from it."""
LEAST = 0.5


def begins(row: int) -> int:
    """The row with which the history of a contradicted cell begins, judged in `row`."""
    return row - YEARS * WEEKS_A_YEAR - HALF_WINDOW


def contradicted(counts: Counts, at: References, expected: Expectation) -> NDArray[np.int64]:
    """The cells whose newest year, or newest two seasons like this one, the fit has wrong.

    Weeks of a movable holiday, whose levels are learnt from all cells, do not count.

    counts    weeks x cells, negative = missing
    expected  of the week `at.row`
    """
    end = at.first + at.fitted
    short = at.fitted < LEAST_YEARS * WEEKS_A_YEAR - HALF_WINDOW
    if short or at.levels[-1] in at.festive:
        return np.zeros(0, dtype=np.int64)
    usual = ~np.isin(at.levels, at.festive)
    year = np.arange(end - WEEKS_A_YEAR, end)
    season = np.concatenate(
        [at.row - WEEKS_A_YEAR * n + np.arange(-HALF_WINDOW, HALF_WINDOW + 1) for n in (1, YEARS)]
    )
    year, season = (rows[usual[rows - at.first]] for rows in (year, season))
    slope = np.where(np.isfinite(expected.slope), expected.slope, 0.0)
    wrong = _wrong(counts, year, at.row, expected.flat, slope)
    wrong |= _wrong(counts, season, at.row, expected.mean, slope)
    return np.flatnonzero(wrong)


def _wrong(
    counts: Counts, rows: NDArray[np.int64], row: int, level: Floats, slope: Floats
) -> NDArray[np.bool_]:
    """Whether the counts of `rows` are far from a level in `row` with its trend."""
    seen = counts[rows]
    known_count = (seen >= 0).sum(axis=0)
    total = np.maximum(seen, 0).sum(axis=0, dtype=np.int64).astype(float)
    back = row - float(rows.mean())
    half = 0.5 * float(rows[-1] - rows[0])
    bend = np.clip(slope * half, -30.0, 30.0)
    spread = np.where(np.abs(bend) > 1e-6, np.sinh(bend) / np.where(bend == 0.0, 1.0, bend), 1.0)
    led = level * known_count * np.exp(np.clip(-slope * back, -30.0, 30.0)) * spread
    off = (total > TIMES * led) | (TIMES * total < led)
    suspects = np.flatnonzero(off & np.isfinite(led) & (known_count >= rows.size // 2))
    own = np.where(seen[:, suspects] >= 0, seen[:, suspects], np.nan)
    mean = np.maximum(total[suspects] / known_count[suspects], 1e-9)
    dispersion = np.maximum(np.nanvar(own, axis=0, ddof=1) / mean, 1.0)
    far = (total[suspects] - led[suspects]) ** 2
    wrong = np.zeros(level.size, dtype=bool)
    wrong[suspects] = far > DEVIATIONS**2 * dispersion * np.maximum(led[suspects], LEAST)
    return wrong
