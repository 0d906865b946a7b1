"""How much evidence a degraded cell needs, so that chance rarely brings as much.

Stretches in which cells are better than expected are not sought; how strong the evidence for them
gets shows what noise and errors of the expectation bring, whatever their distribution. The square
of such evidence falls off like an exponential, whose mean is measured on the strongest of many
cells and days.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEAST, MOST = 5.3, 9.0
# Of so many cells and days the tail is measured, the latest ones: early days know less.
ENOUGH, LEAST_DAYS, MOST_DAYS = 1_500, 3, 14
_FROM, _TO, _LEAST_EXCESS = 0.16, 0.04, 1.8
_CELL_DAYS = 7_000
_FEW = 40
# Cells are apart as on other days up to this many times the usual.
_UNLIKE = 1.1
_FESTIVE, _FIRST_DAY = 1.2, 0.4
# What exceeds the limit of one window mostly exceeds those of its neighbours: so many count as one.
_ALIKE = 4.0
# The third strongest day of a cell says how steady it is: up to so many times the median of all,
# as steady as they are.
_OFTEN, _UNSTEADY, _MOST_UNSTEADY, _LEAST_STEADY_DAYS = 3, 1.25, 2.0, 7
# The first two days after the history ask for so much more; each ordinary day that is missing in
# the history (a holiday), so much more again.
_YOUNG, _GROWN_DAYS, _MISSING_DAY, _HISTORY_DAYS = 0.1, 16, 0.06, 14
# With fewer cells their common changes are hardly known: each needs so much more.
ENOUGH_CELLS, _TOO_FEW = 20, 0.3
# Evidence this many times above the need is not by chance: the cell is really better.
_REALLY_BETTER = 1.25
# Chance alone exceeds the need by hardly more than this; of real improvements about as many lie
# below as between the two.
_BY_CHANCE, _BACKGROUND = 1.15, 1.3


@dataclass
class Thresholds:
    """The thresholds, day after day.

    false  stretches a thousand cells and week that chance may bring
    """

    false: float
    days: list[NDArray[np.float64]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    festive: int = 0
    seen: int = 0
    spans: list[NDArray[np.float64]] = field(default_factory=list)

    def needed(self, windows: int) -> NDArray[np.float64]:
        """The evidence that each window needs."""
        if len(self.days) < LEAST_DAYS:
            return np.full(windows, MOST)
        every = np.concatenate(self.days)
        thresholds: NDArray[np.float64] = np.empty(windows)
        rate = 0.0
        for window_index in range(windows):
            tail = self._tail(every[:, window_index])
            thresholds[window_index] = _at(tail, self.false / (_CELL_DAYS * _ALIKE))
        # Neighbouring windows differ by chance alone.
        smooth = np.array(
            [
                np.median(thresholds[max(0, window_index - 1) : window_index + 2])
                for window_index in range(windows)
            ]
        )
        thresholds = np.clip(smooth, LEAST, MOST)
        for window_index in range(windows):
            share, lower, excess = self._tail(every[:, window_index])
            rate += share * float(np.exp(-max(0.0, thresholds[window_index] ** 2 - lower) / excess))
        self.rates.append(_CELL_DAYS * rate * _ALIKE / windows)
        return thresholds

    def times(
        self, mirrored: NDArray[np.float64], festive: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """How many times as much evidence is needed at each sample of a day, where cells are
        further apart than usual (a holiday): as much as that of the luckiest cells.

        mirrored  evidence for being better as a share of what is needed, series × samples
        """
        factors = np.ones(mirrored.shape[1])
        for sample, is_festive in enumerate(festive):
            # What a holiday does to a cell is least known on its first day.
            self.festive = min(self.festive + 1, 10**6) if is_festive else 0
            if is_festive:
                factors[sample] = _FESTIVE + _FIRST_DAY * max(
                    0.0, 1 - self.festive / festive.size / 2
                )
        if mirrored.shape[0] < _FEW:
            return factors
        usual = float(np.median(np.concatenate(self.spans))) if self.spans else 1.5
        spans = np.empty(mirrored.shape[1])
        for sample in range(mirrored.shape[1]):
            lately = mirrored[:, max(0, sample - 2) : sample + 1].max(axis=1)
            spans[sample] = _at(self._tail(lately), self.false / _CELL_DAYS)
            factors[sample] = max(factors[sample], spans[sample] / (_UNLIKE * usual))
        if not festive.any():
            self.spans = [*self.spans, spans][-MOST_DAYS:]
        return factors

    def learn(self, strongest: NDArray[np.float64]) -> None:
        """The strongest evidence of a day for being better, series × windows."""
        self.seen += 1
        day_count = min(days_enough(strongest.shape[0]), max(LEAST_DAYS, self.seen - LEAST_DAYS))
        self.days = [*self.days, strongest][-day_count:]

    def expected(self) -> float:
        """Stretches a thousand cells and week that chance brings at these thresholds."""
        return round(float(np.mean(self.rates)), 3) if self.rates else 0.0

    @staticmethod
    def _tail(evidence: NDArray[np.float64]) -> tuple[float, float, float]:
        """A share of all, the square that it exceeds, and the mean excess of the squares over it.

        Of the middle of the distribution: some cells really are better, and what they show must not
        raise what is asked of the others.
        """
        low, high = np.quantile(evidence, (1 - _FROM, 1 - _TO)) ** 2
        return _FROM, float(low), max(_LEAST_EXCESS, float(high - low) / np.log(_FROM / _TO))


@dataclass
class Steadiness:
    """How many times as much evidence a cell needs that is far off more often than the others, as
    one that is nearly full.

    days  the strongest evidence of each cell, as a share of what it needs, of the latest days
    """

    days: list[NDArray[np.float64]] = field(default_factory=list)

    def needed(self, age_days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of cells known for so many ordinary days: of young ones the week is hardly known."""
        young = 1.0 + _YOUNG * np.clip((_GROWN_DAYS - age_days) / 2, 0.0, 1.0)
        young += _MISSING_DAY * np.clip(_HISTORY_DAYS - age_days, 0.0, 8.0)
        young *= 1.0 + _TOO_FEW * np.clip((ENOUGH_CELLS + 5 - age_days.size) / 10, 0.0, 1.0)
        if len(self.days) < _LEAST_STEADY_DAYS:
            return young
        usual = np.sort(np.array(self.days), axis=0)[-_OFTEN]
        limit = _UNSTEADY * float(np.median(usual[usual > 0])) if (usual > 0).any() else 1.0
        needed_levels: NDArray[np.float64] = young * np.clip(usual / limit, 1.0, _MOST_UNSTEADY)
        return needed_levels

    def learn(self, worse: NDArray[np.float64], better: NDArray[np.float64]) -> None:
        """The strongest evidence of each cell in a day; of a stretch (-1), or of being really
        better, it says nothing about how steady a cell is."""
        strongest = np.maximum(worse, np.where(better < _REALLY_BETTER, better, 0.0))
        self.days = [*self.days, np.where(worse < 0, 0.0, strongest)][-28:]


@dataclass
class BetterByChance:
    """How often cells were better by as much as a stretch needs, and hardly more.

    No such stretch is sought, so chance alone and errors of the expectation bring them, and real
    improvements, whose share is seen among those that are better by a little more.

    peaks  strongest evidence of each such stretch that has ended, as a share of the need
    """

    peaks: list[float] = field(default_factory=list)
    peak: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    since: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def learn(self, shares: NDArray[np.float64], day: int) -> None:
        """The evidence for being better as a share of what is needed, series × samples.

        day  samples of a day: after one without such evidence a stretch has ended
        """
        if self.peak.size == 0:
            self.peak = np.zeros(shares.shape[0])
            self.since = np.zeros(shares.shape[0], np.int64)
        for now in shares.T:
            over = (self.peak > 0) & (self.since >= day)
            self.peaks.extend(self.peak[over])
            self.peak[over] = 0.0
            self.peak = np.where(now >= 1.0, np.maximum(self.peak, now), self.peak)
            self.since = np.where(now >= 1.0, 0, self.since + 1)

    def expected(self, cell_weeks: float) -> float:
        """Stretches a thousand cells and week that chance brings.

        Half a stretch is added: where none was seen, one may come all the same.
        """
        peaks = np.array([*self.peaks, *self.peak[self.peak > 0]])
        near = int((peaks < _BY_CHANCE).sum())
        real = int(((peaks >= _BY_CHANCE) & (peaks < _BACKGROUND)).sum())
        return round(1000 * (max(0, near - real) + 0.5) / max(cell_weeks, 0.5), 3)


def days_enough(cells: int) -> int:
    """Days of which the noise of so many cells is well known."""
    return int(np.clip(ENOUGH // max(1, cells), LEAST_DAYS, MOST_DAYS))


def _at(tail: tuple[float, float, float], probability: float) -> float:
    """The evidence that is exceeded with this probability."""
    share, lower, excess = tail
    return float(np.sqrt(lower + excess * max(0.0, np.log(share / probability))))
