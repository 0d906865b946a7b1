"""Messages that were delivered, opened: what a page of the demonstration shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import contact_index, opened_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredMessage:
    """A message as its recipient reads it."""

    channel: str
    recipient: str
    subject: str
    body: str
    sent_at: datetime


def delivered(channels: Collection[str], *, address: str, limit: int) -> list[DeliveredMessage]:
    """The newest messages that were sent on some channels, to one address or to all, opened.

    The caller answers for the right to read them.
    """
    rows = OutboxMessage.objects.filter(state=OutboxMessage.State.SENT, channel__in=channels)
    if address:
        rows = rows.filter(recipient_index=contact_index(address))
    newest = list(rows.order_by("-sent_at", "-id")[:limit])
    recipients, subjects, bodies = (
        opened_columns(newest, column)
        for column in ("recipient_sealed", "subject_sealed", "body_sealed")
    )
    return [
        DeliveredMessage(
            channel=row.channel,
            recipient=recipient,
            subject=subject,
            body=body,
            sent_at=row.sent_at or row.posted_at,
        )
        for row, recipient, subject, body in zip(newest, recipients, subjects, bodies, strict=True)
    ]
