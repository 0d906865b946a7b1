"""How long a cell was degraded: several indicators degraded at once count once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


def degraded_hours(
    stretches: Iterable[tuple[datetime, datetime]], *, since: datetime, until: datetime
) -> int:
    """Hours of `[since, until)` that at least one of the stretches covers, rounded.

    stretches  (from, to) of the degraded indicators of one cell; they may overlap

    >>> from datetime import UTC
    >>> hour = [datetime(2026, 12, 1, n, tzinfo=UTC) for n in range(10)]
    >>> degraded_hours([(hour[1], hour[4]), (hour[2], hour[5]), (hour[7], hour[8])],
    ...                since=hour[0], until=hour[9])
    5
    """
    covered, end = timedelta(0), since
    for from_at, to_at in sorted(stretches):
        begin, to_at = max(from_at, end), min(to_at, until)
        if to_at > begin:
            covered += to_at - begin
            end = to_at
    return round(covered / timedelta(hours=1))
