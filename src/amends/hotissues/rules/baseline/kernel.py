"""The improved Farrington fit, many cells at once.

A quasi-Poisson regression of reference counts on a seasonal level and a log-linear trend, fitted
twice: the second time with counts of large Anscombe residual weighted down, so that outbreaks of
the past do not raise the expectation of today.

    Farrington, Andrews, Beale, Catchpole (1996), J R Stat Soc A 159:547-563, doi:10.2307/2983331
    Noufaily, Enki, Farrington et al. (2013), Stat Med 32:1206-1222, doi:10.1002/sim.5595

With one level a period and one slope the likelihood profiles to a single unknown: given the slope,
each level is observed over expected, and the score of the slope is T - sum_g Y_g x_g(slope), a
Newton iteration on a concave function. The design is an arrow matrix, so hat values are closed
form as well; nothing is inverted. Cells lie side by side, so that one instruction serves several.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from amends.hotissues.rules.baseline.alike import (
    chi_alike,
    less_counted,
    levels,
    moments_of,
    profile_alike,
    step,
)
from amends.hotissues.rules.baseline.fields import (
    DISPERSION,
    FLAT,
    LANES,
    LEVEL_FLAT,
    LEVEL_SEEN,
    LEVEL_SPREAD,
    MEAN,
    MOST_STEPS,
    NEAR,
    NEARNESS,
    PRECISION,
    SLOPE,
    VARIANCE,
)


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _profile(y, w, x, groups, n_groups, slope, sums, steps, by_slope):  # type: ignore[no-untyped-def]
    """Slope and level sums of a weighted Poisson fit of one block; `slope` starts and returns it.

    sums[0, g] = sum w y; sums[1..3, g] = sum w e^(slope x) x^(0..2)
    """
    n = x.size
    score = np.empty(LANES)
    for g in range(n_groups):
        for c in range(LANES):
            sums[0, g, c] = 0.0
    total = np.zeros(LANES)
    for i in range(n):
        g, xi = groups[i], x[i]
        for c in range(LANES):
            wy = w[i, c] * y[i, c]
            sums[0, g, c] += wy
            total[c] += wy * xi
    power = np.empty(LANES)
    ratio = np.empty(LANES)
    for _ in range(steps):
        for c in range(LANES):
            power[c] = np.exp(slope[c] * x[0])
            ratio[c] = np.exp(slope[c])
        for g in range(n_groups):
            for c in range(LANES):
                sums[1, g, c] = 0.0
                sums[2, g, c] = 0.0
                sums[3, g, c] = 0.0
        for i in range(n):
            g, xi = groups[i], x[i]
            for c in range(LANES):
                p = w[i, c] * power[c]
                sums[1, g, c] += p
                sums[2, g, c] += p * xi
                sums[3, g, c] += p * xi * xi
                power[c] *= ratio[c]
        if not by_slope:
            return
        moved = step(sums, n_groups, total, slope, score, ratio)
        if moved < PRECISION:
            return


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _chi_square(y, w, x, groups, n_groups, slope, sums, level, centre, spread, excess, chi):  # type: ignore[no-untyped-def]
    """Pearson's chi-square a cell; `excess` gets (y - mu)^2 / (mu (1 - h)) where y > mu.

    Also leaves level[g] (observed over expected), centre[g] and the cell's spread of times.
    """
    for c in range(LANES):
        chi[c] = 0.0
    inverse = np.empty((n_groups, LANES))
    levels(sums, n_groups, level, centre, spread)
    for g in range(n_groups):
        for c in range(LANES):
            inverse[g, c] = 1.0 / sums[0, g, c] if sums[0, g, c] > 0.0 else 0.0
    power = np.empty(LANES)
    ratio = np.empty(LANES)
    width = np.empty(LANES)
    for c in range(LANES):
        power[c] = np.exp(slope[c] * x[0])
        ratio[c] = np.exp(slope[c])
        width[c] = 1.0 / spread[c] if spread[c] > 1e-9 else 0.0
    for i in range(x.size):
        g, xi = groups[i], x[i]
        for c in range(LANES):
            mean = level[g, c] * power[c]
            power[c] *= ratio[c]
            rest = y[i, c] - mean
            square = rest * rest / (mean if mean > 1e-300 else 1.0)
            square = square if mean > 1e-300 else 0.0
            chi[c] += w[i, c] * square
            away = xi - centre[g, c]
            left = 1.0 - w[i, c] * mean * (inverse[g, c] + away * away * width[c])
            left = left if left > 1e-9 else 1e-9
            excess[i, c] = square / left if rest > 0.0 else 0.0


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _take(row, i, g, used, xi, y, start, seen, sums, total):  # type: ignore[no-untyped-def]
    """One reference of a block; how many of its counts are missing."""
    missed = 0
    for c in range(LANES):
        value = row[c]
        missed += value < 0
        weight = used if value >= 0 else 0.0
        count = float(max(value, 0))
        y[i, c] = count
        start[i, c] = weight
        seen[c] += weight
        counted = weight * count
        sums[0, g, c] += counted
        total[c] += counted * xi
    return missed


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _read(  # type: ignore[no-untyped-def]
    counts, cells, low, high, first, x, groups, used, y, start, seen, sums, total
):
    """Counts and weights of a block of cells, with their sums; whether none of it is missing."""
    missed = 0
    for c in range(LANES):
        seen[c] = 0.0
        total[c] = 0.0
    for g in range(sums.shape[1]):
        for c in range(LANES):
            sums[0, g, c] = 0.0
    at = cells[low]
    side_by_side = high - low == LANES and cells[high - 1] - at == LANES - 1
    row = np.empty(LANES, np.int32)
    for i in range(x.size):
        if side_by_side:
            there = counts[first + i, at : at + LANES]
            missed += _take(there, i, groups[i], used[i], x[i], y, start, seen, sums, total)
        else:
            for c in range(LANES):
                row[c] = counts[first + i, cells[min(low + c, high - 1)]]
            missed += _take(row, i, groups[i], used[i], x[i], y, start, seen, sums, total)
    return missed == 0


@njit(cache=True, nogil=True)
def fit(  # type: ignore[no-untyped-def]
    counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, profile, out
):
    """Fit `cells` of `counts` (periods x cells, negative = missing) on the rows from `first` on.

    groups     level of each reference row, 0 .. n_groups - 1
    used       1 where a reference row counts, 0 where it is left out
    judged     levels of the periods to be judged; one where there is a trend
    trend      whether a log-linear trend is fitted
    threshold  Anscombe residuals above it are weighted by their inverse square
    now        rows from `first` to the last period judged
    profile    what the levels of all cells are like, n_groups
    out        periods judged x OUTPUTS x all cells
    """
    n = groups.size
    middle = 0.5 * (n - 1)
    x = np.arange(n) - middle
    ahead = now - middle
    y = np.empty((n, LANES))
    w = np.empty((n, LANES))
    start = np.empty((n, LANES))
    excess = np.empty((n, LANES))
    sums = np.empty((4, n_groups, LANES))
    level = np.empty((n_groups, LANES))
    centre = np.empty((n_groups, LANES))
    slope = np.empty(LANES)
    spread = np.empty(LANES)
    chi = np.empty(LANES)
    seen = np.empty(LANES)
    near = np.empty(LANES)
    scale = np.empty(LANES)
    total = np.empty(LANES)
    less = np.empty((3, n * LANES))
    far = max(middle, 1.0)
    moments = moments_of(x, groups, n_groups, used, far)
    for low in range(0, cells.size, LANES):
        high = min(low + LANES, cells.size)
        for c in range(LANES):
            slope[c] = 0.0
            scale[c] = 1.0
        alike = _read(counts, cells, low, high, first, x, groups, used, y, start, seen, sums, total)
        steps = MOST_STEPS if trend else 1
        alike = alike and profile_alike(
            x, groups, n_groups, slope, sums, total, steps, trend, moments, far, scale, less, 0
        )
        if not alike:
            _profile(y, start, x, groups, n_groups, slope, sums, steps, trend)
        _chi_square(y, start, x, groups, n_groups, slope, sums, level, centre, spread, excess, chi)
        for c in range(LANES):
            chi[c] = max(1.0, chi[c] / max(seen[c] - n_groups - trend, 1.0))
        few = _weigh(
            y, start, x, groups, slope, level, excess, chi, threshold, seen, near, scale, less
        )
        if alike:
            less_counted(y, x, groups, sums, total, scale, less, few)
            alike = profile_alike(
                x, groups, n_groups, slope, sums, total, steps, trend, moments, far, scale, less,
                few,
            )  # fmt: skip
        if alike:
            chi_alike(
                y, used, x, groups, n_groups, slope, sums, level, centre, spread, scale, less, few,
                chi,
            )  # fmt: skip
        else:
            for i in range(n):
                for c in range(LANES):
                    w[i, c] = start[i, c] * scale[c]
            for k in range(few):
                w[int(less[0, k]), int(less[1, k])] -= less[2, k]
            _profile(y, w, x, groups, n_groups, slope, sums, steps, trend)
            _chi_square(y, w, x, groups, n_groups, slope, sums, level, centre, spread, excess, chi)
        for c in range(high - low):
            phi = max(1.0, chi[c] / max(seen[c] - n_groups - trend, 1.0))
            grown = np.exp(slope[c] * ahead)
            at = cells[low + c]
            flat, between = _levels(sums, n_groups, c, phi, profile)
            for k in range(judged.size):
                g = judged[k]
                mean = level[g, c] * grown
                variance = 1.0 / sums[0, g, c] if sums[0, g, c] > 0.0 else np.inf
                away = ahead - centre[g, c]
                if trend and spread[c] > 1e-9:
                    variance += away * away / spread[c]
                out[k, MEAN, at] = mean
                out[k, DISPERSION, at] = phi
                out[k, VARIANCE, at] = variance * phi
                out[k, SLOPE, at] = slope[c]
                out[k, NEAR, at] = near[c]
                out[k, FLAT, at] = flat * profile[g] * grown
                out[k, LEVEL_SEEN, at] = sums[0, g, c]
                out[k, LEVEL_FLAT, at] = flat * sums[1, g, c] * profile[g]
                out[k, LEVEL_SPREAD, at] = between


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]
    y, start, x, groups, slope, level, excess, phi, threshold, seen, near, scale, less
):
    """Weights of the second fit: the inverse square of Anscombe residuals above the threshold.

    `scale` gets what all others of a cell weigh; `less` the few, as many as are returned:
    reference, cell, and how much less it weighs. A Pearson residual bounds the Anscombe residual
    from above (y^(2/3) is concave), so the powers are taken for the few counts that may pass.
    """
    near[:] = 0.0
    scale[:] = seen
    few = 0
    for i in range(x.size):
        g = groups[i]
        for c in range(LANES):
            if excess[i, c] <= threshold * threshold * phi[c] or start[i, c] == 0.0:
                continue
            mean = level[g, c] * np.exp(slope[c] * x[i])
            rest = y[i, c] - mean
            left = rest * rest / (mean * excess[i, c])
            root = mean ** (1.0 / 6.0)
            residual = 1.5 * (y[i, c] ** (2.0 / 3.0) - root**4)
            residual /= root * np.sqrt(phi[c] * left)
            if abs(residual - threshold) < NEARNESS:
                near[c] = 1.0
            if residual > threshold:
                gone = start[i, c] * (1.0 - 1.0 / (residual * residual))
                less[0, few], less[1, few], less[2, few] = i, c, gone
                scale[c] -= gone
                few += 1
    for c in range(LANES):
        scale[c] = seen[c] / scale[c] if scale[c] > 0.0 else 1.0
    for n in range(few):
        less[2, n] *= scale[int(less[1, n])]
    return few


@njit(cache=True, nogil=True)
def _levels(sums, n_groups, c, phi, profile):  # type: ignore[no-untyped-def]
    """What a cell brings without levels, and how far these differ beyond chance: what an empirical
    Bayes shrinkage needs."""
    seen = 0.0
    weight = 0.0
    filled = 0
    for g in range(n_groups):
        seen += sums[0, g, c]
        weight += sums[1, g, c] * profile[g]
        filled += sums[1, g, c] > 0.0
    flat = seen / weight if weight > 0.0 else 0.0
    between = 0.0
    squares = 0.0
    for g in range(n_groups):
        expected = flat * sums[1, g, c] * profile[g]
        if expected > 0.0:
            between += (sums[0, g, c] - expected) ** 2 / expected
            squares += expected * expected
    free = seen - squares / seen if seen > 0.0 else 0.0
    return flat, max(0.0, (between - phi * (filled - 1)) / free) if free > 0.0 else 0.0
