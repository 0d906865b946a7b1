"""The fit of `kernel` as iteratively reweighted least squares leave it, which others rest on.

A generalised linear model is usually fitted by repeated least squares (Nelder and Wedderburn 1972,
J R Stat Soc A 135:370-384, doi:10.2307/2344614; from mu = y + 0.1, until the deviance changes by
less than 1e-8 of itself), and dispersion and hat values are then taken with the weights of the last
least squares, which are those of the means one iteration before. That differs from the maximum by
some 1e-5, which matters to one count in many thousand: that whose residual lies so close to the
weighting threshold. `farrington.p_values` fits those cells again in this way, one at a time;
compiled where numba is there.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numba import njit

from amends.engines.detection.baseline.fields import (
    DISPERSION,
    FLAT,
    LEVEL_FLAT,
    LEVEL_SEEN,
    LEVEL_SPREAD,
    MEAN,
    NEAR,
    SLOPE,
    VARIANCE,
)

MOST_ITERATIONS = 25
EPSILON = 1e-8
STARTS_ABOVE = 0.1
STEEPEST_STEP = 300.0
LEAST_MEAN = 2.2e-16


@njit(cache=True, nogil=True)
def fit(  # type: ignore[no-untyped-def]
    counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, like, out
):
    """Same arguments and results as `kernel.fit`."""
    n = groups.size
    x = np.arange(n) - 0.5 * (n - 1)
    ahead = now - 0.5 * (n - 1)
    y, w, mean, working = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    total, centre, height = np.zeros(n_groups), np.zeros(n_groups), np.zeros(n_groups)
    seen, exposure = np.zeros(n_groups), np.zeros(n_groups)
    for cell in cells:
        for i in range(n):
            is_counted = counts[first + i, cell] >= 0
            y[i] = float(counts[first + i, cell]) if is_counted else 0.0
            w[i] = used[i] if is_counted else 0.0
        full = w.sum()
        freedom = max(full - n_groups - trend, 1.0)
        slope, spread = _fit(y, w, x, groups, trend, mean, working, total, centre, height)
        phi = max(_chi_square(y, mean, working) / freedom, 1.0)
        for i in range(n):
            hat = working[i] * _leverage(x[i], groups[i], total, centre, spread, trend)
            residual = 1.5 * (y[i] ** (2.0 / 3.0) - mean[i] ** (2.0 / 3.0))
            residual /= mean[i] ** (1.0 / 6.0) * sqrt(phi * max(1.0 - hat, 1e-9))
            if residual > threshold:
                w[i] /= residual * residual
        kept_weight = w.sum()
        if kept_weight > 0.0:
            w *= full / kept_weight
        slope, spread = _fit(y, w, x, groups, trend, mean, working, total, centre, height)
        phi = max(_chi_square(y, mean, working) / freedom, 1.0)
        seen[:] = 0.0
        exposure[:] = 0.0
        for i in range(n):
            seen[groups[i]] += w[i] * y[i]
            exposure[groups[i]] += w[i] * exp(slope * x[i])
        flat, between = _kinship(seen, exposure, like, phi)
        grown = exp(slope * ahead)
        for k in range(judged.size):
            g = judged[k]
            variance = 1.0 / seen[g] if seen[g] > 0.0 else np.inf
            if trend and spread > 1e-9:
                variance += (ahead - centre[g]) ** 2 / spread
            out[k, MEAN, cell] = exp(height[g] - slope * centre[g]) * grown
            out[k, DISPERSION, cell] = phi
            out[k, VARIANCE, cell] = variance * phi
            out[k, SLOPE, cell] = slope
            out[k, FLAT, cell] = flat * like[g] * grown
            out[k, LEVEL_SEEN, cell] = seen[g]
            out[k, LEVEL_FLAT, cell] = flat * exposure[g] * like[g]
            out[k, LEVEL_SPREAD, cell] = between
            out[k, NEAR, cell] = 0.0


@njit(cache=True, nogil=True)
def _fit(y, w, x, groups, trend, mean, working, total, centre, height):  # type: ignore[no-untyped-def]
    """One weighted fit of one cell: slope and spread of times; leaves the last working weights."""
    n = y.size
    aim = np.empty(n)
    eta = np.empty(n)
    slope, spread, before = 0.0, 0.0, np.inf
    for i in range(n):
        mean[i] = y[i] + STARTS_ABOVE
        eta[i] = log(mean[i])
    for _ in range(MOST_ITERATIONS):
        total[:] = 0.0
        centre[:] = 0.0
        height[:] = 0.0
        for i in range(n):
            g = groups[i]
            working[i] = w[i] * mean[i]
            aim[i] = eta[i] + (y[i] - mean[i]) / mean[i]
            total[g] += working[i]
            centre[g] += working[i] * x[i]
            height[g] += working[i] * aim[i]
        for g in range(total.size):
            centre[g] /= total[g] if total[g] > 0.0 else 1.0
            height[g] /= total[g] if total[g] > 0.0 else 1.0
        spread, score = 0.0, 0.0
        for i in range(n):
            away = x[i] - centre[groups[i]]
            spread += working[i] * away * away
            score += working[i] * away * (aim[i] - height[groups[i]])
        if trend:
            slope = score / max(spread, 1e-300)
        deviance = 0.0
        for i in range(n):
            eta[i] = height[groups[i]] + slope * (x[i] - centre[groups[i]])
            mean[i] = max(exp(min(max(eta[i], -STEEPEST_STEP), STEEPEST_STEP)), LEAST_MEAN)
            more = y[i] * log(y[i] / mean[i]) if y[i] > 0.0 else 0.0
            deviance += 2.0 * w[i] * (more - (y[i] - mean[i]))
        if abs(deviance - before) / (abs(deviance) + 0.1) < EPSILON:
            break
        before = deviance
    return slope, spread


@njit(cache=True, nogil=True)
def _chi_square(y, mean, working):  # type: ignore[no-untyped-def]
    """Pearson's, with the working weights of one iteration before."""
    chi = 0.0
    for i in range(y.size):
        residual = (y[i] - mean[i]) / mean[i]
        chi += working[i] * residual * residual
    return chi


@njit(cache=True, nogil=True)
def _leverage(x, g, total, centre, spread, trend):  # type: ignore[no-untyped-def]
    """Hat value of a reference, but for its weight."""
    away = x - centre[g]
    own = 1.0 / total[g] if total[g] > 0.0 else 1.0
    return own + (away * away / spread if trend and spread > 1e-9 else 0.0)


@njit(cache=True, nogil=True)
def _kinship(seen, exposure, like, phi):  # type: ignore[no-untyped-def]
    """As of `outcome.kinship`, of one cell."""
    expected = exposure * like
    weight, count = expected.sum(), seen.sum()
    flat = count / weight if weight > 0.0 else 0.0
    between, squares, filled = 0.0, 0.0, 0
    for g in range(seen.size):
        expected_count = flat * expected[g]
        filled += exposure[g] > 0.0
        if expected_count > 0.0:
            between += (seen[g] - expected_count) ** 2 / expected_count
            squares += expected_count * expected_count
    free = count - squares / count if count > 0.0 else 0.0
    return flat, max(0.0, (between - phi * (filled - 1)) / free) if free > 0.0 else 0.0
