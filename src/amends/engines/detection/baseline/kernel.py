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

from amends.engines.detection.baseline import irregular_cells as apart
from amends.engines.detection.baseline.buffers import allocate, side_by_side
from amends.engines.detection.baseline.fields import LANES
from amends.engines.detection.baseline.outcome import write
from amends.engines.detection.baseline.regular_cells import (
    add_up,
    disperse,
    outbreaks,
    profile,
    read,
    times_of,
    weigh_anew,
)


def fit(  # type: ignore[no-untyped-def]
    counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, like, out
):
    """Fit `cells` of `counts` (periods x cells, negative = missing) on the rows from `first` on.

    `cells` ascend; counts are of 32 bits or less.

    groups     level of each reference row, 0 .. n_groups - 1
    used       1 where a reference row counts, 0 where it is left out
    judged     levels of the periods to be judged; one where there is a trend
    trend      whether a log-linear trend is fitted
    threshold  Anscombe residuals above it are weighted by their inverse square
    now        rows from `first` to the last period judged
    like       what the levels of all cells are like, n_groups
    out        periods judged x OUTPUTS x all cells

    Cells with missing references, or steeper than the power series reach, are left to `apart`.
    """
    left = _fit(
        counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, like, out
    )
    if left.size:
        apart.fit(
            counts, left, first, groups, n_groups, used, judged, trend, threshold, now, like, out
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _fit(  # type: ignore[no-untyped-def]
    counts, cells, first, groups, n_groups, used, judged, trend, threshold, now, like, out
):
    """`fit`, but for the cells returned."""
    t = times_of(groups, n_groups, used)
    n = groups.size
    span = 1.0 / t.step
    ahead = (now - 0.5 * (n - 1)) / span
    freedom = max(used.sum() - n_groups - trend, 1.0)
    b = allocate(n, n_groups)
    b.known[:] = n
    left = np.empty(cells.size, np.int64)
    n_left = 0
    none = np.int64(0)
    for low in range(0, cells.size, LANES):
        high = min(low + LANES, cells.size)
        read(counts, cells, low, high, first, b)
        add_up(b, t)
        _begin(b)
        profile(b, t, none, trend)
        disperse(b, t, none, freedom)
        few = outbreaks(b, t, threshold)
        weigh_anew(b, t, few)
        profile(b, t, few, trend)
        disperse(b, t, few, freedom)
        write(b, judged, like, ahead, span, trend, cells, low, high, out)
        for c in range(high - low):
            if b.lost[c] > 0.0:
                left[n_left] = cells[low + c]
                n_left += 1
    return left[:n_left]


@side_by_side
def _begin(b):  # type: ignore[no-untyped-def]
    """From no slope and full weights; cells with missing references as if nothing were counted."""
    for c in range(b.slope.size):
        b.slope[c] = 0.0
        b.scale[c] = 1.0
        b.lost[c] = 0.0
        if b.least[c] < 0.0:
            b.lost[c] = 1.0
            b.total[c] = 0.0
            for i in range(b.y.shape[0]):
                b.y[i, c] = 0
            for g in range(b.counted.shape[0]):
                b.counted[g, c] = 0.0
