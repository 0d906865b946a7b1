"""Measured against promised: the median speed of peak hours of each product, with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median
from typing import TypeVar

from scipy import special

from amends.network.quality.rules.speed_tests import SpeedTest

PEAK = range(19, 23)
"""Hours of the evening, local time."""
LEVEL = 0.95
_Product = TypeVar("_Product")


@dataclass(frozen=True, slots=True)
class Peak:
    """Median download speed of peak hours; low and high None where the tests are too few."""

    tests: int
    median_mbps: float
    low_mbps: float | None
    high_mbps: float | None


def peak_medians(
    tests: Iterable[tuple[_Product, SpeedTest]], zone: tzinfo
) -> Mapping[_Product, Peak]:
    """The median of the valid tests of peak hours by product, with its exact interval.

    The interval is that of order statistics: it covers the true median in at least 95% of cases,
    whatever the distribution; six tests are the fewest that have one.
    """
    speeds: dict[_Product, list[float]] = {}
    for product, test in tests:
        if (
            test.valid
            and test.wired
            and test.down_mbps is not None
            and test.local(zone).hour in PEAK
        ):
            speeds.setdefault(product, []).append(test.down_mbps)
    return {product: _peak(sorted(own_speeds)) for product, own_speeds in speeds.items()}


def _peak(speeds: list[float]) -> Peak:
    number = len(speeds)
    tail = (1.0 - LEVEL) / 2.0
    # The most low values that may be left out: P(Binomial(n, 1/2) <= k) <= tail.
    left_out = [k for k in range(number // 2) if special.bdtr(k, number, 0.5) <= tail]
    if not left_out:
        return Peak(tests=number, median_mbps=median(speeds), low_mbps=None, high_mbps=None)
    return Peak(
        tests=number,
        median_mbps=median(speeds),
        low_mbps=speeds[left_out[-1]],
        high_mbps=speeds[-1 - left_out[-1]],
    )
