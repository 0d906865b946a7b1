"""Take in a receipt: the message arrived, or came back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.channels.actions.note_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.rules.outcomes import without_addresses

State = OutboxMessage.State
_BEFORE_RECEIPT = {State.LEASED, State.SENT, State.UNKNOWN, State.QUEUED}


def receipt(
    message_id: str, *, delivered: bool, detail: str = "", now: datetime, permanent: bool = True
) -> bool:
    """Record that a message arrived or came back; whether that was news.

    A receipt proves the message was sent, so it also settles one that was `unknown`. A report of
    mere delay (`delivered` false, `permanent` false) changes nothing.
    """
    if not delivered and not permanent:
        return False
    with transaction.atomic():
        in_commit_order()
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
        if row is None or row.state not in _BEFORE_RECEIPT or not row.attempts:
            return False
        if delivered and row.delivered_at is not None:
            return False
        if row.state != State.SENT:
            row.state, row.sent_at = State.SENT, row.sent_at or now
            note_changes([row], State.SENT, detail="shown by a receipt", now=now)
        row.lease_until, row.leased_by, row.error = None, "", ""
        if delivered:
            row.delivered_at = now
        else:
            row.state, row.permanent = State.FAILED, True
            row.error = without_addresses(detail)
        row.save()
        change = "delivered" if delivered else State.FAILED
        note_changes([row], change, detail=without_addresses(detail), now=now)
        return True
