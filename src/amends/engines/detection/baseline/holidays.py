"""How many times as much a holiday brings, told from earlier years: days and hours of it.

Days and hours are held against weekdays and hours of the week, which a holiday is not. So its days
say nothing of other days, and what one of them leads to expect is what its weekday, or its hour of
the week, does, times what the holiday did in earlier years: to the whole week (`golden_weeks`), a
cell each, drawn towards what it did to all of them (Clayton and Kaldor 1987, Biometrics 43:671-681,
doi:10.2307/2532003), times what that day of the week, an eve or the first day back, was to all
cells together. Counts by the day teach the same for hours. Weeks have levels of their own instead
(`references`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.golden_weeks import A_WEEK
from amends.engines.detection.baseline.references import Period
from amends.engines.detection.renamed_series import MISSING

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
Places = NDArray[np.int64]

CYCLE: dict[Period, int] = {"week": 1, "day": 7, "hour": 168}
WEEKS_BESIDE = 8
"""Weeks on each side of an earlier holiday that it is compared with; a trend cancels."""
USUAL_SPREAD, SPREAD_OF_DAYS = 0.1, 0.3
"""Variance of what a holiday does to one cell, and one of its days to all, over its square."""
USUAL_DISPERSION = 1.5
LEAST_SEEN = 5.0
MANY, LEAST_SPREAD = 20, 0.001


@dataclass(frozen=True, slots=True)
class Lifts:
    """factor, doubt: days of holidays (0: outside, all ones and noughts) x cells.

    doubt is the variance of log(factor).
    """

    factor: Floats
    doubt: Floats

    def of(self, day: int) -> Floats:
        """The factor of each cell on this day; ones where nothing is known of it."""
        is_known = day < self.factor.shape[0]
        return self.factor[day] if is_known else np.ones(self.factor.shape[1])

    def doubt_of(self, day: int) -> Floats:
        """Variance of the logarithm of `of`."""
        is_known = day < self.doubt.shape[0]
        return self.doubt[day] if is_known else np.zeros(self.doubt.shape[1])


Lesson = tuple[int, Lifts]
"""Row from which on it is known, and what all holidays up to then did."""


def lessons(counts: Counts, special: Places, *, period: Period) -> tuple[Lesson, ...]:
    """What each holiday adds to what is known, once there are enough weeks on both sides of it.

    counts   periods x cells, negative = missing
    special  a period's day in a holiday (`golden_weeks.days_of`), 0 outside

    >>> day = np.concatenate([np.zeros(56), np.arange(1, 8), np.zeros(56)]).astype(np.int64)
    >>> counts = np.where(day > 0, 20, 10).astype(np.int32)[:, None]
    >>> ((known_from, found),) = lessons(counts, day, period="day")
    >>> known_from, found.factor.round(1).ravel().tolist()
    (119, [1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    """
    week = CYCLE[period]
    margin_days = WEEKS_BESIDE * week
    size, cells = int(special.max(initial=0)) + 1, counts.shape[1]
    seen, usual = np.zeros((size, cells)), np.zeros((size, cells))
    lesson_list: list[Lesson] = []
    for first, end in _blocks(special, apart=margin_days):
        if first < week or end + margin_days > counts.shape[0]:
            continue
        around = slice(max(first - margin_days, 0), end + margin_days)
        for day, here, expected in _compared(counts, special, around, week):
            seen[day] += here
            usual[day] += expected
        lesson_list.append((end + margin_days, _drawn_together(seen, usual)))
    return tuple(lesson_list)


def known_at(row: int, lesson_pairs: tuple[Lesson, ...]) -> Lifts | None:
    """The newest of the lessons that was known at this row."""
    known_lifts = [lifts for since, lifts in lesson_pairs if since <= row]
    return known_lifts[-1] if known_lifts else None


def without(counts: Counts, special: Places) -> Counts:
    """The counts with the holidays unknown, for what is expected of other periods."""
    masked: Counts = np.where(special[:, None] > 0, np.int32(MISSING), counts)
    return masked


def _compared(
    counts: Counts, special: Places, around: slice, week: int
) -> Iterator[tuple[int, Floats, Floats]]:
    """Each period of a holiday: its day, its counts, and the mean of its like in the weeks around.

    Its like are the periods of the same weekday, or hour of the week, outside the holiday.
    """
    part, day_kinds = counts[around], special[around]
    turn = np.arange(day_kinds.size) % week
    for at in np.unique(turn[day_kinds > 0]).tolist():
        like = part[(turn == at) & (day_kinds == 0)]
        is_known = like >= 0
        number = is_known.sum(axis=0)
        mean = np.where(is_known, like, 0).sum(axis=0) / np.maximum(number, 1)
        for row in np.flatnonzero((turn == at) & (day_kinds > 0)).tolist():
            is_comparable = (part[row] >= 0) & (number > 0)
            yield (
                int(day_kinds[row]),
                np.where(is_comparable, part[row], 0.0),
                np.where(is_comparable, mean, 0.0),
            )


def _blocks(special: Places, *, apart: int) -> list[tuple[int, int]]:
    """First row of each holiday and the row after its last."""
    rows = np.flatnonzero(special > 0)
    if not rows.size:
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(rows) > apart) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


def _drawn_together(seen: Floats, usual: Floats) -> Lifts:
    """Factors of the cells, drawn towards those of all as far as they say little themselves."""
    factor, doubt = np.ones(seen.shape), np.zeros(seen.shape)
    day_prior = USUAL_DISPERSION / SPREAD_OF_DAYS
    for first in range(1, seen.shape[0], A_WEEK):
        days = slice(first, first + A_WEEK)
        own, expected = seen[days].sum(axis=0), usual[days].sum(axis=0)
        expected_sum = float(expected.sum())
        if expected_sum < LEAST_SEEN:
            continue
        common = float(own.sum() + 1.0) / (expected_sum + 1.0)
        cell_prior = USUAL_DISPERSION / _spread(own, common * expected)
        cell_lifts = common * (cell_prior + own) / (cell_prior + expected * common)
        of_day = seen[days].sum(axis=1)
        day = (day_prior + of_day) / (day_prior + (usual[days] * cell_lifts).sum(axis=1))
        factor[days] = cell_lifts * day[:, None]
        doubt[days] = USUAL_DISPERSION / (cell_prior + own)
        doubt[days] += (USUAL_DISPERSION / (day_prior + of_day))[:, None]
    return Lifts(factor, doubt)


def _spread(own: Floats, expected: Floats) -> float:
    """How much cells differ in what a holiday does to them, as a variance over its square.

    By moments, as the square of a count's distance from what is expected has the mean dispersion x
    expected + spread x expected^2; the usual one where the cells are few.
    """
    is_known = expected > 0
    if int(is_known.sum()) < MANY:
        return USUAL_SPREAD
    beyond = (own[is_known] - expected[is_known]) ** 2 / expected[is_known] - USUAL_DISPERSION
    return max(float(beyond.sum() / expected[is_known].sum()), LEAST_SPREAD)
