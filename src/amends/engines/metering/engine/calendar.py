"""Billing periods and local days as tables: both begin at local midnight of the line's zone.

A period has a number: months since January 2020. A cycle is a zone with a day of the month; a month
without that day (29 to 31) begins on its last day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from amends.engines.metering.engine.layout import Array

FIRST_YEAR = 2020
PERIODS = 254
_EPOCH = date(FIRST_YEAR, 1, 1)
_DAYS = 7_800


@dataclass(frozen=True, slots=True)
class Cycle:
    """A time zone, and the day of the month on which billing periods begin (1 to 31)."""

    zone: str
    day: int = 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moments in milliseconds since 1970.

    starts     [cycle, period]: when the period begins; one column more than there are periods
    midnights  [zone, day]: when local days begin, from 2020-01-01 on
    zone_of    cycle → row of `midnights`
    """

    cycles: tuple[Cycle, ...]
    starts: Array
    midnights: Array
    zone_of: Array

    def period_of(self, cycle: int, at_ms: int) -> int:
        """The number of the period a moment falls into; -1 before the first."""
        return int(np.searchsorted(self.starts[cycle], at_ms, side="right")) - 1

    def day_of(self, cycle: int, at_ms: int) -> int:
        """The local day of a moment, counted from 2020-01-01."""
        midnights = self.midnights[self.zone_of[cycle]]
        return int(np.searchsorted(midnights, at_ms, side="right")) - 1

    def first_day(self, cycle: int, period: int) -> date:
        """The local day a period begins on."""
        return _first_day(period, self.cycles[cycle].day)


def calendar_of(cycles: Sequence[Cycle]) -> Calendar:
    """The tables for some cycles.

    >>> berlin = calendar_of([Cycle("Europe/Berlin", 31)])
    >>> str(berlin.first_day(0, 73)), str(berlin.first_day(0, 74))
    ('2026-02-28', '2026-03-31')
    >>> int(berlin.starts[0, 75] - berlin.starts[0, 74]) == 30 * 86_400_000
    True
    """
    zones = list(dict.fromkeys(cycle.zone for cycle in cycles))
    starts = [_starts(cycle) for cycle in cycles]
    midnights = [_midnights(zone) for zone in zones]
    return Calendar(
        cycles=tuple(cycles),
        starts=np.array(starts, np.int64).reshape(len(cycles), PERIODS + 1),
        midnights=np.array(midnights, np.int64).reshape(len(zones), _DAYS),
        zone_of=np.array([zones.index(cycle.zone) for cycle in cycles], np.int64),
    )


def local_day(number: int) -> date:
    """The day a number of `Calendar.day_of` stands for.

    >>> str(local_day(31))
    '2020-02-01'
    """
    return _EPOCH + timedelta(days=number)


def _first_day(period: int, day: int) -> date:
    year, month = FIRST_YEAR + period // 12, period % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


@lru_cache(maxsize=1024)
def _starts(cycle: Cycle) -> list[int]:
    return [
        _midnight(_first_day(period_number, cycle.day), cycle.zone)
        for period_number in range(PERIODS + 1)
    ]


@lru_cache(maxsize=64)
def _midnights(zone: str) -> list[int]:
    return [_midnight(local_day(number), zone) for number in range(_DAYS)]


def _midnight(day: date, zone: str) -> int:
    """The first moment of a local day. Where clocks jump over midnight, the moment of the jump."""
    tzinfo = ZoneInfo(zone)
    moment = datetime(day.year, day.month, day.day, tzinfo=tzinfo).astimezone(UTC)
    if moment.astimezone(tzinfo).date() < day:
        moment += timedelta(hours=1)
    return round(moment.timestamp() * 1000)
