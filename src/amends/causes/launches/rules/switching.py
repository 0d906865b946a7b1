"""Who switches from where, in whole subscribers: none appears and none is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from amends.causes.launches.rules.case import Case
from amends.causes.launches.rules.forecast import forecast

NEW = ""
"""Those who were with no tariff of the operator."""


@dataclass(frozen=True, slots=True)
class Switched:
    """Buyers of a segment over the whole case, by the tariff they come from."""

    segment: str
    buyers: int
    sources: Mapping[str, int]


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Split a whole number by shares that add up to 1, by largest remainder.

    >>> apportion(10, [0.35, 0.65]), apportion(7, [0.5, 0.5])
    ([4, 6], [4, 3])
    """
    exact = [total * share for share in shares]
    whole = [int(np.floor(one + 1e-9)) for one in exact]
    left = total - sum(whole)
    order = sorted(range(len(shares)), key=lambda one: (whole[one] - exact[one], one))
    for place in range(left):
        whole[order[place % len(order)]] += 1
    return whole


def switched(case: Case) -> list[Switched]:
    """Buyers of each segment by source; the sources of a segment add up to its buyers."""
    found = []
    for row in case["segments"]:
        sources = {
            switch["tariff"]: switch["share"]
            for switch in case["switches"]
            if switch["segment"] == row["segment"]
        }
        rest = max(0.0, 1 - sum(sources.values()))
        alone: Case = {**case, "segments": [row], "switches": []}
        buyers = int(forecast(alone).new.sum())
        parts = apportion(buyers, [*sources.values(), rest])
        named = dict(zip([*sources, NEW], parts, strict=True))
        found.append(Switched(row["segment"], buyers, named))
    return found


def after(stock: Mapping[str, int], moves: Sequence[Switched]) -> dict[str, int]:
    """Subscribers of each old tariff when all have switched."""
    return {
        name: count - sum(move.sources.get(name, 0) for move in moves)
        for name, count in stock.items()
    }
