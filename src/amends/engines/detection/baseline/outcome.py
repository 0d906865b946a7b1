"""What a fit brings, from its sums: the entries of `fields`, for a block of cells."""

from __future__ import annotations

import numpy as np

from amends.engines.detection.baseline.buffers import side_by_side
from amends.engines.detection.baseline.fields import (
    DISPERSION,
    FLAT,
    KNOWN,
    LANES,
    LEVEL_FLAT,
    LEVEL_SEEN,
    LEVEL_SPREAD,
    MEAN,
    MOST,
    NEAR,
    SLOPE,
    VARIANCE,
)


@side_by_side
def kinship(b, like, flat, between):  # type: ignore[no-untyped-def]
    """What a cell brings without levels, and how far these differ beyond chance: what an empirical
    Bayes shrinkage needs. `like` is what the levels of all cells are like."""
    weight = b.by[0]
    seen = np.zeros(LANES)
    filled = np.zeros(LANES)
    squares = np.zeros(LANES)
    flat[:] = 0.0
    between[:] = 0.0
    for g in range(like.size):
        for c in range(b.slope.size):
            seen[c] += b.counted[g, c]
        for c in range(b.slope.size):
            flat[c] += weight[g, c] * like[g]
        for c in range(b.slope.size):
            filled[c] += 1.0 if weight[g, c] > 0.0 else 0.0
    for c in range(b.slope.size):
        flat[c] = seen[c] / flat[c] if flat[c] > 0.0 else 0.0
    for g in range(like.size):
        for c in range(b.slope.size):
            expected = flat[c] * weight[g, c] * like[g]
            squares[c] += expected * expected
        for c in range(b.slope.size):
            expected = flat[c] * weight[g, c] * like[g]
            residual = b.counted[g, c] - expected
            between[c] += residual * residual / expected if expected > 0.0 else 0.0
    for c in range(b.slope.size):
        free = seen[c] - squares[c] / seen[c] if seen[c] > 0.0 else 0.0
        more = between[c] - b.phi[c] * (filled[c] - 1.0)
        between[c] = more / free if free > 0.0 and more > 0.0 else 0.0


@side_by_side
def write(b, judged, like, ahead, span, trend, cells, low, high, out):  # type: ignore[no-untyped-def]
    """The results of a block of cells into `out`.

    ahead  time of the last period judged
    span   periods in a unit of time
    """
    flat, between = b.width, b.over
    kinship(b, like, flat, between)
    for c in range(high - low):
        grown = np.exp(b.slope[c] * ahead)
        at = cells[low + c]
        for k in range(judged.size):
            g = judged[k]
            variance = 1.0 / b.counted[g, c] if b.counted[g, c] > 0.0 else np.inf
            away = ahead - b.centre[g, c]
            if trend and b.spread[c] > 1e-12:
                variance += away * away / b.spread[c]
            out[k, MEAN, at] = b.level[g, c] * grown
            out[k, DISPERSION, at] = b.phi[c]
            out[k, VARIANCE, at] = variance * b.phi[c]
            out[k, SLOPE, at] = b.slope[c] / span
            out[k, NEAR, at] = b.near[c]
            out[k, FLAT, at] = flat[c] * like[g] * grown
            out[k, LEVEL_SEEN, at] = b.counted[g, c]
            out[k, LEVEL_FLAT, at] = flat[c] * b.by[0, g, c] * like[g]
            out[k, LEVEL_SPREAD, at] = between[c]
            out[k, KNOWN, at] = b.known[c]
            out[k, MOST, at] = b.most[c]
