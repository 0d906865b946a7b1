"""Write notices that fall due, post and follow them. Each job may run twice at once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from amends.causes.notices.actions.follow import expire_unconfirmed, follow
from amends.causes.notices.actions.hold import end_past_holds
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.actions.write_due import write_due
from amends.causes.notices.actions.write_notices import expand_blocks

MOST_BATCHES = 100
"""Batches a turn, so that other jobs have theirs; each batch is a short transaction of its own."""


def send_due_notices(*, now: datetime) -> dict[str, int]:
    """Follow what was posted, then post what is due, batch by batch; how many went which way.

    Notices found in bulk become rows when nothing else is left to post, those of visits before.
    """
    follow(now=now)
    expire_unconfirmed(now=now)
    counts: Counter[str] = Counter()
    for _ in range(MOST_BATCHES):
        hurried = expand_blocks(only_urgent=True)
        sent = send_notices(now=now)
        if not sent and not hurried and not expand_blocks():
            break
        counts.update(sent)
    return dict(counts)


def write_due_notices(*, now: datetime) -> int:
    """Write what recorded events and orders have made due, and end the holds of past periods."""
    end_past_holds(now=now)
    return write_due(now=now)
