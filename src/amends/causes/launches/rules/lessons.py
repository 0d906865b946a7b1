"""What earlier launches teach the next: rows for the sheets of its case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from amends.causes.launches.rules.case import Row

_ENOUGH = 3
"""Launches from which the spread of a factor is taken."""


@dataclass(frozen=True, slots=True)
class LaunchOutcome:
    """What a launch brought: the share of its market by month, and complaints by its users.

    ratio  users there against users forecast, at its latest comparison; 0 where none was forecast
    """

    name: str
    shares: Sequence[tuple[int, float]]
    user_months: float = 0.0
    complaints: int = 0
    ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows that the template of the next case begins with."""

    analogues: list[Row] = field(default_factory=list)
    complaints: list[Row] = field(default_factory=list)
    market: Row | None = None

    def rows(self, sheet: str) -> list[Row]:
        """The rows for a sheet."""
        if sheet == "uncertainty":
            return [self.market] if self.market else []
        return {"analogues": self.analogues, "complaints": self.complaints}.get(sheet, [])


def lessons(outcomes: Sequence[LaunchOutcome]) -> Lessons:
    """Uptake curves and complaints of earlier launches; from three on, how far forecasts were off.

    >>> found = lessons([LaunchOutcome("Family 49", [(1, 0.01), (3, 0.04)], 12_000, 5, 0.8)])
    >>> found.analogues[1]
    {'analogue': 'Family 49', 'month': 3, 'share': 0.04}
    >>> found.complaints, found.market
    ([{'launch': 'Family 49', 'user_months': 12000, 'complaints': 5}], None)
    """
    ratios = sorted(outcome.ratio for outcome in outcomes if outcome.ratio > 0)
    market = None
    if len(ratios) >= _ENOUGH:
        factors = {"low": ratios[0], "mode": median(ratios), "high": ratios[-1]}
        market = {"input": "market", **{name: round(factor, 2) for name, factor in factors.items()}}
    return Lessons(
        [
            {"analogue": outcome.name, "month": month, "share": round(share, 6)}
            for outcome in outcomes
            for month, share in _rising(outcome.shares)
        ],
        [
            {
                "launch": outcome.name,
                "user_months": outcome.user_months,
                "complaints": outcome.complaints,
            }
            for outcome in outcomes
            if outcome.user_months
        ],
        market,
    )


def _rising(shares: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Shares never fall: who left has adopted all the same."""
    rising_months, highest = [], 0.0
    for month, share in sorted(shares):
        highest = max(highest, share)
        rising_months.append((month, highest))
    return rising_months
