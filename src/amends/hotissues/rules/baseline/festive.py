"""How many times as much a movable holiday brings, told from earlier years, a week of it each.

Hours are held against the few weeks before them, where last year's holiday never stands. So its
hours say nothing of other hours, and what an hour of it leads to expect is what the hour of the
week does, times what the holiday did to the whole week last time: each place of `spring_festival`
is a whole week, so that hours of the day and weekdays cancel. Cells are drawn towards what it did
to all of them (Clayton and Kaldor 1987, Biometrics 43:671-681, doi:10.2307/2532003). Counts by the
day teach the same for hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.hotissues.rules.baseline.references import Period
from amends.hotissues.rules.moves import MISSING

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]

A_WEEK: dict[Period, int] = {"week": 1, "day": 7, "hour": 168}
WEEKS_BESIDE = 8
"""Weeks on each side of an earlier holiday that it is compared with; a trend cancels."""
USUAL_SPREAD = 0.1
"""Variance of what a holiday does to one cell, over the square of what it does to all."""
USUAL_DISPERSION = 1.5
LEAST_SEEN = 5.0


@dataclass(frozen=True, slots=True)
class Lifts:
    """factor, doubt: places of the holiday (0: outside, all ones and noughts) x cells.

    doubt is the variance of log(factor).
    """

    factor: Floats
    doubt: Floats

    def of(self, place: int) -> Floats:
        """The factor of each cell in this place; ones where nothing is known of it."""
        known = place < self.factor.shape[0]
        return self.factor[place] if known else np.ones(self.factor.shape[1])

    def doubt_of(self, place: int) -> Floats:
        """Variance of the logarithm of `of`."""
        known = place < self.doubt.shape[0]
        return self.doubt[place] if known else np.zeros(self.doubt.shape[1])


def lifts(
    counts: Counts, special: NDArray[np.int64], *, before: int, period: Period
) -> Lifts | None:
    """What earlier holidays did, or None if there was none with enough weeks on both sides.

    counts   periods x cells, negative = missing
    special  a period's place in the holiday, 0 outside
    before   row from which on nothing may teach: the first that is judged

    >>> place = np.repeat([0, 1, 0], [8 * 7, 7, 8 * 7])
    >>> counts = np.where(place > 0, 20, 10).astype(np.int32)[:, None]
    >>> found = lifts(counts, place, before=place.size, period="day")
    >>> found.factor.round(2).tolist()
    [[1.0], [2.0]]
    """
    week = A_WEEK[period]
    beside = WEEKS_BESIDE * week
    size, cells = int(special.max(initial=0)) + 1, counts.shape[1]
    seen, usual = np.zeros((size, cells)), np.zeros((size, cells))
    taught = False
    for first, end in _blocks(special, apart=beside):
        if first < week or end + beside > before:
            continue
        taught = True
        around = slice(max(first - beside, 0), end + beside)
        part, place = counts[around], special[around]
        known = part >= 0
        plain = (place == 0)[:, None] & known
        number = plain.sum(axis=0)
        a_period = np.divide(
            np.where(plain, part, 0).sum(axis=0), number, out=np.zeros(cells), where=number > 0
        )
        for at in range(1, size):
            here = (place == at)[:, None] & known & (number > 0)
            seen[at] += np.where(here, part, 0).sum(axis=0)
            usual[at] += here.sum(axis=0) * a_period
    return _drawn_together(seen, usual) if taught else None


def without(counts: Counts, special: NDArray[np.int64]) -> Counts:
    """The counts with the holiday unknown, for what is expected of other periods."""
    found: Counts = np.where(special[:, None] > 0, np.int32(MISSING), counts)
    return found


def _blocks(special: NDArray[np.int64], *, apart: int) -> list[tuple[int, int]]:
    """First row of each holiday and the row after its last."""
    rows = np.flatnonzero(special > 0)
    if not rows.size:
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(rows) > apart) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


def _drawn_together(seen: Floats, usual: Floats) -> Lifts:
    """Factors of the cells, drawn towards those of all as far as they say little themselves."""
    factor, doubt = np.ones(seen.shape), np.zeros(seen.shape)
    for place in range(1, seen.shape[0]):
        together = float(usual[place].sum())
        if together < LEAST_SEEN:
            continue
        common = float(seen[place].sum() + 1.0) / (together + 1.0)
        prior = USUAL_DISPERSION / USUAL_SPREAD
        factor[place] = common * (prior + seen[place]) / (prior + usual[place] * common)
        doubt[place] = USUAL_DISPERSION / (prior + seen[place])
    return Lifts(factor, doubt)
