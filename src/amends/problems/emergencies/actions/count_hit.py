"""Keep the figure of who is hit and silent fresh while an emergency is open.

Who buys, moves in or falls silent after the declaration is hit as well. Each open emergency is
counted again once an hour, a few in one pass, those counted longest ago first; one that was counted
within the hour, by whomever, is left.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from amends.platform.kit.actors import system
from amends.platform.kit.errors import AmendsError
from amends.problems.emergencies.actions.notify_silent import current_silent, store_silent
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.affected import counted_at
from amends.problems.hotissues.queries.records import HotIssue

EVERY = timedelta(hours=1)
MOST_AT_ONCE = 10
TIMER = system("hotissues")
log = logging.getLogger("amends.problems.hotissues")


def count_hit(*, now: datetime, limit: int = MOST_AT_ONCE) -> int:
    """One pass over the open emergencies; how many were counted."""
    opened = HotIssue.objects.filter(
        state="open", drill=False, merged_into__isnull=True, emergency__isnull=False
    ).order_by("id")
    last = {ref: counted_at(ref, now=now) for ref in opened.values_list("id", flat=True)}
    overdue_refs = [ref for ref, at in last.items() if at is None or now - at >= EVERY]
    overdue_refs.sort(key=lambda ref: (last[ref] is not None, last[ref] or now, ref))
    return sum(_count(ref, now) for ref in overdue_refs[:limit])


def _count(ref: str, now: datetime) -> bool:
    """Count outside the transaction, which others wait for; keep it if nothing else changed."""
    issue = HotIssue.objects.get(id=ref)
    scope = _scope(issue)
    try:
        silent_refs = current_silent(issue, issue.emergency, now=now)
        with transaction.atomic():
            issue = HotIssue.objects.select_for_update().get(id=ref)
            if issue.state != "open" or _scope(issue) != scope:
                return False
            store_silent(issue, issue.emergency, silent_refs, actor=TIMER, now=now)
    except AmendsError:
        log.exception("Who is hit by an issue could not be counted anew.")
        return False
    return True


def _scope(issue: HotIssue) -> tuple[object, ...]:
    it = Emergency.objects.get(issue=issue)
    return (it.offers, it.areas, it.causes, it.hit_since, issue.brand, it.brand)
