"""Send new public statements to the people who subscribed to notices of known problems."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.problems.emergencies.queries import public_statements
from amends.work.knowledge.actions.subscribe import forget_unconfirmed, notify

RECENT = timedelta(days=1)


def notify_problems(now: datetime) -> int:
    """Send each version of the last day once; how many messages. Withdrawn ones are not sent."""
    forget_unconfirmed(now=now)
    sent = 0
    for public_statement in public_statements():
        newest = public_statement.newest
        if newest.withdrawn_at is None and newest.published_at > now - RECENT:
            texts = {
                "zh": (newest.title_zh, newest.text_zh),
                "en": (newest.title_en, newest.text_en),
            }
            sent += notify(f"{public_statement.issue}:{newest.version}", texts, now=now)
    return sent
