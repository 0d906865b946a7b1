"""Months and days on the complainant's clock, in milliseconds UTC."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable

from amends.kit.formats import local


def add_months(at_ms: int, months: int, zone: str) -> int:
    """The same local day and hour `months` later (or earlier); a shorter month ends sooner.

    >>> from amends.kit.formats import format_date
    >>> format_date(add_months(1_769_817_600_000, 1, "Asia/Shanghai"), "en", "Asia/Shanghai")
    '28 Feb 2026'
    """
    start = local(at_ms, zone)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    moved = start.replace(year=year, month=month + 1, day=min(start.day, last))
    return round(moved.timestamp() * 1000)


def local_days(stretches: Iterable[tuple[int, int]], zone: str) -> set[int]:
    """The local calendar days that half-open stretches touch, as proleptic day numbers.

    >>> noon = 1_769_832_000_000
    >>> len(local_days([(noon, noon + 1), (noon + 5, noon + 86_400_000)], "Asia/Shanghai"))
    2
    """
    days: set[int] = set()
    for start, end in stretches:
        if end > start:
            first, last = local(start, zone).toordinal(), local(end - 1, zone).toordinal()
            days.update(range(first, last + 1))
    return days
