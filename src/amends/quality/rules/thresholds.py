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

LEAST, MOST = 4.8, 14.0
# Of so many cells and days the tail is measured, the latest ones: early days know less.
ENOUGH, LEAST_DAYS, MOST_DAYS = 1_500, 3, 14
_STRONG, _NOW = 0.02, 0.1
_CELL_DAYS = 7_000
_FEW = 40
_FESTIVE, _FIRST_DAY = 1.2, 0.4
# What exceeds the limit of one window mostly exceeds those of its neighbours: so many count as one.
_ALIKE = 6.0


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

    def needed(self, windows: int) -> NDArray[np.float64]:
        """The evidence that each window needs."""
        if len(self.days) < LEAST_DAYS:
            return np.full(windows, MOST)
        every = np.concatenate(self.days)
        made: NDArray[np.float64] = np.empty(windows)
        rate = 0.0
        for place in range(windows):
            tail = self._tail(every[:, place], _STRONG)
            made[place] = _at(tail, self.false / (_CELL_DAYS * _ALIKE))
        # Neighbouring windows differ by chance alone.
        smooth = np.array(
            [np.median(made[max(0, place - 1) : place + 2]) for place in range(windows)]
        )
        made = np.clip(smooth, LEAST, MOST)
        for place in range(windows):
            share, least, excess = self._tail(every[:, place], _STRONG)
            rate += share * float(np.exp(-max(0.0, made[place] ** 2 - least) / excess))
        self.rates.append(_CELL_DAYS * rate * _ALIKE / windows)
        return made

    def times(
        self, mirrored: NDArray[np.float64], festive: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """How many times as much evidence is needed at each sample of a day, where cells are
        further apart than usual (a holiday): as much as that of the luckiest cells.

        mirrored  evidence for being better as a share of what is needed, series × samples
        """
        made = np.ones(mirrored.shape[1])
        for sample, is_festive in enumerate(festive):
            # What a holiday does to a cell is least known on its first day.
            self.festive = min(self.festive + 1, 10**6) if is_festive else 0
            if is_festive:
                made[sample] = _FESTIVE + _FIRST_DAY * max(0.0, 1 - self.festive / festive.size / 2)
        if mirrored.shape[0] < _FEW:
            return made
        for sample in range(mirrored.shape[1]):
            lately = mirrored[:, max(0, sample - 2) : sample + 1].max(axis=1)
            made[sample] = max(made[sample], _at(self._tail(lately, _NOW), self.false / _CELL_DAYS))
        return made

    def learn(self, strongest: NDArray[np.float64]) -> None:
        """The strongest evidence of a day for being better, series × windows."""
        self.seen += 1
        most = min(days_enough(strongest.shape[0]), max(LEAST_DAYS, self.seen - LEAST_DAYS))
        self.days = [*self.days, strongest][-most:]

    def expected(self) -> float:
        """Stretches a thousand cells and week that chance brings at these thresholds."""
        return round(float(np.mean(self.rates)), 3) if self.rates else 0.0

    @staticmethod
    def _tail(evidence: NDArray[np.float64], share: float) -> tuple[float, float, float]:
        """Share of the strongest, the least of their squares, and the mean excess over it."""
        squares = np.sort(evidence**2)[::-1]
        count = max(10, round(share * squares.size))
        if squares.size <= 2 * count:
            return 1.0, 6.0, 2.5
        least = float(squares[count])
        excess = squares[:count] - least
        # By quantiles: cells that really are better must not raise what is asked of the others.
        middle, high = np.quantile(excess, (0.5, 0.8))
        return count / squares.size, least, float(max(middle / np.log(2), high / np.log(5), 1e-9))


def days_enough(cells: int) -> int:
    """Days of which the noise of so many cells is well known."""
    return int(np.clip(ENOUGH // max(1, cells), LEAST_DAYS, MOST_DAYS))


def _at(tail: tuple[float, float, float], probability: float) -> float:
    """The evidence that is exceeded with this probability."""
    share, least, excess = tail
    return float(np.sqrt(least + excess * max(0.0, np.log(share / probability))))
