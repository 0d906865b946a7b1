"""How much more likely the last periods are with an issue in them than without.

A mixture likelihood ratio: the mean, over the period in which an issue may have begun, its shape
and its size, of P(counts | expectation and issue) / P(counts | expectation). Under the expectation
its mean is 1, so that a value of c is exceeded by chance in at most 1/c of the periods (Ville);
what it does beyond that is measured by `calibration`. Sizes are multiples of the standard
deviation, as in Noufaily et al. (2013); mixtures of likelihood ratios as a test: Lai (1998),
IEEE Trans Inf Theory 44:2917-2929, doi:10.1109/18.737522.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from amends.engines.detection.baseline.references import Period

Floats = NDArray[np.float64]

NOTHING = -20.0
LEAST_MEAN = 0.02


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What an issue may look like.

    shapes   share of its size in each period since it began, shapes x periods
    weights  prior weight by shape and by the periods since it began; they add up to 1
    sizes    multiples of the standard deviation of one period
    """

    shapes: Floats
    weights: Floats
    sizes: Floats

    @property
    def window(self) -> int:
        """Periods looked back, the newest included."""
        return int(self.shapes.shape[1])


_BURST = [0.50, 0.42, 0.07, 0.01]
_STEADY = [0.25, 0.25, 0.25, 0.25]
# Weeks: all at once, a burst that is over in three periods, and one that stays.
_WEEKS = Alternatives(
    np.array([[1.0, 0.0, 0.0, 0.0], _BURST, _STEADY]),
    np.array([[0.15, 0.0, 0.0, 0.0], [0.10, 0.45, 0.20, 0.0], [0.0, 0.0, 0.05, 0.05]]),
    np.array([3.0, 5.0, 7.0]),
)
# Days: fixed before the first real file was scanned (docs/hot-issues.md), and left so.
_DAYS = Alternatives(
    np.array([_BURST, _STEADY]),
    np.array([[0.20, 0.45, 0.25, 0.0], [0.0, 0.0, 0.05, 0.05]]),
    np.array([3.0, 5.0, 7.0]),
)
# For lists of what is new: begun in this week or the last.
FRESH = Alternatives(
    np.array([_BURST]),
    np.array([[0.5, 0.5, 0.0, 0.0]]),
    np.array([3.0, 5.0, 7.0]),
)
# An hour says little: a rise that stays, begun up to a day ago, of one to some deviations.
_STAY = Alternatives(np.ones((1, 24)), np.full((1, 24), 1.0 / 24.0), np.array([1.0, 1.6, 2.5]))
ALTERNATIVES: dict[Period, Alternatives] = {
    "week": _WEEKS,
    "day": _DAYS,
    "hour": _STAY,
}


@njit(cache=True, nogil=True)
def log_evidence(  # type: ignore[no-untyped-def]
    counts, low, high, means, dispersion, shapes, weights, sizes, out
):
    """log of the mixture for each cell from `low` to `high`.

    counts      the last periods x cells, the newest last; negative = missing
    means       expected counts of the same periods
    dispersion  variance over mean, doubt about the mean included, a cell each
    """
    window = counts.shape[0]
    for cell in range(low, high):
        d = max(dispersion[cell], 1.0)
        if not _worth_it(counts, cell, means, d):
            out[cell] = NOTHING
            continue
        spread = sqrt(d * max(means[window - 1, cell], LEAST_MEAN))
        total = 0.0
        for shape in range(shapes.shape[0]):
            steady = True
            for u in range(1, window):
                steady = steady and shapes[shape, u] == shapes[shape, 0]
            for k in sizes:
                sum_ = 0.0
                for age in range(window):
                    weight = weights[shape, age]
                    if weight <= 0.0 and not steady:
                        continue
                    # What stays is as large in every period: one further back is one more term.
                    sum_ = sum_ if steady else 0.0
                    for u in range(1 if steady else age + 1):
                        row = window - 1 - age + u
                        y = counts[row, cell]
                        more = k * spread * shapes[shape, u]
                        if y >= 0 and more > 0.0:
                            sum_ += log_ratio(float(y), max(means[row, cell], LEAST_MEAN), more, d)
                    if weight > 0.0:
                        total += weight / sizes.size * exp(min(sum_, 600.0))
        out[cell] = max(log(total + 1e-300), NOTHING)


@njit(cache=True, nogil=True)
def _worth_it(counts, cell, means, dispersion):  # type: ignore[no-untyped-def]
    """Whether any run of periods up to the newest has more than expected by a deviation."""
    seen = 0.0
    expected = 0.0
    for row in range(counts.shape[0] - 1, -1, -1):
        if counts[row, cell] >= 0:
            seen += counts[row, cell]
            expected += means[row, cell]
        if seen > expected + sqrt(dispersion * expected):
            return True
    return False


@njit(cache=True, nogil=True)
def log_ratio(y: float, mean: float, more: float, dispersion: float) -> float:
    """log of P(y | mean + more) / P(y | mean), both of the same variance over mean.

    It never falls as y grows, so an enormous count speaks for an issue as a large one does. (It
    stands here, not in `stats`: numba does not see that a function of another file has changed.)
    """
    if dispersion < 1.02:
        return y * log1p(more / mean) - more
    size, added = mean / (dispersion - 1.0), more / (dispersion - 1.0)
    plain = lgamma(y + size) - lgamma(size)
    return lgamma(y + size + added) - lgamma(size + added) - plain - added * log(dispersion)
