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
    whole_parts = [int(np.floor(exact_part + 1e-9)) for exact_part in exact]
    left = total - sum(whole_parts)
    order = sorted(
        range(len(shares)),
        key=lambda part_index: (whole_parts[part_index] - exact[part_index], part_index),
    )
    for step_index in range(left):
        whole_parts[order[step_index % len(order)]] += 1
    return whole_parts


def switched(case: Case) -> list[Switched]:
    """Buyers of each segment by source; the sources of a segment add up to its buyers."""
    switched_segments = []
    for row in case["segments"]:
        sources = {
            switch["tariff"]: switch["share"]
            for switch in case["switches"]
            if switch["segment"] == row["segment"]
        }
        new_share = max(0.0, 1 - sum(sources.values()))
        alone: Case = {**case, "segments": [row], "switches": []}
        buyers = int(forecast(alone).new.sum())
        parts = apportion(buyers, [*sources.values(), new_share])
        named = dict(zip([*sources, NEW], parts, strict=True))
        switched_segments.append(Switched(row["segment"], buyers, named))
    return switched_segments


def after(stock: Mapping[str, int], moves: Sequence[Switched]) -> dict[str, int]:
    """Subscribers of each old tariff when all have switched."""
    return {
        name: count - sum(move.sources.get(name, 0) for move in moves)
        for name, count in stock.items()
    }
