"""The fit of `kernel`, written with NumPy alone: all cells of a block as columns of matrices.

Slow and plain: the tests hold the compiled fit against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline import fields

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 2_048


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
    """Same arguments and results as `kernel.fit`."""
    x: Floats = np.arange(groups.size, dtype=np.float64) - 0.5 * (groups.size - 1)
    alike = (groups == np.arange(n_groups)[:, None]).astype(float)
    ahead = now - 0.5 * (groups.size - 1)
    for low in range(0, cells.size, BLOCK):
        block = cells[low : low + BLOCK]
        y = counts[first : first + groups.size, block].astype(float)
        start: Floats = np.where(y >= 0.0, used[:, None], 0.0).astype(np.float64)
        out[:, fields.KNOWN, block] = (y >= 0.0).sum(axis=0)
        out[:, fields.MOST, block] = y.max(axis=0)
        y = np.maximum(y, 0.0)
        freedom = np.maximum(start.sum(axis=0) - n_groups - trend, 1.0)
        model = _Model(y, start, x, groups, alike, np.zeros(block.size), trend)
        dispersion = np.maximum(model.chi_square / freedom, 1.0)
        weights, out[:, fields.NEAR, block] = anscombe_weights(
            model.fitted(), dispersion, threshold
        )
        model = _Model(y, weights, x, groups, alike, model.slope, trend)
        dispersion = np.maximum(model.chi_square / freedom, 1.0)
        write(model.fitted(), judged, ahead, dispersion, profile, block, out)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One weighted fit, cells in columns.

    y, w, mean, hat          periods x cells
    level, centre            observed over expected, and mean time, of each level
    seen, exposure           sums of w y and of w e^(slope x), of each level
    chi_square, slope, spread  one a cell
    """

    y: Floats
    w: Floats
    mean: Floats
    hat: Floats
    chi_square: Floats
    slope: Floats
    level: Floats
    centre: Floats
    spread: Floats
    trend: bool
    seen: Floats
    exposure: Floats


class _Model:
    """One weighted Poisson fit of a block of cells."""

    def __init__(
        self,
        y: Floats,
        w: Floats,
        x: Floats,
        groups: Ints,
        alike: Floats,
        slope: Floats,
        trend: bool,
    ) -> None:
        self.y, self.w, self.x, self.groups, self.alike, self.trend = y, w, x, groups, alike, trend
        self.seen = alike @ (w * y)
        self.slope = self._slope(slope) if trend else slope * 0.0
        self._sum(self.slope)
        self.mean = self.level[groups] * np.exp(np.outer(x, self.slope))
        some = np.where(self.mean > 1e-300, self.mean, 1.0)
        self.pearson = np.where(self.mean > 1e-300, (y - self.mean) ** 2 / some, 0.0)
        self.chi_square = (w * self.pearson).sum(axis=0)

    def _sum(self, slope: Floats) -> None:
        power = self.w * np.exp(np.outer(self.x, slope))
        x = self.x[:, None]
        self.sums = [self.alike @ power, self.alike @ (power * x), self.alike @ (power * x * x)]
        divisor = np.where(self.sums[0] > 0.0, self.sums[0], 1.0)
        there = self.sums[0] > 0.0
        self.level = np.where(there, self.seen / divisor, 0.0)
        self.centre = np.where(there, self.sums[1] / divisor, 0.0)
        self.spread = (self.level * (self.sums[2] - self.sums[1] * self.centre)).sum(axis=0)

    def _slope(self, slope: Floats) -> Floats:
        total = self.x @ (self.w * self.y)
        for _ in range(fields.MOST_STEPS):
            self._sum(slope)
            score = total - (self.seen * self.centre).sum(axis=0)
            step = np.where(self.spread > 1e-12, score / np.maximum(self.spread, 1e-12), 0.0)
            step = np.clip(step, -fields.LONGEST_STEP, fields.LONGEST_STEP)
            new = np.clip(slope + step, -fields.STEEPEST, fields.STEEPEST)
            moved = float(np.abs(new - slope).max(initial=0.0))
            slope = new
            if moved < fields.PRECISION:
                break
        return slope

    def fitted(self) -> Fitted:
        """The fit with its hat values."""
        inverse = np.where(self.seen > 0.0, 1.0 / np.where(self.seen > 0.0, self.seen, 1.0), 0.0)
        width = np.where(self.spread > 1e-9, 1.0 / np.maximum(self.spread, 1e-9), 0.0)
        away = self.x[:, None] - self.centre[self.groups]
        hat = self.w * self.mean * (inverse[self.groups] + away * away * width)
        return Fitted(
            y=self.y,
            w=self.w,
            mean=self.mean,
            hat=hat,
            chi_square=self.chi_square,
            slope=self.slope,
            level=self.level,
            centre=self.centre,
            spread=self.spread,
            trend=self.trend,
            seen=self.seen,
            exposure=self.sums[0],
        )


def anscombe_weights(
    model: Fitted, dispersion: Floats, threshold: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Inverse squares of Anscombe residuals above the threshold, scaled to the number seen.

    And whether one of a cell's residuals lies near the threshold.
    """
    left = np.maximum(1.0 - model.hat, 1e-9)
    mean = np.maximum(model.mean, 1e-300)
    residual = 1.5 * (model.y ** (2 / 3) - mean ** (2 / 3))
    residual /= mean ** (1 / 6) * np.sqrt(dispersion * left)
    high = (residual > threshold) & (model.mean > 1e-300)
    weights = np.where(high, model.w / np.where(high, residual, 1.0) ** 2, model.w)
    total = weights.sum(axis=0)
    scaled: Floats = weights * np.where(
        total > 0.0, model.w.sum(axis=0) / np.where(total > 0.0, total, 1.0), 1.0
    )
    near = (np.abs(residual - threshold) < fields.NEARNESS) & (model.w > 0.0)
    return scaled, np.asarray(near.any(axis=0))


def write(
    model: Fitted,
    judged: Ints,
    ahead: float,
    dispersion: Floats,
    profile: Floats,
    cells: Ints,
    out: Floats,
) -> None:
    """What `kernel.fit` returns of a fit, into `out`."""
    grown = np.exp(model.slope * ahead)
    seen = model.seen[judged]
    variance = np.where(seen > 0.0, 1.0 / np.where(seen > 0.0, seen, 1.0), np.inf)
    if model.trend:
        away = ahead - model.centre[judged]
        spread = model.spread
        variance = variance + np.where(spread > 1e-9, away**2 / np.maximum(spread, 1e-9), 0.0)
    exposure = model.exposure * profile[:, None]
    weight = exposure.sum(axis=0)
    total = model.seen.sum(axis=0)
    flat = np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), 0.0)
    expected = flat * exposure
    between = np.where(
        expected > 0.0,
        (model.seen - expected) ** 2 / np.where(expected > 0.0, expected, 1.0),
        0.0,
    ).sum(axis=0)
    filled = (model.exposure > 0.0).sum(axis=0)
    free = np.where(total > 0.0, total - (expected**2).sum(axis=0) / np.maximum(total, 1e-300), 0.0)
    spread = np.maximum(between - dispersion * (filled - 1), 0.0)
    out[:, fields.MEAN, cells] = model.level[judged] * grown
    out[:, fields.DISPERSION, cells] = dispersion
    out[:, fields.VARIANCE, cells] = variance * dispersion
    out[:, fields.SLOPE, cells] = model.slope
    out[:, fields.FLAT, cells] = flat * profile[judged][:, None] * grown
    out[:, fields.LEVEL_SEEN, cells] = seen
    out[:, fields.LEVEL_FLAT, cells] = flat * exposure[judged]
    out[:, fields.LEVEL_SPREAD, cells] = np.where(
        free > 0.0, spread / np.where(free > 0.0, free, 1.0), 0.0
    )
