"""Periods without one complaint where there are always many: nothing was received, or delivered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.holidays import CYCLE
from amends.engines.detection.baseline.references import Period

ALWAYS_MANY = 12
"""A weekday or an hour of the week has so many complaints, in the median, that none is no chance:
exp(-12) is one in 160,000."""


def silent(total_counts: NDArray[np.int32], period: Period) -> NDArray[np.bool_]:
    """Which periods hold nothing where their weekday, or hour of the week, always holds many.

    whole  counts of everything, oldest first; negative = missing

    >>> np.flatnonzero(silent(np.array([20, 0, 25, 0, 24], dtype=np.int32), "week")).tolist()
    [1, 3]
    >>> silent(np.array([1, 0, 2], dtype=np.int32), "week").any()
    np.False_
    """
    is_silent = np.zeros(total_counts.size, dtype=bool)
    cycle = CYCLE[period]
    for phase in range(min(cycle, total_counts.size)):
        same_phase = total_counts[phase::cycle]
        is_silent[phase::cycle] = (same_phase == 0) & bool(np.median(same_phase) >= ALWAYS_MANY)
    return is_silent
