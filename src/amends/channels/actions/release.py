"""Release messages that were held while their channel was not switched on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.senders import sends
from amends.platform.kit.errors import Refused

State = OutboxMessage.State


class UnableToReleaseChannel(Refused):
    """The channel does not send."""

    code = "channel_not_switched_on"


def release(message_ids: Sequence[str], *, now: datetime) -> int:
    """Queue held messages, each named: switching a channel on sends nothing old by itself."""
    with transaction.atomic():
        in_commit_order()
        rows = list(
            OutboxMessage.objects.select_for_update().filter(pk__in=message_ids, state=State.HELD)
        )
        closed = sorted({row.channel for row in rows if not sends(row.channel)})
        if closed:
            raise UnableToReleaseChannel(
                gettext("Not switched on: %(channels)s.") % {"channels": ", ".join(closed)},
                meaning=_("The messages stay held."),
                next_step=_("Set the channel's settings first (docs/operator/settings.md)."),
            )
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.QUEUED, next_attempt_at=now
        )
        note_changes(rows, State.QUEUED, detail="released", now=now)
        return len(rows)
