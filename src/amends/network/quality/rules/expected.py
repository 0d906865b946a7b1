"""What a sample of a cell should have been, from samples before that day, and how far it is from
it.

The value of a cell is the sum of its level (with its growth), of what all cells share at that
moment (their common factors, each cell with its own weight: weekends, holidays, growth of the
network), of what the cells of its area share, and of its own hours of the week. Each part is drawn
towards zero as far as the history cannot tell it from noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from amends.network.quality.rules.panel import HOURS, Floats, median_of_rows

HISTORY_DAYS = 28
LEVEL_DAYS = 14
LEAST_DAYS = 3
MOST_FACTORS = 8
CELLS_A_FACTOR = 25
FEW_CELLS = 12
_MAD = 1.4826
_CLIP = 4.0
_WIDE = 12.0
_FADE = 0.88
_KERNEL = (0.25, 0.5, 0.25)
_HUBER = 1.5
# Shares of the samples, and how many standard deviations of normal noise they lie below.
_TAILS = ((0.95, 1.645), (0.98, 2.054), (0.99, 2.5))
# An area is what it is by this many of its own standard deviations: beyond, its cells are degraded.
AREA_LIMIT = 5.0
# Variance of what cells are apart at one moment that is still like other days; of a day off, of
# others.
_ALIKE, _APART = 1.1, 1.7
# The same of cells whose least value comes again and again, such as ratios of small counts.
_SPARSE_TAILS = ((0.995, 2.3), (0.998, 2.6))
_OFTEN = 0.01
# Weight of the coefficient of all cells; below the second, load does not matter.
_PRIOR, _MATTERS = 0.3, 0.1
# Of few cells it cannot be seen; on a day off this much is assumed.
_UNKNOWN = 1.0
_FOLLOWS_H = 8
# Samples an hour that count as one, as noise lasts.
_LASTING = 2.0
# Below this the levels of cells differ no more than noise does.
_LEAST_BETWEEN = 1e-3


@dataclass(slots=True)
class Deviations:
    """Deviation of each sample of some days from what was expected, in standard deviations of its
    cell; `hist` the same of the history, as fitted."""

    block: Floats
    hist: Floats
    scale: Floats


@dataclass(slots=True)
class Expected:
    """The expectation of one indicator, day after day.

    values    series × samples, transformed so that noise has the same spread everywhere
    per_hour  samples an hour
    areas     number of the area of each series
    sign      1 where high values are bad, -1 where low ones are
    sparse_share  cells whose least value comes again and again, as a share
    """

    values: Floats
    per_hour: int
    areas: NDArray[np.int64]
    slots: NDArray[np.int64]
    festive: NDArray[np.bool_]
    sign: float = 1.0
    sparse_share: float = 0.0
    _basis: Floats | None = None
    _level: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    _known: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    _between: float = 0.0

    def deviations(self, first: int, last: int, left_out: NDArray[np.bool_]) -> Deviations:
        """Of the samples `first` to `last`, from those before `first`.

        left_out  samples that are no history: of degraded stretches
        """
        day = 24 * self.per_hour
        begin = max(0, first - HISTORY_DAYS * day)
        hist = self.values[:, begin:first].copy()
        hist[left_out[:, begin:first]] = np.nan
        block = self.values[:, first:last].copy()
        # A cell of which nothing is known yet would only mislead the others.
        unknown = (~np.isnan(hist)).sum(axis=1) < LEAST_DAYS * day
        hist[unknown], block[unknown] = np.nan, np.nan
        sparse = _repeats_least(hist)
        self.sparse_share = float(sparse.mean())
        recent = hist[:, -LEVEL_DAYS * day :]
        level = median_of_rows(recent)
        hist -= level[:, None]
        block = block - level[:, None]
        rough = _MAD * median_of_rows(np.abs(hist[:, -LEVEL_DAYS * day :]))
        rough = _positive(rough)
        hist /= rough[:, None]
        block = block / rough[:, None]
        self._remove_factors(hist, block)
        festive = self.festive[begin:first]
        if (~festive).sum() >= 7 * day:
            hist[:, festive] = np.nan
        self._remove_drift(hist, block, day)
        self._remove_own_hours(hist, block, begin, first, last)
        # Once more: before the hours were known, the last weekend passed for a change of level.
        self._remove_drift(hist, block, day)
        self._remove_areas(hist, block, begin, first, last)
        scale = _positive(self._scale(hist, 1.0, sparse))
        better = np.maximum(self._scale(hist, -1.0, sparse), scale)
        for part in (hist, block):
            is_worse = self.sign * part > 0
            part /= np.where(is_worse, scale[:, None], better[:, None])
        self._even_out(hist, block, begin, first, last)
        self._follow(block, first)
        return Deviations(block, hist, scale * rough)

    def _scale(self, hist: Floats, side: float, sparse: NDArray[np.bool_]) -> Floats:
        """Standard deviation of each cell: of its middle, or of its tail on the bad side (1; -1 the
        good one) if that is longer: ratios of small counts are mostly zero, and far off now and
        then."""
        scale = _MAD * median_of_rows(np.abs(hist))
        worse = np.sort(side * self.sign * hist, axis=1)  # NaN last
        present_counts = hist.shape[1] - np.isnan(hist).sum(axis=1)
        for share, normal in (*_TAILS, *_SPARSE_TAILS):
            rank = np.maximum(0, np.ceil(share * present_counts).astype(np.int64) - 1)
            tail = worse[np.arange(worse.shape[0]), rank] / normal
            counts = (present_counts > 50) & (sparse | (share <= _TAILS[-1][0]))
            scale = np.maximum(scale, np.where(counts, np.nan_to_num(tail), 0.0))
        return scale.astype(np.float32)

    def _remove_factors(self, hist: Floats, block: Floats) -> None:
        """The common factors of all cells, found in the history, estimated anew at every sample."""
        number = hist.shape[0]
        if number < FEW_CELLS:
            return
        is_present = ~np.isnan(hist)
        filled = np.clip(np.nan_to_num(hist), -_WIDE, _WIDE)
        count = min(MOST_FACTORS, number // CELLS_A_FACTOR)
        basis = self._fitted(filled, count)
        inverse = np.linalg.inv(basis.T @ basis)
        # Twice: what is far from a first fit counts only as far as the limit in the second.
        for _turn in range(2):
            fit = basis @ (inverse @ (basis.T @ filled))
            left = np.where(is_present, hist - fit, 0.0)
            noise = _positive(_MAD * median_of_rows(np.abs(np.where(is_present, left, np.nan))))
            limit = 3.0 * noise[:, None]
            filled = fit + np.clip(left, -limit, limit)
            basis = self._fitted(filled, count)
            inverse = np.linalg.inv(basis.T @ basis)
        hist -= basis @ (inverse @ (basis.T @ filled))
        block -= basis @ _robust_factors(block, basis, inverse, noise)

    def _fitted(self, filled: Floats, count: int) -> Floats:
        """One, and the strongest common factors (orthogonal iteration from those of the day
        before)."""
        ones = np.ones((filled.shape[0], 1), dtype=np.float32)
        if not count:
            return ones
        centred = filled - filled.mean(axis=0)
        basis, turns = (self._basis, 1) if self._basis is not None else (_random(centred, count), 8)
        for _turn in range(turns):
            basis, _r = np.linalg.qr(centred @ (centred.T @ basis))
        self._basis = basis.astype(np.float32)
        return np.hstack([ones, self._basis * np.float32(filled.shape[0] ** 0.5)])

    def _remove_drift(self, hist: Floats, block: Floats, day: int) -> None:
        """Level and growth of each cell beyond those of all."""
        days = hist.shape[1] // day
        if days < 3:
            return
        daily = hist[:, hist.shape[1] - days * day :].reshape(-1, days, day)
        is_present = ~np.isnan(daily)
        sums = np.where(is_present, np.clip(np.nan_to_num(daily), -_CLIP, _CLIP), 0.0).sum(axis=2)
        counts = is_present.sum(axis=2)
        age = np.arange(days, 0, -1, dtype=np.float32) - 0.5
        weights = counts * _FADE**age / day
        daily_mean = sums / np.maximum(counts, 1)
        total = np.maximum(weights.sum(axis=1), 1e-6)
        age_mean = (weights * age).sum(axis=1) / total
        level = (weights * daily_mean).sum(axis=1) / total
        off = age[None, :] - age_mean[:, None]
        spread = np.maximum((weights * off**2).sum(axis=1), 1e-6)
        slope = (weights * off * (daily_mean - level[:, None])).sum(axis=1) / spread
        left = (daily_mean - level[:, None] - slope[:, None] * off) * (counts > 0)
        noise = (weights * left**2).sum(axis=1) / total
        own = noise * (weights**2 * off**2).sum(axis=1) / spread**2
        real = max(0.0, float(np.median(slope**2) / 0.455 - np.median(own)))
        slope *= real / np.maximum(real + own, 1e-9)
        slope[(counts > 0).sum(axis=1) < 7] = 0.0
        slope = slope.astype(np.float32)
        level = (level - slope * age_mean).astype(np.float32)
        hours = np.arange(hist.shape[1], 0, -1, dtype=np.float32) / day - 0.5 / day
        hist -= level[:, None] + slope[:, None] * hours[None, :]
        hours = -(np.arange(block.shape[1], dtype=np.float32) + 0.5) / day
        block -= level[:, None] + slope[:, None] * hours[None, :]

    def _remove_own_hours(
        self, hist: Floats, block: Floats, begin: int, first: int, last: int
    ) -> None:
        """A cell's own hours of the day (workdays and others), then its own hours of the week."""
        weekend = 24 * (self.slots // 24 >= 5)
        for keys, number in ((self.slots % 24 + weekend, 48), (self.slots, HOURS)):
            own = _own_effects(
                hist, keys[begin:first], self.slots[begin:first] // 24, number, self.per_hour
            )
            hist -= own[:, keys[begin:first]]
            block -= own[:, keys[first:last]]

    def _remove_areas(self, hist: Floats, block: Floats, begin: int, first: int, last: int) -> None:
        """What the cells of an area share; on a day that is not off only as far as it is usual."""
        order = np.argsort(self.areas, kind="stable")
        starts = np.flatnonzero(np.diff(self.areas[order], prepend=-1))
        sizes = np.diff(np.append(starts, order.size))
        usual = self.festive[first:last]
        for start, size in zip(starts, sizes, strict=True):
            if size < 3 or size == hist.shape[0]:
                continue
            members = order[start : start + size]
            past, now = median_of_rows(hist[members].T), median_of_rows(block[members].T)
            noise = _MAD * median_of_rows(np.abs(hist[members].ravel()[None, :]))[0]
            of_median = 1.57 * noise**2 / size
            spread = float(_MAD * np.median(np.abs(past))) ** 2
            real = max(0.0, spread - of_median)
            share = real / (real + of_median) if real else 0.0
            hist[members] -= share * past
            # The days off have more in common than any day before them.
            daily = _running_mean(now, 3 * self.per_hour) ** 2
            then = np.maximum(real, np.maximum(0.0, daily - 2 * of_median))
            shares = np.where(usual, then / (then + of_median), share)
            limit = np.where(usual, np.inf, AREA_LIMIT * max(spread, of_median) ** 0.5)
            block[members] -= (shares * np.clip(now, -limit, limit)).astype(np.float32)

    def _even_out(self, hist: Floats, block: Floats, begin: int, first: int, last: int) -> None:
        """Divide by the spread of all cells at that hour of the day, and at that very moment."""
        clock = self.slots % 24
        spreads = np.ones(24, dtype=np.float32)
        for hour in range(24):
            hour_hist = hist[:, clock[begin:first] == hour]
            if hour_hist.size:
                spreads[hour] = max(
                    0.5, _MAD * float(median_of_rows(np.abs(hour_hist).reshape(1, -1))[0])
                )
        hist /= spreads[clock[begin:first]]
        block /= spreads[clock[first:last]]

    def _follow(self, block: Floats, first: int) -> None:
        """On a day unlike others each cell has a level of its own, which its samples tell.

        How far the cells are apart then is seen at each moment from all of them; where that is no
        more than noise, nothing changes.
        """
        number = block.shape[0]
        if self._level.size != number:
            self._level, self._known = np.zeros(number, np.float32), np.zeros(number, np.float32)
        horizon = _FOLLOWS_H * self.per_hour
        for sample in range(block.shape[1]):
            now = block[:, sample]
            is_festive = bool(self.festive[first + sample])
            if number >= FEW_CELLS:
                spread = _spread(now) ** 2
                usual = _ALIKE if is_festive else _APART
                excess = max(0.0, spread - usual)
                self._between += (excess - self._between) / (3 * self.per_hour)
                self._between = max(self._between, min(excess, 2 * self._between + 1.0))
            else:
                self._between = _UNKNOWN if is_festive else 0.0
            between = self._between if is_festive or self._between > 0.1 else 0.0
            if between < _LEAST_BETWEEN:
                self._known *= 0.9
                continue
            share = self._known / (self._known + _LASTING * self.per_hour / between)
            block[:, sample] = (now - share * self._level) / np.sqrt(1.0 + between * (1.0 - share))
            is_present = ~np.isnan(now)
            limit = 3.0 * (1.0 + between) ** 0.5
            change = np.clip(np.where(is_present, now - self._level, 0.0), -limit, limit)
            self._known = np.minimum(self._known + is_present, horizon).astype(np.float32)
            self._level += np.where(is_present, change / np.maximum(self._known, 1), 0.0).astype(
                np.float32
            )


def _robust_factors(block: Floats, basis: Floats, inverse: Floats, noise: Floats) -> Floats:
    """The common factors of each sample by Huber's weights: a few degraded cells do not move
    them."""
    is_present = ~np.isnan(block)
    filled = np.where(is_present, block, 0.0).astype(np.float32)
    now = inverse @ (basis.T @ filled)
    rank = basis.shape[1]
    products = (basis[:, :, None] * basis[:, None, :]).reshape(-1, rank * rank)
    weights = np.where(is_present, 1.0 / noise[:, None] ** 2, 0.0).astype(np.float32)
    for _turn in range(8):
        off = np.abs(filled - basis @ now) / noise[:, None]
        robust = weights * np.minimum(1.0, _HUBER / np.maximum(off, 1e-6))
        left = (robust.T @ products).reshape(-1, rank, rank)
        left = left + 1e-3 * np.eye(rank, dtype=np.float32)
        right = (robust * filled).T @ basis
        now = np.linalg.solve(left, right[:, :, None])[:, :, 0].T
    return now.astype(np.float32)


def remove_load(deviations: Deviations, load: Deviations) -> None:
    """Take away what the load of a cell usually does: more traffic by chance is no degradation.

    The coefficient of a cell is drawn towards that of all.
    """
    past = np.clip(deviations.hist, -_CLIP, _CLIP)
    loads = np.clip(load.hist, -_CLIP, _CLIP)
    is_present = ~(np.isnan(past) | np.isnan(loads))
    past, loads = np.where(is_present, past, 0.0), np.where(is_present, loads, 0.0)
    products, squares = (past * loads).sum(axis=1), (loads**2).sum(axis=1)
    pooled = products.sum() / max(float(squares.sum()), 1e-9)
    prior = _PRIOR * max(float(np.median(squares)), 1e-9)
    slope = ((products + prior * pooled) / (squares + prior)).astype(np.float32)[:, None]
    for part, load_part in ((deviations.hist, load.hist), (deviations.block, load.block)):
        part -= slope * np.clip(np.nan_to_num(load_part), -_CLIP, _CLIP)
    scale = _positive(_MAD * median_of_rows(np.abs(deviations.hist)))
    # Never smaller than a scale that was drawn wide for its tail.
    if abs(pooled) > _MATTERS:
        deviations.hist /= np.minimum(1.0, scale)[:, None]
        deviations.block /= np.minimum(1.0, scale)[:, None]


def _own_effects(
    hist: Floats, keys: NDArray[np.int64], weekdays: NDArray[np.int64], number: int, per_hour: int
) -> Floats:
    """Mean of each cell and key, smoothed over neighbouring hours, as far as it comes back.

    What comes back is measured by two halves of the history: their covariance is the variance of
    real effects.
    """
    week = (
        (np.arange(keys.size) // (24 * per_hour))
        if number == 48
        else (np.arange(keys.size) // (168 * per_hour))
    )
    clipped = np.clip(hist, -_CLIP, _CLIP)
    is_present = ~np.isnan(clipped)
    clipped = np.where(is_present, clipped, 0.0).astype(np.float32)
    halves = []
    for half in (0, 1):
        week_columns = np.flatnonzero(week % 2 == half)
        one_hot = np.zeros((week_columns.size, number), dtype=np.float32)
        one_hot[np.arange(week_columns.size), keys[week_columns]] = 1.0
        sums, counts = (
            clipped[:, week_columns] @ one_hot,
            is_present[:, week_columns].astype(np.float32) @ one_hot,
        )
        halves.append((_smooth(sums), _smooth(counts)))
    (sum_a, n_a), (sum_b, n_b) = halves
    mean_a, mean_b = sum_a / np.maximum(n_a, 1e-6), sum_b / np.maximum(n_b, 1e-6)
    both = (n_a > 0.2) & (n_b > 0.2)
    if not both.any():
        return np.zeros((hist.shape[0], number), dtype=np.float32)
    real = max(0.0, float((mean_a * mean_b)[both].mean()))
    noise = float(((mean_a - mean_b) ** 2)[both].mean()) / 4.0
    total = n_a + n_b
    usual = float(total[both].mean())
    own_noise = noise * usual / np.maximum(total, 0.1)
    mean = (sum_a + sum_b) / np.maximum(total, 1e-6)
    shrunk: Floats = (mean * (real / (real + own_noise + 1e-9)) * (total > 0)).astype(np.float32)
    return shrunk


def _smooth(table: Floats) -> Floats:
    """Neighbouring hours weighed in; the last hour of a part is followed by its first."""
    parts = table.reshape(table.shape[0], -1, 24 if table.shape[1] == 48 else table.shape[1])
    side, middle, _outer = _KERNEL
    smooth: Floats = (
        side * np.roll(parts, 1, axis=2) + middle * parts + side * np.roll(parts, -1, axis=2)
    ).reshape(table.shape)
    return smooth


def _spread(now: Floats) -> float:
    """Standard deviation of one sample of all cells, whichever of middle and tail says more."""
    magnitudes = np.abs(now[~np.isnan(now)])
    if magnitudes.size == 0:
        return 0.0
    middle, tail = np.quantile(magnitudes, (0.5, 0.9))
    return float(max(_MAD * middle, tail / 1.645))


def _repeats_least(hist: Floats) -> NDArray[np.bool_]:
    """Cells of which more than a few samples have the very same lowest value."""
    filled = np.where(np.isnan(hist), np.inf, hist)
    same = (filled == filled.min(axis=1)[:, None]) & np.isfinite(filled)
    is_sparse: NDArray[np.bool_] = same.sum(axis=1) > _OFTEN * np.isfinite(filled).sum(axis=1)
    return is_sparse


def _running_mean(row: Floats, width: int) -> Floats:
    sums = np.cumsum(np.nan_to_num(row))
    before = (
        np.concatenate([np.zeros(width, dtype=sums.dtype), sums[:-width]])[: row.size]
        if row.size > width
        else np.zeros_like(sums)
    )
    return ((sums - before) / np.minimum(np.arange(1, row.size + 1), width)).astype(np.float32)


def _random(centred: Floats, count: int) -> Floats:
    """A start for the factors: the busiest days, so that the result never depends on chance."""
    strongest = np.argsort(-np.abs(centred).sum(axis=0), kind="stable")[: 4 * count : 4]
    start = centred[:, strongest]
    basis, _r = np.linalg.qr(start + 1e-6 * np.arange(start.size).reshape(start.shape) % 7)
    return basis.astype(np.float32)


def _positive(scale: Floats) -> Floats:
    """Scales without zeros: a cell that never changes has that of the others, drawn low."""
    usable = scale[scale > 0]
    floor = 0.05 * float(np.median(usable)) if usable.size else 1.0
    return np.maximum(scale, floor).astype(np.float32)
