"""When the desk of the demonstration sits down, and how the last hours are left to the reader."""

from __future__ import annotations

from collections.abc import Sequence

from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS

DAILY_DAYS = 5
EVENINGS_MS = 2 * DAY_MS
FRESH = 8
_FRESH_HOURS = 12
_LATEST_DAYS = 2
_EVENING_MS = 18 * HOUR_MS
_THURSDAY = 0
"""The first of January 1970 was one."""


def sittings(start_ms: int, end_ms: int, received_ms: Sequence[int]) -> list[int]:
    """The moments at which feeds deliver and the desk works, in order; the last before the end.

    Every Thursday evening: what came in at the week-end is due on Friday where the limit is five
    working days, the shortest of the packs, and everything else later. Every evening in the last
    days; and a last time before the last `FRESH` contacts, which nobody has looked at when the
    console opens.

    start_ms, end_ms  the period simulated
    received_ms       when the contacts came, in order of time

    >>> [moment // DAY_MS for moment in sittings(0, 28 * DAY_MS, [])]
    [0, 7, 14, 21, 23, 24, 25, 26, 27, 27]
    """
    last = max(end_ms - _FRESH_HOURS * HOUR_MS, start_ms)
    if len(received_ms) >= FRESH:
        last = max(end_ms - _LATEST_DAYS * DAY_MS, received_ms[-FRESH])
    daily_from = end_ms - DAILY_DAYS * DAY_MS
    first_day = (start_ms + CHINA_MS) // DAY_MS
    evenings = range(first_day * DAY_MS + _EVENING_MS - CHINA_MS, last, DAY_MS)
    chosen = [
        moment
        for moment in evenings
        if moment > start_ms and (moment >= daily_from or _is_thursday(moment))
    ]
    return [*chosen, last]


def evenings_between(since_ms: int, until_ms: int) -> range:
    """Every second evening between two sittings: the jobs run on days on which nobody works.

    >>> [moment // DAY_MS for moment in evenings_between(0, 7 * DAY_MS)]
    [2, 4, 6]
    """
    return range(since_ms + EVENINGS_MS, until_ms, EVENINGS_MS)


def _is_thursday(at_ms: int) -> bool:
    return (at_ms + CHINA_MS) // DAY_MS % 7 == _THURSDAY
