"""The fit of `kernel` for the cells `alike` cannot serve: references missing, or a trend too steep.

The same steps with a weight for each reference of each cell, summed anew at every slope.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from amends.engines.detection.baseline.buffers import allocate, side_by_side
from amends.engines.detection.baseline.fields import (
    LANES,
    LONGEST_STEP,
    MOST_STEPS,
    NEARNESS,
    PRECISION,
    STEEPEST,
)
from amends.engines.detection.baseline.outcome import write
from amends.engines.detection.baseline.regular_cells import levels, read, times_of


@njit(cache=True, nogil=True, error_model="numpy")
def fit(  # type: ignore[no-untyped-def]
    counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, like, out
):
    """Same arguments and results as `kernel.fit`."""
    t = times_of(groups, n_groups, used)
    n = groups.size
    span = 1.0 / t.step
    ahead = (now - 0.5 * (n - 1)) / span
    b = allocate(n, n_groups)
    w = np.empty((n, LANES))
    for low in range(0, cells.size, LANES):
        high = min(low + LANES, cells.size)
        read(counts, cells, low, high, first, b)
        seen = _take(b, t, w)
        b.slope[:] = 0.0
        _profile(b, t, w, trend, span)
        _disperse(b, t, w, seen, n_groups + trend)
        _weigh(b, t, w, seen, threshold)
        _profile(b, t, w, trend, span)
        _disperse(b, t, w, seen, n_groups + trend)
        write(b, judged, like, ahead, span, trend, cells, low, high, out)


@side_by_side
def _take(b, t, w):  # type: ignore[no-untyped-def]
    """Weights of what is known; how much that is."""
    seen = np.zeros(LANES)
    b.known[:] = 0.0
    b.most[:] = -1.0
    for i in range(t.u.size):
        for c in range(b.slope.size):
            is_counted = b.y[i, c] >= 0.0
            b.known[c] += is_counted
            b.most[c] = max(b.most[c], b.y[i, c])
            b.y[i, c] = b.y[i, c] if is_counted else 0.0
            w[i, c] = t.used[i] if is_counted else 0.0
            seen[c] += w[i, c]
    return seen


@side_by_side
def _profile(b, t, w, by_slope, span):  # type: ignore[no-untyped-def]
    """Move each slope to the maximum; leave sums, levels, centres and spread as they are there."""
    b.counted[:] = 0.0
    b.total[:] = 0.0
    for i in range(t.u.size):
        g = t.groups[i]
        for c in range(b.slope.size):
            b.counted[g, c] += w[i, c] * b.y[i, c]
            b.total[c] += w[i, c] * b.y[i, c] * t.u[i]
    for _ in range(MOST_STEPS):
        b.by[:] = 0.0
        _powers(b, t)
        for i in range(t.u.size):
            g, u = t.groups[i], t.u[i]
            for c in range(b.slope.size):
                b.taken[c] = w[i, c] * b.power[c]
            for c in range(b.slope.size):
                b.by[0, g, c] += b.taken[c]
            for c in range(b.slope.size):
                b.by[1, g, c] += b.taken[c] * u
            for c in range(b.slope.size):
                b.by[2, g, c] += b.taken[c] * u * u
            for c in range(b.slope.size):
                b.power[c] *= b.ratio[c]
        levels(b)
        if not by_slope:
            return
        moved = 0
        for c in range(b.slope.size):
            score = b.total[c]
            for g in range(b.counted.shape[0]):
                score -= b.counted[g, c] * b.centre[g, c]
            way = score / b.spread[c] if b.spread[c] > 1e-12 else 0.0
            way = min(max(way, -LONGEST_STEP * span), LONGEST_STEP * span)
            new = min(max(b.slope[c] + way, -STEEPEST * span), STEEPEST * span)
            if abs(new - b.slope[c]) >= PRECISION * span:
                b.slope[c] = new
                moved += 1
        if moved == 0:
            return


@side_by_side
def _powers(b, t):  # type: ignore[no-untyped-def]
    """e^(slope u) at the first reference, and what it grows by from one to the next."""
    for c in range(b.slope.size):
        b.power[c] = np.exp(b.slope[c] * t.u[0])
        b.ratio[c] = np.exp(b.slope[c] * t.step)


@side_by_side
def _disperse(b, t, w, seen, fitted):  # type: ignore[no-untyped-def]
    """Pearson's chi-square over the degrees of freedom, at least 1."""
    b.phi[:] = 0.0
    _powers(b, t)
    for i in range(t.u.size):
        g = t.groups[i]
        for c in range(b.slope.size):
            mean = b.level[g, c] * b.power[c]
            residual = b.y[i, c] - mean
            b.phi[c] += w[i, c] * residual * residual / mean if mean > 1e-300 else 0.0
        for c in range(b.slope.size):
            b.power[c] *= b.ratio[c]
    for c in range(b.slope.size):
        b.phi[c] = max(1.0, b.phi[c] / max(seen[c] - fitted, 1.0))


@side_by_side
def _weigh(b, t, w, seen, threshold):  # type: ignore[no-untyped-def]
    """Weights of the second fit, as of `alike.outbreaks`; they sum to those of the first."""
    total = np.zeros(LANES)
    b.near[:] = 0.0
    for i in range(t.u.size):
        g, u = t.groups[i], t.u[i]
        for c in range(b.slope.size):
            mean = b.level[g, c] * np.exp(b.slope[c] * u)
            deviation = b.y[i, c] - mean
            if deviation > 0.0 and mean > 1e-300 and w[i, c] > 0.0:
                away = u - b.centre[g, c]
                hat = 1.0 / b.counted[g, c]
                hat += away * away / b.spread[c] if b.spread[c] > 1e-12 else 0.0
                left = b.phi[c] * max(1.0 - w[i, c] * mean * hat, 1e-9)
                if deviation * deviation > threshold * threshold * mean * left:
                    root = np.cbrt(b.y[i, c] / mean)
                    residual = 1.5 * (root * root - 1.0) * np.sqrt(mean / left)
                    if abs(residual - threshold) < NEARNESS:
                        b.near[c] = 1.0
                    if residual > threshold:
                        w[i, c] /= residual * residual
            total[c] += w[i, c]
    for c in range(b.slope.size):
        b.scale[c] = seen[c] / total[c] if total[c] > 0.0 else 1.0
    for i in range(t.u.size):
        for c in range(b.slope.size):
            w[i, c] *= b.scale[c]
