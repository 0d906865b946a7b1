"""Periods: half-open intervals of time, `[start, end)`, always with a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (inside) to `end` (outside); `end` is None while it lasts.

    >>> from datetime import UTC, datetime
    >>> may = Period(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    >>> datetime(2026, 6, 1, tzinfo=UTC) in may
    False
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("A period needs a time zone.")
        if self.end is not None and self.end < self.start:
            raise ValueError("A period cannot end before it starts.")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)

    def covers(self, inner: Period) -> bool:
        """Whether `other` lies inside this period."""
        if inner.start < self.start:
            return False
        if self.end is None:
            return True
        return inner.end is not None and inner.end <= self.end


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC.

    >>> from datetime import UTC, datetime
    >>> to_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000
    """
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return round(moment.timestamp() * 1000)


def just_after(at: datetime) -> datetime:
    """The end of a period that includes what was recorded at this time: times are stored in
    milliseconds, so a record and a query within one millisecond have the same time.

    >>> from datetime import UTC, datetime
    >>> just_after(datetime(1970, 1, 1, tzinfo=UTC)).microsecond
    1000
    """
    return at + timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The moment `milliseconds` after 1970-01-01, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
