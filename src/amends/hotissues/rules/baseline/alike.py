"""The fit of `kernel` where a block of cells knows the same references, as nearly all do.

Then the sums over references that each step towards the slope needs are power series in it, whose
coefficients are the same for every cell: no step reads a count. The weights of the second fit are
one number a cell but for the few outbreaks of its past, which are taken off one by one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from amends.hotissues.rules.baseline.fields import LANES, LONGEST_STEP, PRECISION, STEEPEST

TERMS = 24
FARTHEST = 3.0
"""The series is used while slope times half the time of the references is no more than this."""
NEGLIGIBLE = 1e-14


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def step(sums, n_groups, total, slope, score, ratio):  # type: ignore[no-untyped-def]
    """Move each slope to the top of its parabola; how far the farthest went."""
    for c in range(LANES):
        score[c] = total[c]
        ratio[c] = 0.0
    for g in range(n_groups):
        for c in range(LANES):
            if sums[1, g, c] > 0.0:
                centre = sums[2, g, c] / sums[1, g, c]
                score[c] -= sums[0, g, c] * centre
                ratio[c] += sums[0, g, c] * (sums[3, g, c] / sums[1, g, c] - centre * centre)
    moved = 0.0
    for c in range(LANES):
        way = score[c] / ratio[c] if ratio[c] > 1e-12 else 0.0
        way = min(max(way, -LONGEST_STEP), LONGEST_STEP)
        new = min(max(slope[c] + way, -STEEPEST), STEEPEST)
        moved = max(moved, abs(new - slope[c]))
        slope[c] = new
    return moved


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def levels(sums, n_groups, level, centre, spread):  # type: ignore[no-untyped-def]
    """Observed over expected and the centre of times, by level; the spread of times of a cell."""
    for c in range(LANES):
        spread[c] = 0.0
    for g in range(n_groups):
        for c in range(LANES):
            some = sums[1, g, c] > 0.0
            divisor = sums[1, g, c] if some else 1.0
            level[g, c] = sums[0, g, c] / divisor if some else 0.0
            centre[g, c] = sums[2, g, c] / divisor if some else 0.0
            spread[c] += level[g, c] * (sums[3, g, c] - sums[2, g, c] * centre[g, c])


@njit(cache=True, nogil=True)
def moments_of(x, groups, n_groups, used, far):  # type: ignore[no-untyped-def]
    """sum over the references of a level of (x / far)^(k + j) / k!, for j = 0, 1, 2."""
    moments = np.zeros((3, TERMS, n_groups))
    for i in range(x.size):
        u = x[i] / far
        term = used[i]
        for k in range(TERMS):
            moments[0, k, groups[i]] += term
            moments[1, k, groups[i]] += term * u
            moments[2, k, groups[i]] += term * u * u
            term *= u / (k + 1)
    return moments


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def profile_alike(  # type: ignore[no-untyped-def]
    x, groups, n_groups, slope, sums, total, steps, by_slope, moments, far, scale, less, n_less
):
    """The same as `_profile` for cells that know the same references, with weights that are `scale`
    but for a few: sums over references are power series in the slope, whose coefficients no cell
    changes. Whether all slopes stayed near enough for these.

    sums   whose sums[0], and `total` of the same times x, are known
    less   of weights other than `scale`: reference, cell, and how much less each is
    """
    score = np.empty(LANES)
    ratio = np.empty(LANES)
    z = np.empty(LANES)
    a = np.empty(LANES)
    b = np.empty(LANES)
    d = np.empty(LANES)
    for _ in range(steps):
        most = 0.0
        for c in range(LANES):
            z[c] = slope[c] * far
            most = max(most, abs(z[c]))
        if most > FARTHEST:
            return False
        terms, term = 1, most
        while term > NEGLIGIBLE and terms < TERMS:
            terms += 1
            term *= most / terms
        for g in range(n_groups):
            for c in range(LANES):
                a[c] = 0.0
                b[c] = 0.0
                d[c] = 0.0
            for k in range(terms - 1, -1, -1):
                m0, m1, m2 = moments[0, k, g], moments[1, k, g], moments[2, k, g]
                for c in range(LANES):
                    a[c] = a[c] * z[c] + m0
                    b[c] = b[c] * z[c] + m1
                    d[c] = d[c] * z[c] + m2
            for c in range(LANES):
                sums[1, g, c] = scale[c] * a[c]
                sums[2, g, c] = scale[c] * far * b[c]
                sums[3, g, c] = scale[c] * far * far * d[c]
        for n in range(n_less):
            i, c = int(less[0, n]), int(less[1, n])
            p = less[2, n] * np.exp(slope[c] * x[i])
            sums[1, groups[i], c] -= p
            sums[2, groups[i], c] -= p * x[i]
            sums[3, groups[i], c] -= p * x[i] * x[i]
        if not by_slope:
            return True
        if step(sums, n_groups, total, slope, score, ratio) < PRECISION:
            return True
    return True


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def chi_alike(  # type: ignore[no-untyped-def]
    y, used, x, groups, n_groups, slope, sums, level, centre, spread, scale, less, few, chi
):
    """What the second `_chi_square` leaves, without residuals, for cells as of `profile_alike`."""
    power = np.empty(LANES)
    ratio = np.empty(LANES)
    for c in range(LANES):
        chi[c] = 0.0
        power[c] = np.exp(slope[c] * x[0])
        ratio[c] = np.exp(slope[c])
    levels(sums, n_groups, level, centre, spread)
    for i in range(x.size):
        g, there = groups[i], used[i]
        for c in range(LANES):
            mean = level[g, c] * power[c]
            power[c] *= ratio[c]
            rest = y[i, c] - mean
            square = rest * rest / (mean if mean > 1e-300 else 1.0)
            chi[c] += there * (square if mean > 1e-300 else 0.0)
    for c in range(LANES):
        chi[c] *= scale[c]
    for n in range(few):
        i, c = int(less[0, n]), int(less[1, n])
        mean = level[groups[i], c] * np.exp(slope[c] * x[i])
        rest = y[i, c] - mean
        chi[c] -= less[2, n] * rest * rest / mean if mean > 1e-300 else 0.0


@njit(cache=True, nogil=True)
def less_counted(y, x, groups, sums, total, scale, less, few):  # type: ignore[no-untyped-def]
    """The weighted counts of the second fit, from those of the first."""
    for g in range(sums.shape[1]):
        for c in range(LANES):
            sums[0, g, c] *= scale[c]
    for c in range(LANES):
        total[c] *= scale[c]
    for n in range(few):
        i, c = int(less[0, n]), int(less[1, n])
        sums[0, groups[i], c] -= less[2, n] * y[i, c]
        total[c] -= less[2, n] * y[i, c] * x[i]
