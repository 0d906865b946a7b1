"""Quiet hours: when a message may go out, on the reader's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from amends.platform.kit.packs import Verified

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` (inside) to `end` (outside) on the local clock; may pass midnight."""

    start: time
    end: time
    zh: str = ""
    en: str = ""
    source: str = ""
    verified: Verified = False

    def __contains__(self, clock: time) -> bool:
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def next_sending(now: datetime, quiet: QuietHours | None, zone: tzinfo) -> datetime:
    """The first moment from `now` on at which a message may go out, in UTC.

    Where clocks go forward over the end of the quiet hours, that is the first moment after the gap;
    where they go back, the second reading of an hour counts as much as the first.

    >>> from zoneinfo import ZoneInfo
    >>> night = QuietHours(time(21), time(8))
    >>> print(next_sending(datetime(2026, 5, 1, 15, 30, tzinfo=UTC), night,
    ...                    ZoneInfo("Asia/Shanghai")))
    2026-05-02 00:00:00+00:00
    """
    if now.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    moment = now.astimezone(UTC)
    # Where clocks jump, a day's only free hours may be missing altogether: then the next day's.
    for _ in range(4):
        local_moment = moment.astimezone(zone)
        if quiet is None or local_moment.time() not in quiet:
            return moment
        later = quiet.start > quiet.end and local_moment.time() >= quiet.start
        day = local_moment.date() + (_DAY if later else timedelta(0))
        moment = _first_showing(datetime.combine(day, quiet.end), moment, zone)
    return moment


def _first_showing(local: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first moment after `after` at which the local clock shows `local` or has jumped past."""
    early, late = sorted(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early if early > after else late
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
