"""Shares of complaints as indicators: what is counted, of what, with its exact interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import scipy

from amends.engines.stats.rates import Share, share
from amends.platform.kit.packs import load_rules
from amends.problems.indicators.rules.measures import UnitFigures

_PACKAGE = "amends.problems.indicators"


_FIGURES = {"kept": "in_time"}
"""What the rule data call a figure, where the code calls it otherwise."""


@dataclass(frozen=True, slots=True)
class ShareIndicator:
    """A share: `count` of `of`, both fields of a `UnitFigures`; `good` is high, low or neither."""

    id: str
    zh: str
    en: str
    count: str
    of: str
    good: str
    counts_zh: str
    counts_en: str

    def of_measure(self, measure: UnitFigures) -> Share | None:
        """The share of one unit, None where there is nothing to take a share of."""
        return share(getattr(measure, self.count), getattr(measure, self.of))


@dataclass(frozen=True, slots=True)
class ShareFigure:
    """One unit against all together; `word` is higher, within or lower, "" without a share."""

    unit: str
    share: Share | None
    word: str


def indicators(on: date) -> dict[str, ShareIndicator]:
    """The indicators known on a day, in the order they are shown.

    >>> list(indicators(date(2026, 12, 1)))[:3]
    ['kept', 'solved', 'content']
    """
    rows = load_rules(_PACKAGE, "share-indicators", on).data["indicators"]
    names = ("id", "zh", "en", "count", "of", "good", "counts_zh", "counts_en")
    return {
        row["id"]: ShareIndicator(
            **{name: row[name] for name in names}
            | {name: _FIGURES.get(row[name], row[name]) for name in ("count", "of")}
        )
        for row in rows
    }


def standings(
    unit_measures: Iterable[UnitFigures], indicator: ShareIndicator, *, level: float = 0.998
) -> list[ShareFigure]:
    """Each unit against the share of all of them together, by exact binomial limits.

    The funnel of Spiegelhalter (2005), doi:10.1002/sim.1970, for proportions. Those beyond the
    limits come first, the farthest first; those within have no order but their names.

    >>> rows = [UnitFigures("a", complaints=100, late=2), UnitFigures("b", complaints=100, late=40),
    ...         UnitFigures("c", complaints=3)]
    >>> [(one.unit, one.word) for one in standings(rows, indicators(date(2026, 12, 1))["kept"])]
    [('b', 'lower'), ('a', 'higher'), ('c', 'within')]
    """
    shares = [
        (unit_measure.unit, indicator.of_measure(unit_measure)) for unit_measure in unit_measures
    ]
    return against(shares, level=level)


def against(
    shares: Iterable[tuple[str, Share | None]], *, level: float = 0.998
) -> list[ShareFigure]:
    """The same of shares that are known already: unit and its share, None without one.

    >>> [(one.unit, one.word) for one in against([("a", share(95, 100)), ("b", share(40, 100))])]
    [('b', 'lower'), ('a', 'higher')]
    """
    shares = list(shares)
    measured_shares = [unit_share for _, unit_share in shares if unit_share]
    total = sum(unit_share.of for unit_share in measured_shares)
    middle = sum(unit_share.count for unit_share in measured_shares) / total if total else 0.0
    rows = [
        ShareFigure(unit, unit_share, _word(unit_share, middle, level))
        for unit, unit_share in shares
    ]
    return sorted(rows, key=lambda row: _order(row, middle))


def _word(unit_share: Share | None, middle: float, level: float) -> str:
    if unit_share is None:
        return ""
    tail = (1 - level) / 2
    low = float(scipy.stats.binom.ppf(tail, unit_share.of, middle)) if middle else 0.0
    high = (
        float(scipy.stats.binom.isf(tail, unit_share.of, middle))
        if middle < 1
        else float(unit_share.of)
    )
    return "higher" if unit_share.count > high else "lower" if unit_share.count < low else "within"


def _order(row: ShareFigure, middle: float) -> tuple[int, float, str]:
    if row.share is None:
        return (3, 0.0, row.unit)
    if row.word == "within":
        return (2, 0.0, row.unit)
    return (0, -abs(row.share.share - middle), row.unit)
