"""How much more likely the last periods are with an issue in them than without.

A mixture likelihood ratio: the mean, over the period in which an issue may have begun, its shape
and its size, of P(counts | expectation and issue) / P(counts | expectation). Under the expectation
its mean is 1, so that a value of c is exceeded by chance in at most 1/c of the periods (Ville);
what it does beyond that is measured by `calibration`. Sizes are multiples of the standard
deviation, as in Noufaily et al. (2013); mixtures of likelihood ratios as a test: Lai (1998),
IEEE Trans Inf Theory 44:2917-2929, doi:10.1109/18.737522.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from amends.stats.compiled import njit
from amends.stats.negative_binomial import log_ratio

Floats = NDArray[np.float64]

WINDOW = 4
LEAST_MEAN = 0.02
NOTHING = -20.0
# A burst that is over in three periods, and one that stays.
SHAPES = np.array([[0.50, 0.42, 0.07, 0.01], [0.25, 0.25, 0.25, 0.25]])
# Weight of each shape by the number of periods since it began.
WEIGHTS = np.array([[0.20, 0.45, 0.25, 0.0], [0.0, 0.0, 0.05, 0.05]])
SIZES = np.array([3.0, 5.0, 7.0])


@njit(cache=True, nogil=True)
def log_evidence(  # type: ignore[no-untyped-def]
    counts, low, high, mean, dispersion, slope, shapes, weights, sizes, out
):
    """log of the mixture for each cell from `low` to `high`.

    counts  the last periods x cells, the newest last; negative = missing
    mean    expected count of the newest period; the earlier follow from `slope`
    """
    window = counts.shape[0]
    for cell in range(low, high):
        m = max(mean[cell], LEAST_MEAN)
        d = max(dispersion[cell], 1.0)
        back = exp(-slope[cell])
        if not _worth_it(counts, cell, m, d, back):
            out[cell] = NOTHING
            continue
        total = 0.0
        for age in range(window):
            begin = m * back**age
            spread = sqrt(d * begin)
            for shape in range(shapes.shape[0]):
                weight = weights[shape, age]
                if weight <= 0.0:
                    continue
                for k in sizes:
                    sum_ = 0.0
                    for u in range(age + 1):
                        y = counts[window - 1 - age + u, cell]
                        more = k * spread * shapes[shape, u]
                        if y >= 0 and more > 0.0:
                            sum_ += log_ratio(float(y), m * back ** (age - u), more, d)
                    total += weight / sizes.size * exp(min(sum_, 600.0))
        out[cell] = max(log(total + 1e-300), NOTHING)


@njit(cache=True, nogil=True)
def _worth_it(counts, cell, mean, dispersion, back):  # type: ignore[no-untyped-def]
    """Whether any run of periods up to the newest has more than expected by a deviation."""
    seen = 0.0
    expected = 0.0
    for age in range(counts.shape[0]):
        seen += max(counts[counts.shape[0] - 1 - age, cell], 0)
        expected += mean * back**age
        if seen > expected + sqrt(dispersion * expected):
            return True
    return False
