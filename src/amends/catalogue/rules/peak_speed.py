"""The median speed at peak time, with its exact interval."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def median_with_interval(values: Sequence[int], *, level: float = 0.95) -> tuple[int, int, int]:
    """Median of measured speeds with a distribution-free interval, in the unit of the values.

    The interval runs between order statistics so that a binomial share of one half lies within
    them with at least `level` (David and Nagaraja, Order Statistics, 7.1). Of fewer than six values
    it is their whole range.

    >>> median_with_interval([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110])
    (60, 20, 100)
    """
    from scipy.stats import binom

    ordered = sorted(values)
    number = len(ordered)
    below = max(int(binom.ppf((1 - level) / 2, number, 0.5)), 1)
    return round(median(ordered)), ordered[below - 1], ordered[number - below]
