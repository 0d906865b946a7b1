"""Days and moments as people and programs write them: ISO 8601, within years that make sense.

Python reads 0001-01-01 and 9999-12-31, and then fails at the first change of zone or the next day.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import TypeVar

D = TypeVar("D", bound=date)
FIRST, LAST = date(1970, 1, 2), date(2199, 12, 31)


def parse_day(text: str) -> date:
    """The day; ValueError if it is none, or out of bounds.

    >>> parse_day("2026-11-24")
    datetime.date(2026, 11, 24)
    """
    return within(date.fromisoformat(text.strip()))


def parse_moment(text: str) -> datetime:
    """The moment, with a time zone if one was written; ValueError as for a day."""
    return within(datetime.fromisoformat(text.strip()))


def local_day(zone: tzinfo, moment: datetime) -> date:
    """The day of a moment in a zone; where a zone has no such day any more, the moment's own.

    >>> from zoneinfo import ZoneInfo
    >>> last = datetime.fromisoformat("9999-12-31T23:59:59+00:00")
    >>> print(local_day(ZoneInfo("Asia/Shanghai"), last))
    9999-12-31
    """
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        local = moment
    return date(local.year, local.month, local.day)


def within(day_or_moment: D) -> D:
    """A day or moment as it is; ValueError if it is out of bounds."""
    day = day_or_moment.date() if isinstance(day_or_moment, datetime) else day_or_moment
    if not FIRST <= day <= LAST:
        raise ValueError(f"Write a year from {FIRST.year} to {LAST.year}.")
    return day_or_moment
