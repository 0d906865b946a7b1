"""The threshold that gives the false alarms an operator is willing to look at.

Series without any issue are drawn from the expectations of the file's own cells and scanned in the
same way; the threshold is the lowest at which they raise no more episodes a year than asked for (a
parametric bootstrap, Efron and Tibshirani 1993, chapter 6). An episode is a run of alarms.
Beyond what the draws can tell, the logarithm of the rate goes on as a straight line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FALSE_PER_SERIES_YEAR = 0.45
"""What people are willing to look at who set nothing else."""

LOWEST, HIGHEST, STEP = 0.0, 40.0, 0.02
LEAST_EPISODES = 12


@dataclass(frozen=True, slots=True)
class AlarmCalibration:
    """threshold: of the log evidence; expected: false episodes per series and year at it."""

    threshold: float
    expected: float


def calibrate(null: Floats, *, per_year: float, periods_a_year: float) -> AlarmCalibration:
    """The threshold for `per_year` false episodes per series and year.

    null  log evidence of series without issues, periods x series
    """
    grid = np.arange(LOWEST, HIGHEST, STEP)
    years = null.size / periods_a_year
    rate = episodes_above(null, grid) / years
    is_known = rate * years >= LEAST_EPISODES
    if is_known.sum() > 2:
        last = int(np.flatnonzero(is_known)[-1])
        tail = grid >= max(grid[last] - 2.0, grid[0])
        tail &= is_known
        if tail.sum() > 2:
            slope, height = np.polyfit(grid[tail], np.log(rate[tail]), 1)
            rate[last + 1 :] = np.exp(height + min(slope, -0.5) * grid[last + 1 :])
    low_enough = np.flatnonzero(rate <= per_year)
    at = int(low_enough[0]) if low_enough.size else grid.size - 1
    return AlarmCalibration(float(grid[at]), float(rate[at]))


def episodes(alarms: NDArray[np.bool_]) -> int:
    """Runs of periods in alarm, over all series.

    >>> episodes(np.array([[True], [True], [False], [True]]))
    2
    """
    return int(alarms[0].sum() + (alarms[1:] & ~alarms[:-1]).sum())


def episodes_above(evidence: Floats, grid: Floats) -> NDArray[np.int64]:
    """Runs of periods above each threshold of a grid that rises, over all series.

    A run begins in a period at the thresholds from the evidence of the period before on, and below
    its own: so all are counted by where they begin and where they end on the grid.

    >>> episodes_above(np.array([[0.5], [2.5], [0.0], [1.5]]), np.array([0.0, 1.0, 2.0]))
    array([2, 2, 1])
    """
    before = np.vstack([np.full((1, evidence.shape[1]), -np.inf), evidence[:-1]])
    rising = evidence > before
    first = np.searchsorted(grid, before[rising], side="left")
    after = np.searchsorted(grid, evidence[rising], side="left")
    begun = np.bincount(first, minlength=grid.size + 1)[: grid.size]
    ended = np.bincount(after, minlength=grid.size + 1)[: grid.size]
    return np.cumsum(begun - ended)


def draw(mean: Floats, dispersion: Floats, generator: np.random.Generator) -> NDArray[np.int32]:
    """Counts of the given means (periods x series) and variance over mean (per series)."""
    over = np.maximum(dispersion - 1.0, 0.0)
    spread = np.where(over > 1e-6, over, 1.0)
    rates = np.where(over > 1e-6, generator.gamma(np.maximum(mean, 1e-9) / spread) * spread, mean)
    drawn: NDArray[np.int32] = generator.poisson(rates).astype(np.int32)
    return drawn
