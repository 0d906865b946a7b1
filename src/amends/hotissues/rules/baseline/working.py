"""The fit of `kernel` as iteratively reweighted least squares leave it, which others rest on.

A generalised linear model is usually fitted by repeated least squares (Nelder and Wedderburn 1972,
J R Stat Soc A 135:370-384, doi:10.2307/2344614; from mu = y + 0.1, until the deviance changes by
less than 1e-8 of itself), and dispersion and hat values are then taken with the weights of the last
least squares, which are those of the means one iteration before. That differs from the maximum by
some 1e-5, which matters to one count in many thousand: that whose residual lies so close to the
weighting threshold. `farrington.p_values` fits those cells again in this way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.hotissues.rules.baseline import fields
from amends.hotissues.rules.baseline.plain import Fitted, anscombe_weights, write

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ITERATIONS = 25
EPSILON = 1e-8
STARTS_ABOVE = 0.1


def fit(
    counts: NDArray[Any],
    cells: Ints,
    first: int,
    groups: Ints,
    n_groups: int,
    used: Floats,
    judged: Ints,
    trend: bool,
    threshold: float,
    now: float,
    profile: Floats,
    out: Floats,
) -> None:
    """Same arguments and results as `kernel.fit`; a cell at a time, for the few that need it."""
    x = np.arange(groups.size, dtype=np.float64) - 0.5 * (groups.size - 1)
    alike = (groups == np.arange(n_groups)[:, None]).astype(float)
    ahead = now - 0.5 * (groups.size - 1)
    for cell in cells.tolist():
        y = counts[first : first + groups.size, cell][:, None].astype(float)
        start: Floats = np.where(y >= 0.0, used[:, None], 0.0)
        y = np.maximum(y, 0.0)
        freedom = np.maximum(start.sum(axis=0) - n_groups - trend, 1.0)
        one = _fit(y, start, x, groups, alike, trend)
        weights, _ = anscombe_weights(one, np.maximum(one.chi_square / freedom, 1.0), threshold)
        two = _fit(y, weights, x, groups, alike, trend)
        dispersion = np.maximum(two.chi_square / freedom, 1.0)
        write(two, judged, ahead, dispersion, profile, np.array([cell]), out)
        out[:, fields.NEAR, cell] = 0.0


def _fit(y: Floats, w: Floats, x: Floats, groups: Ints, alike: Floats, trend: bool) -> Fitted:
    """One weighted fit of one cell (columns of one), with the last working weights."""
    mean = y + STARTS_ABOVE
    eta = np.log(mean)
    before = np.inf
    slope = np.zeros(1)
    for _ in range(MOST_ITERATIONS):
        working = w * mean
        aim = eta + (y - mean) / mean
        total = alike @ working
        divisor = np.where(total > 0.0, total, 1.0)
        centre = (alike @ (working * x[:, None])) / divisor
        height = (alike @ (working * aim)) / divisor
        away = x[:, None] - centre[groups]
        spread = (working * away * away).sum(axis=0)
        if trend:
            slope = (working * away * (aim - height[groups])).sum(axis=0) / np.maximum(
                spread, 1e-300
            )
        eta = height[groups] + slope * away
        mean = np.maximum(np.exp(np.clip(eta, -300.0, 300.0)), 2.2e-16)
        ratio = np.where(y > 0.0, np.where(y > 0.0, y, 1.0) / mean, 1.0)
        deviance = 2.0 * float((w * (y * np.log(ratio) - (y - mean))).sum())
        if abs(deviance - before) / (abs(deviance) + 0.1) < EPSILON:
            break
        before = deviance
    residual = (y - mean) / mean
    width = np.where(spread > 1e-9, 1.0 / np.maximum(spread, 1e-9), 0.0) if trend else 0.0 * spread
    hat = working * (1.0 / divisor[groups] + away * away * width)
    level = np.exp(height - slope * centre)
    power = w * np.exp(np.outer(x, slope))
    return Fitted(
        y=y, w=w, mean=mean, hat=hat, chi_square=(working * residual**2).sum(axis=0),
        slope=slope, level=level, centre=centre, spread=spread, trend=trend,
        seen=alike @ (w * y), exposure=alike @ power,
    )  # fmt: skip
