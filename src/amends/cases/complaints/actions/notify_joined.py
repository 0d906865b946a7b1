"""Say that something joined an open complaint, to the person who made it.

Whoever writes may be anybody: the tracking code of a complaint that is there already goes to the
address its complainant gave, not to the one who wrote now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.models import Complaint, Reply
from amends.platform.kit.actors import system

AT_MOST_EVERY = timedelta(days=1)


def notify_joined(ref: str, *, now: datetime) -> bool:
    """Post the letter, at most one a day; whether one was posted."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        lately = Reply.objects.filter(
            complaint=complaint, kind="joined", posted_at__gt=now - AT_MOST_EVERY
        )
        if lately.exists():
            return False
        answer_many([ReplyDraft(complaint, "joined")], actor=system("desk"), now=now)
    return True
