"""Tell what is owed: write what falls due, post it, follow it. Each may run twice at once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from amends.notices.actions.follow import follow, give_up_waiting
from amends.notices.actions.hold import end_past_holds
from amends.notices.actions.notify_refunds import tell_refunds
from amends.notices.actions.record_changes import take_executed
from amends.notices.actions.send import send_notices
from amends.notices.actions.write_due import write_due, write_due_of_running
from amends.notices.actions.write_notices import lay_out

MOST_BATCHES = 100
"""Batches a turn, so that other jobs have theirs; each batch is a short transaction of its own."""


def tell(*, now: datetime) -> dict[str, int]:
    """Follow what was posted, then post what is due, batch by batch; how many went which way.

    Notices found in bulk become rows when nothing else is left to post, those of visits before.
    """
    follow(now=now)
    give_up_waiting(now=now)
    counts: Counter[str] = Counter()
    for _ in range(MOST_BATCHES):
        hurried = lay_out(only_urgent=True)
        sent = send_notices(now=now)
        if not sent and not hurried and not lay_out():
            break
        counts.update(sent)
    return dict(counts)


def tell_of_refunds(*, now: datetime) -> int:
    """Tell people of approved refunds for missing notices; how many people."""
    return len(tell_refunds(now=now))


def owe(*, now: datetime) -> int:
    """Write what recorded events and orders have made due, and end the holds of past periods."""
    end_past_holds(now=now)
    return write_due(now=now)


def follow_orders(*, now: datetime) -> int:
    """Move lines to the plans that orders have changed them to; how many."""
    return take_executed(now=now)


def owe_running(*, now: datetime) -> int:
    """Write what running services make due: ends of terms, yearly advice."""
    return write_due_of_running(now=now)
