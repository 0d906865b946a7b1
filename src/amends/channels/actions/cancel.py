"""Cancel a message that has not left."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage

State = OutboxMessage.State


def cancel(message_id: str, *, because: str, now: datetime) -> bool:
    """Cancel a held or queued message; False if it is being sent, is sent or has ended."""
    with transaction.atomic():
        in_commit_order()
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
        if row is None or row.state not in {State.HELD, State.QUEUED}:
            return False
        row.state, row.error = State.CANCELLED, because[:200]
        row.save(update_fields=["state", "error"])
        note_changes([row], State.CANCELLED, detail=because, now=now)
        return True
