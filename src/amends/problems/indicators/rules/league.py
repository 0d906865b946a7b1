"""Several places or channels side by side, without ranking them inside the noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import scipy

FUNNEL_LEVEL = 0.998


@dataclass(frozen=True, slots=True)
class LeagueEntry:
    """One unit: its count, its users, its name."""

    name: str
    count: int
    users: float


@dataclass(frozen=True, slots=True)
class LeaguePlace:
    """The position of a unit: `low` to `high` is the count chance allows at the rate of all.

    standing    higher, within or lower
    """

    entry: LeagueEntry
    expected: float
    low: int
    high: int
    standing: str


def league(entries: Iterable[LeagueEntry], *, level: float = FUNNEL_LEVEL) -> list[LeaguePlace]:
    """Each unit against the rate of all of them together, by exact Poisson limits.

    The limits of a funnel plot at `level` (99.8%, Spiegelhalter 2005, Statistics in Medicine
    24:1185-1202, doi:10.1002/sim.1970). Those beyond the limits come first, the farthest first;
    those within have no order but their names.

    >>> [(p.entry.name, p.standing) for p in league(
    ...     [LeagueEntry("b", 30, 1e6), LeagueEntry("a", 33, 1e6),
    ...      LeagueEntry("c", 90, 1e6), LeagueEntry("d", 9, 1e6)])]
    [('c', 'higher'), ('a', 'within'), ('b', 'within'), ('d', 'lower')]
    """
    units = [entry for entry in entries if entry.users > 0]
    users = sum(entry.users for entry in units)
    if not users:
        return []
    rate = sum(entry.count for entry in units) / users
    tail = (1 - level) / 2
    league_places = []
    for entry in units:
        expected = rate * entry.users
        low = int(scipy.stats.poisson.ppf(tail, expected)) if expected else 0
        high = int(scipy.stats.poisson.isf(tail, expected)) if expected else 0
        comparison = "higher" if entry.count > high else "lower" if entry.count < low else "within"
        league_places.append(
            LeaguePlace(entry=entry, expected=expected, low=low, high=high, standing=comparison)
        )
    order = {"higher": 0, "within": 1, "lower": 2}
    return sorted(
        league_places,
        key=lambda league_place: (order[league_place.standing], *_within(league_place)),
    )


def _within(league_place: LeaguePlace) -> tuple[float, str]:
    beyond = (
        league_place.entry.count / league_place.expected
        if league_place.standing == "higher"
        else 0.0
    )
    return -beyond, league_place.entry.name
