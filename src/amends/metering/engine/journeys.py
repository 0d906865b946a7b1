"""Visits abroad in NumPy: the first foreign record of every line at once, then the second, …

What a record does depends on the one before it in the same country or another, on use at home in
between, and on the day of the last arrival; lines do not depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.metering.engine.compile import Rules
from amends.metering.engine.layout import CHARGE, DATA, DATA_TOLD, HOME, LEFT, Array
from amends.metering.engine.marks import ENTRY, FIRST_DATA, NEVER
from amends.metering.engine.ordered import Ordered

MANY = 64
"""A line with more foreign records in one batch is left to the oracle."""


@dataclass(frozen=True, slots=True)
class Visits:
    """What foreign records found, one value each.

    places   of the records
    arrived  whether it is an entry; data: whether it is the first use of data of its visit
    day      the local day it was made
    """

    places: Array
    arrived: Array
    data: Array
    day: Array

    def notices(self, rules: Rules, plan: Array, group: Array) -> list[tuple[int, Array, Array]]:
        """The marks of entries and of first data: mark, places, days. `plan`: one value a line."""
        found = []
        for mark, form in enumerate(rules.forms.tolist()):
            if form not in (ENTRY, FIRST_DATA):
                continue
            met = self.arrived if form == ENTRY else self.data
            wanted = met & (rules.thresholds[plan[group[self.places]], mark] != NEVER)
            if wanted.any():
                found.append((mark, self.places[wanted], self.day[wanted]))
        return found


def count_abroad(use: Ordered) -> Array:
    """How many foreign records each of the lines has."""
    return np.bincount(use.group[use.abroad], minlength=len(use.lines))


def travel(use: Ordered, state: Array, cycles: Array, rules: Rules) -> Visits:
    """Move country, day and flags of the lines by their records; what the foreign ones found.

    state, cycles  one row a line; `state` is changed
    """
    places = use.abroad
    at_home = (use.country == HOME) & (use.kind < CHARGE)
    homes = np.concatenate([[0], np.cumsum(at_home)])
    group = use.group[places]
    day = _days(use.at_ms[places], cycles[group], rules)
    begins = np.flatnonzero(np.r_[True, group[1:] != group[:-1]][: len(group)])
    rank = np.arange(len(group)) - np.repeat(begins, np.diff(np.r_[begins, len(group)]))
    before = np.r_[0, places[:-1]][: len(places)]
    since = np.where(rank == 0, use.first[group], before)
    used_at_home = homes[places] > homes[since]
    visits = Visits(places, np.zeros(len(places), np.bool_), np.zeros(len(places), np.bool_), day)
    for nth in range(int(rank.max(initial=-1)) + 1):
        _move(use, state, visits, np.flatnonzero(rank == nth), used_at_home)
    _come_home(use, state, homes, places)
    return visits


def _days(at_ms: Array, cycles: Array, rules: Rules) -> Array:
    zones = rules.calendar.zone_of[cycles]
    day = np.zeros(len(at_ms), np.int64)
    for zone in np.unique(zones).tolist():
        of = zones == zone
        day[of] = np.searchsorted(rules.calendar.midnights[zone], at_ms[of], side="right") - 1
    return day


def _move(use: Ordered, state: Array, visits: Visits, some: Array, used_at_home: Array) -> None:
    """Foreign records of different lines, by their numbers among `visits`."""
    places = visits.places[some]
    lines = use.group[places]
    country, flags = use.country[places], state["flags"][lines]
    day = visits.day[some] % 256
    left = (flags & LEFT != 0) | used_at_home[some]
    arrived = (country != state["country"][lines]) | (left & (day != state["day"][lines]))
    state["country"][lines] = country
    state["day"][lines] = np.where(arrived, day, state["day"][lines])
    flags = np.where(arrived, flags & (~DATA_TOLD & 255), flags) & (~LEFT & 255)
    data = (use.kind[places] == DATA) & (flags & DATA_TOLD == 0)
    state["flags"][lines] = np.where(data, flags | DATA_TOLD, flags)
    visits.arrived[some], visits.data[some] = arrived, data


def _come_home(use: Ordered, state: Array, homes: Array, places: Array) -> None:
    """Who used at home after the last foreign record has left that country."""
    last = use.first.copy()
    last[use.group[places]] = places  # of several the last one stays
    left = (homes[use.last + 1] > homes[last]) & (state["country"] != HOME)
    state["flags"][left] |= LEFT
