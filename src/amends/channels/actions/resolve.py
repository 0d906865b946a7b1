"""Resolve a message of which nobody could tell whether it was sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.platform.kit.errors import Refused

State = OutboxMessage.State


class UnableToResolve(Refused):
    """Only a message of unknown fate can be resolved."""

    code = "message_not_unknown"


def resolve(message_id: str, *, was_sent: bool, because: str, now: datetime) -> str:
    """Settle an `unknown` message; the state it has afterwards.

    was_sent  True: it counts as sent. False: it goes back to the queue and is sent again.
    because   how that is known: `found in the sent folder`, `operator: asked the recipient`
    """
    with transaction.atomic():
        in_commit_order()
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
        if row is None or row.state != State.UNKNOWN:
            raise UnableToResolve(
                _("The message is not of unknown fate."),
                next_step=_("Look at its present state in the list of messages."),
            )
        row.error = ""
        if was_sent:
            row.state, row.sent_at = State.SENT, row.handing_over_at or now
        else:
            row.state, row.next_attempt_at, row.handing_over_at = State.QUEUED, now, None
        row.save()
        note_changes([row], row.state, detail=because, now=now)
        return row.state
