"""A received message, opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from amends.channels.models import InboundMessage
from amends.channels.queries.contacts import opened_column, opened_columns

# What reading a mail says of it where its words may be somewhere it did not find them.
FAULTS_OF_FORM = (
    "too_many_parts",
    "structure_not_understood",
    "boundary_broken",
    "base64_broken",
    "too_large_and_cut",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message for the dispatcher, opened.

    brand         the brand its source is confined to, "" where it is of all
    reference     what the message it answers belongs to (e.g. a complaint), "" if it answers none
    sender_known  whether it comes from the very address that message went to
    may_answer    False if a program wrote it: an automatic answer could loop (RFC 3834)
    unread        it came with faults in its form, and no words were found in it
    """

    id: str
    channel: str
    received_at: datetime
    sender: str
    sender_name: str
    subject: str
    text: str
    language: str
    brand: str
    thread: str
    tracking_code: str
    reference: str
    sender_known: bool
    may_answer: bool
    unread: bool
    attempts: int


def opened(row: InboundMessage) -> Waiting:
    """The message of one row with its sealed fields opened."""
    answered, text = row.answers, opened_column(row, "text_sealed")
    return Waiting(
        id=row.id,
        channel=row.channel,
        received_at=row.received_at,
        sender=opened_column(row, "sender_sealed"),
        sender_name=opened_column(row, "name_sealed"),
        subject=row.subject,
        text=text,
        language=row.language,
        brand=row.brand,
        thread=row.thread,
        tracking_code=row.tracking_code,
        reference=answered.reference if answered else "",
        sender_known=bool(
            answered and row.sender_index and answered.recipient_index == row.sender_index
        ),
        may_answer=not row.automatic,
        unread=not text.strip() and any(fault in row.reason for fault in FAULTS_OF_FORM),
        attempts=row.attempts,
    )


def texts_of(message_ids: Iterable[str]) -> dict[str, str]:
    """Message → its text; "" once it was forgotten. The caller answers for the right to read it."""
    rows = list(InboundMessage.objects.filter(pk__in=list(message_ids)))
    opened_texts = opened_columns(rows, "text_sealed")
    return {row.id: text for row, text in zip(rows, opened_texts, strict=True)}


def oldest_undispatched_at() -> datetime | None:
    """When the oldest message was received that no app has yet."""
    rows = InboundMessage.objects.filter(state=InboundMessage.State.NEW)
    return rows.order_by("received_at").values_list("received_at", flat=True).first()
