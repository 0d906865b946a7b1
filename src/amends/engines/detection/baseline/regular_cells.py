"""The fit of `kernel` for cells that know the same references, as nearly all do.

Then the sums over references that each step towards the slope needs are power series in it, whose
coefficients are the same for every cell: no step reads a count. The weights of the second fit are
one number a cell but for the few outbreaks of its past, which are taken off one by one.

Inner loops go over the cells of a block and become vector instructions if LLVM lets them. It does
where a loop writes one array (of several it cannot show cheaply that none overlaps another), goes
to a length it does not know beforehand (others are written out as scalars first), and indexes from
a start it knows not to be negative. No cell's result hangs on those of its block: a slope stays
where its next move would be negligible.
"""

from __future__ import annotations

import numpy as np

from amends.engines.detection.baseline.buffers import Times, side_by_side
from amends.engines.detection.baseline.fields import LANES, MOST_STEPS, NEARNESS

TERMS = 24
FARTHEST = 3.0
"""The series is used for slopes of no more than this: e^3 times as many at the end as midway."""
NEGLIGIBLE = 1e-4
"""A move after which a slope is right to the square of it: Newton's method doubles the digits."""


@side_by_side
def moments_of(u, groups, n_groups, used):  # type: ignore[no-untyped-def]
    """sum over the references of a level of u^(k + j) / k!, for j = 0, 1, 2."""
    moments = np.zeros((3, n_groups, TERMS))
    for i in range(u.size):
        term = used[i]
        for k in range(TERMS):
            moments[0, groups[i], k] += term
            moments[1, groups[i], k] += term * u[i]
            moments[2, groups[i], k] += term * u[i] * u[i]
            term *= u[i] / (k + 1)
    return moments


@side_by_side
def times_of(groups, n_groups, used):  # type: ignore[no-untyped-def]
    """The times of the references, and what only depends on these."""
    n = groups.size
    middle = 0.5 * (n - 1)
    span = max(middle, 1.0)
    u = np.empty(n)
    for i in range(n):
        u[i] = (i - middle) / span
    return Times(u, 1.0 / span, groups, used, moments_of(u, groups, n_groups, used))


@side_by_side
def exp_near(v):  # type: ignore[no-untyped-def]
    """e^v for v within 3 of 0, to 1e-14: the series of an eighth of it, squared three times.

    Unlike a call of the mathematical library it can be taken for several cells at once.
    """
    e = v * 0.125
    p = 1.0 / 6227020800.0
    p = p * e + 1.0 / 479001600.0
    p = p * e + 1.0 / 39916800.0
    p = p * e + 1.0 / 3628800.0
    p = p * e + 1.0 / 362880.0
    p = p * e + 1.0 / 40320.0
    p = p * e + 1.0 / 5040.0
    p = p * e + 1.0 / 720.0
    p = p * e + 1.0 / 120.0
    p = p * e + 1.0 / 24.0
    p = p * e + 1.0 / 6.0
    p = p * e + 0.5
    p = p * e + 1.0
    p = p * e + 1.0
    p *= p
    p *= p
    return p * p


@side_by_side
def read(counts, cells, low, high, first, b):  # type: ignore[no-untyped-def]
    """The counts of a block of cells; lanes beyond the last cell repeat it."""
    at = cells[low]
    if high - low == LANES and cells[high - 1] - at == LANES - 1:
        window = counts[first : first + b.y.shape[0], at : at + LANES]
        for i in range(b.y.shape[0]):
            for c in range(window.shape[1]):
                b.y[i, c] = window[i, c]
    else:
        for c in range(b.slope.size):
            at = cells[min(low + c, high - 1)]
            for i in range(b.y.shape[0]):
                b.y[i, c] = counts[first + i, at]


@side_by_side
def add_up(b, t):  # type: ignore[no-untyped-def]
    """Counts by level, their sum by time, the least and the most of each cell."""
    b.counted[:] = 0.0
    for c in range(b.slope.size):
        b.total[c] = 0.0
        b.least[c] = b.y[0, c]
        b.most[c] = b.y[0, c]
    for i in range(t.u.size):
        g, weight, lever = t.groups[i], t.used[i], t.used[i] * t.u[i]
        for c in range(b.slope.size):
            b.counted[g, c] += weight * b.y[i, c]
        for c in range(b.slope.size):
            b.total[c] += lever * b.y[i, c]
        for c in range(b.slope.size):
            b.least[c] = b.y[i, c] if b.y[i, c] < b.least[c] else b.least[c]
        for c in range(b.slope.size):
            b.most[c] = b.y[i, c] if b.y[i, c] > b.most[c] else b.most[c]


@side_by_side
def sums_at(slope, scale, moments, by, terms):  # type: ignore[no-untyped-def]
    """by[j, g] = sum over the references of a level of scale e^(slope u) u^j, for j = 0, 1, 2."""
    for j in range(3):
        for g in range(by.shape[1]):
            for c in range(slope.size):
                by[j, g, c] = 0.0
            for k in range(terms - 4, -1, -4):
                m0, m1 = moments[j, g, k], moments[j, g, k + 1]
                m2, m3 = moments[j, g, k + 2], moments[j, g, k + 3]
                for c in range(slope.size):
                    z = slope[c]
                    by[j, g, c] = (((by[j, g, c] * z + m3) * z + m2) * z + m1) * z + m0
            for c in range(slope.size):
                by[j, g, c] *= scale[c]


@side_by_side
def take_off(b, t, few):  # type: ignore[no-untyped-def]
    """Take off the sums what the few outbreaks weigh less."""
    for n in range(few):
        b.taken[n] = b.gone[n] * exp_near(b.slope[b.lanes[n]] * b.times[n])
    for n in range(few):
        g, c = t.groups[b.rows[n]], b.lanes[n]
        b.by[0, g, c] -= b.taken[n]
        b.by[1, g, c] -= b.taken[n] * b.times[n]
        b.by[2, g, c] -= b.taken[n] * b.times[n] * b.times[n]


@side_by_side
def levels(b):  # type: ignore[no-untyped-def]
    """Observed over expected and the centre of times, by level; the spread of times of a cell."""
    b.spread[:] = 0.0
    for g in range(b.counted.shape[0]):
        for c in range(b.slope.size):
            b.level[g, c] = 1.0 / b.by[0, g, c] if b.by[0, g, c] > 0.0 else 0.0
        for c in range(b.slope.size):
            b.centre[g, c] = b.by[1, g, c] * b.level[g, c]
        for c in range(b.slope.size):
            b.level[g, c] *= b.counted[g, c]
        for c in range(b.slope.size):
            b.spread[c] += b.level[g, c] * (b.by[2, g, c] - b.by[1, g, c] * b.centre[g, c])


@side_by_side
def moves(b):  # type: ignore[no-untyped-def]
    """How far each slope is from the top of its parabola; how many are not there yet."""
    for c in range(b.slope.size):
        b.move[c] = b.total[c]
    for g in range(b.counted.shape[0]):
        for c in range(b.slope.size):
            b.move[c] -= b.counted[g, c] * b.centre[g, c]
    for c in range(b.slope.size):
        new = b.slope[c] + (b.move[c] / b.spread[c] if b.spread[c] > 1e-12 else 0.0)
        new = new if new < FARTHEST else FARTHEST
        b.move[c] = (new if new > -FARTHEST else -FARTHEST) - b.slope[c]
    more = 0
    for c in range(b.slope.size):
        more += abs(b.move[c]) >= NEGLIGIBLE
    return more


@side_by_side
def profile(b, t, few, by_slope):  # type: ignore[no-untyped-def]
    """Move each slope to the maximum; leave sums, levels, centres and spread as they are there."""
    terms = TERMS
    if few == 0:
        steepest = 0.0
        for c in range(b.slope.size):
            steepest = max(steepest, abs(b.slope[c]))
        terms = TERMS if steepest > 0.0 else 4
    for _ in range(MOST_STEPS):
        sums_at(b.slope, b.scale, t.moments, b.by, terms)
        take_off(b, t, few)
        levels(b)
        if not by_slope:
            return
        if moves(b) == 0:
            break
        terms = TERMS
        for c in range(b.slope.size):
            b.slope[c] += b.move[c] if abs(b.move[c]) >= NEGLIGIBLE else 0.0
    for c in range(b.slope.size):
        astray = abs(b.slope[c]) > 0.999 * FARTHEST or abs(b.move[c]) >= NEGLIGIBLE
        b.lost[c] = 1.0 if astray else b.lost[c]
    for g in range(b.counted.shape[0]):
        for c in range(b.slope.size):
            b.by[0, g, c] += b.move[c] * (b.by[1, g, c] + 0.5 * b.move[c] * b.by[2, g, c])
        for c in range(b.slope.size):
            b.by[1, g, c] += b.move[c] * b.by[2, g, c]
    for c in range(b.slope.size):
        b.slope[c] += b.move[c]
    levels(b)


@side_by_side
def disperse(b, t, few, freedom):  # type: ignore[no-untyped-def]
    """Pearson's chi-square over the degrees of freedom, at least 1.

    sum w (y - mu)^2 / mu = sum w y^2 / mu - sum w y, for a fit's levels sum to what was counted.
    The difference loses digits as counts grow; at ten million a period it is right to 1e-6.
    """
    b.square[:] = 0.0
    for c in range(b.slope.size):
        b.power[c] = exp_near(-b.slope[c] * t.u[0])
    for c in range(b.slope.size):
        b.ratio[c] = exp_near(-b.slope[c] * t.step)
    for i in range(t.u.size):
        g, weight = t.groups[i], t.used[i]
        for c in range(b.slope.size):
            b.square[g, c] += weight * b.y[i, c] * b.y[i, c] * b.power[c]
        for c in range(b.slope.size):
            b.power[c] *= b.ratio[c]
    for g in range(b.level.shape[0]):
        for c in range(b.slope.size):
            b.square[g, c] *= b.scale[c]
    for n in range(few):
        y, away = b.y[b.rows[n], b.lanes[n]], -b.slope[b.lanes[n]] * b.times[n]
        b.square[t.groups[b.rows[n]], b.lanes[n]] -= b.gone[n] * y * y * exp_near(away)
    b.phi[:] = 0.0
    for g in range(b.level.shape[0]):
        for c in range(b.slope.size):
            mean = b.square[g, c] / b.level[g, c] if b.level[g, c] > 1e-300 else 0.0
            b.phi[c] += mean - b.counted[g, c]
    for c in range(b.slope.size):
        b.phi[c] = b.phi[c] / freedom if b.phi[c] > freedom else 1.0


@side_by_side
def outbreaks(b, t, threshold):  # type: ignore[no-untyped-def]
    """The references that weigh less in the second fit, as many as are returned.

    They weigh the inverse square of their Anscombe residuals where these are above the threshold.
    A Pearson residual bounds the Anscombe residual from above (y^(2/3) is concave), so the root is
    taken for the few counts that may pass.
    """
    for g in range(b.level.shape[0]):
        for c in range(b.slope.size):
            b.inverse[g, c] = 1.0 / b.counted[g, c] if b.counted[g, c] > 0.0 else 0.0
    for c in range(b.slope.size):
        b.width[c] = 1.0 / b.spread[c] if b.spread[c] > 1e-12 else 0.0
    for c in range(b.slope.size):
        b.power[c] = exp_near(b.slope[c] * t.u[0])
    for c in range(b.slope.size):
        b.ratio[c] = exp_near(b.slope[c] * t.step)
    b.near[:] = 0.0
    limit = threshold * threshold
    few = np.int64(0)
    for i in range(t.u.size):
        g, weight, at = t.groups[i], t.used[i], t.u[i]
        for c in range(b.slope.size):
            mean = b.level[g, c] * b.power[c]
            away = at - b.centre[g, c]
            left = 1.0 - weight * mean * (b.inverse[g, c] + away * away * b.width[c])
            bound = limit * b.phi[c] * mean * (left if left > 1e-9 else 1e-9)
            residual = b.y[i, c] - mean
            b.over[c] = residual * residual - bound if residual > 0.0 else 0.0
        outbreak_count = 0
        for c in range(b.slope.size):
            outbreak_count += b.over[c] > 0.0
        if outbreak_count > 0 and weight > 0.0:
            few = weigh_less(b, i, g, weight, at, threshold, few)
        for c in range(b.slope.size):
            b.power[c] *= b.ratio[c]
    return few


@side_by_side
def weigh_less(b, i, g, weight, at, threshold, few):  # type: ignore[no-untyped-def]
    """Add those of one reference's counts that weigh less to the few, of which there are `few`."""
    for c in range(b.slope.size):
        mean = b.level[g, c] * b.power[c]
        if b.over[c] <= 0.0 or mean <= 1e-300:
            continue
        away = at - b.centre[g, c]
        left = max(1.0 - weight * mean * (b.inverse[g, c] + away * away * b.width[c]), 1e-9)
        root = np.cbrt(b.y[i, c] / mean)
        residual = 1.5 * (root * root - 1.0) * np.sqrt(mean / (b.phi[c] * left))
        if abs(residual - threshold) < NEARNESS:
            b.near[c] = 1.0
        if residual > threshold:
            b.rows[few], b.lanes[few], b.times[few] = i, c, at
            b.gone[few] = weight * (1.0 - 1.0 / (residual * residual))
            few += 1
    return few


@side_by_side
def weigh_anew(b, t, few):  # type: ignore[no-untyped-def]
    """Weights of the second fit that sum to those of the first, and the counts weighted by them."""
    full = t.used.sum()
    b.scale[:] = full
    for n in range(few):
        b.scale[b.lanes[n]] -= b.gone[n]
    for c in range(b.slope.size):
        b.scale[c] = full / b.scale[c] if b.scale[c] > 0.0 else 1.0
    for g in range(b.counted.shape[0]):
        for c in range(b.slope.size):
            b.counted[g, c] *= b.scale[c]
    for c in range(b.slope.size):
        b.total[c] *= b.scale[c]
    for n in range(few):
        c = b.lanes[n]
        b.gone[n] *= b.scale[c]
        less = b.gone[n] * b.y[b.rows[n], c]
        b.counted[t.groups[b.rows[n]], c] -= less
        b.total[c] -= less * b.times[n]
