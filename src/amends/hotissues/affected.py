"""Whom an issue hits: those who complained, and those who are hit and say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from amends.complaints.measured import received_and_whose
from amends.hotissues.belonging import complaints_in
from amends.hotissues.models import HotIssue
from amends.hotissues.rules.drills import is_invented
from amends.subscribers.queries import served

_DAY = timedelta(hours=24)


def growth_of(issue: HotIssue, now: datetime) -> float | None:
    """Complaints of the last 24 hours over those of the 24 before; None where too few to say."""
    came = [at for at, _whose in received_and_whose(complaints_in(issue)).values()]
    last = sum(now - _DAY <= at < now for at in came)
    before = sum(now - 2 * _DAY <= at < now - _DAY for at in came)
    return last / before if before >= 5 else None


def silent_in(
    issue: HotIssue,
    *,
    offers: Iterable[str],
    areas: Iterable[str],
    since: datetime,
    now: datetime,
) -> list[str]:
    """Pseudonyms of those hit who have not complained of it; nobody where nothing says who is hit.

    offers, areas, since  what everybody hit had, where, and from when on
    """
    hit = served(offers=offers, areas=areas, since=since, until=now, brand=issue.brand)
    spoke = {
        whose
        for _at, whose in received_and_whose(
            [ref for ref in complaints_in(issue) if not is_invented(ref)]
        ).values()
    }
    return [one for one in hit if one not in spoke]
