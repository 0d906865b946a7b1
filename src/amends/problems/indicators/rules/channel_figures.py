"""Definitions of indicators by channel and of participation; the median of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scipy import special

from amends.engines.stats.rates import LEVEL
from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class DefinedIndicator:
    """An indicator with what it counts, in both languages."""

    id: str
    zh: str
    en: str
    counts_zh: str
    counts_en: str


@dataclass(frozen=True, slots=True)
class Median:
    """A median in seconds; `low` and `high` None where too few values show no interval."""

    median: float
    low: float | None
    high: float | None
    number: int


def channel_indicators(on: date) -> list[DefinedIndicator]:
    """The indicators by channel in the order they are shown.

    >>> [one.id for one in channel_indicators(date(2026, 12, 1))][:2]
    ['first_answer', 'transferred']
    """
    return _defined("channel-indicators", on)


def participation_indicators(on: date) -> list[DefinedIndicator]:
    """The indicators of participation in the order they are shown.

    >>> [one.id for one in participation_indicators(date(2026, 12, 1))]
    ['answered', 'first_answer', 'decided']
    """
    return _defined("participation-indicators", on)


def _defined(name: str, on: date) -> list[DefinedIndicator]:
    fields = ("id", "zh", "en", "counts_zh", "counts_en")
    rows = load_rules("amends.problems.indicators", name, on).data["indicators"]
    return [DefinedIndicator(**{field: row[field] for field in fields}) for row in rows]


def median(values: Sequence[float], *, level: float = LEVEL) -> Median | None:
    """The median with the exact interval of order statistics; None of nothing.

    Thompson (1936), Annals of Mathematical Statistics 7:122-128, doi:10.1214/aoms/1177732502: the
    interval from the k-th smallest to the k-th largest value covers the true median in at least
    `level` of cases. Fewer than six values show none at 95 in 100.

    >>> median([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    Median(median=5.5, low=2, high=9, number=10)
    >>> median([5.0, 7.0])
    Median(median=6.0, low=None, high=None, number=2)
    """
    ordered = sorted(values)
    number = len(ordered)
    if not number:
        return None
    middle = (ordered[(number - 1) // 2] + ordered[number // 2]) / 2
    tail = (1.0 - level) / 2.0
    # The largest k for which at most k - 1 of the values fall below the median with chance <= tail.
    k = 0
    while k < number and special.bdtr(k, number, 0.5) <= tail:
        k += 1
    if not k:
        return Median(median=middle, low=None, high=None, number=number)
    return Median(median=middle, low=ordered[k - 1], high=ordered[number - k], number=number)
