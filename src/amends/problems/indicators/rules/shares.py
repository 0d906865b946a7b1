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
    found: Iterable[UnitFigures], indicator: ShareIndicator, *, level: float = 0.998
) -> list[ShareFigure]:
    """Each unit against the share of all of them together, by exact binomial limits.

    The funnel of Spiegelhalter (2005), doi:10.1002/sim.1970, for proportions. Those beyond the
    limits come first, the farthest first; those within have no order but their names.

    >>> rows = [UnitFigures("a", complaints=100, late=2), UnitFigures("b", complaints=100, late=40),
    ...         UnitFigures("c", complaints=3)]
    >>> [(one.unit, one.word) for one in standings(rows, indicators(date(2026, 12, 1))["kept"])]
    [('b', 'lower'), ('a', 'higher'), ('c', 'within')]
    """
    shares = [(one.unit, indicator.of_measure(one)) for one in found]
    return against(shares, level=level)


def against(
    shares: Iterable[tuple[str, Share | None]], *, level: float = 0.998
) -> list[ShareFigure]:
    """The same of shares that are known already: unit and its share, None without one.

    >>> [(one.unit, one.word) for one in against([("a", share(95, 100)), ("b", share(40, 100))])]
    [('b', 'lower'), ('a', 'higher')]
    """
    shares = list(shares)
    known = [one for _, one in shares if one]
    whole = sum(one.of for one in known)
    middle = sum(one.count for one in known) / whole if whole else 0.0
    rows = [ShareFigure(unit, one, _word(one, middle, level)) for unit, one in shares]
    return sorted(rows, key=lambda row: _order(row, middle))


def _word(one: Share | None, middle: float, level: float) -> str:
    if one is None:
        return ""
    tail = (1 - level) / 2
    low = float(scipy.stats.binom.ppf(tail, one.of, middle)) if middle else 0.0
    high = float(scipy.stats.binom.isf(tail, one.of, middle)) if middle < 1 else float(one.of)
    return "higher" if one.count > high else "lower" if one.count < low else "within"


def _order(row: ShareFigure, middle: float) -> tuple[int, float, str]:
    if row.share is None:
        return (3, 0.0, row.unit)
    if row.word == "within":
        return (2, 0.0, row.unit)
    return (0, -abs(row.share.share - middle), row.unit)
