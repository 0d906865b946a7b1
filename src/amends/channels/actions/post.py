"""Post a message: one row in the outbox queue, in the transaction of what causes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.channels.senders import sends
from amends.platform.database.rows import create
from amends.platform.kit.errors import BadInput, Refused, gettext_noop
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.sealing import seal_many

TABLE = "channels_outboxmessage"
MAX_BODY = 100_000
State = OutboxMessage.State


class UnableToPost(BadInput):
    """The message cannot be put into the outbox as it is."""

    code = "message_malformed"


class UnableToPostAlone(Refused):
    """A message is posted only together with what causes it."""

    code = "outside_transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to post.

    key           idempotency key; posting the same key again gives the row that stands
    channel       `mail`, `sms`, `web`, …
    recipient     an address of that channel; rests sealed
    language      of subject and body, `zh` or `en`
    reference     opaque reference of what it belongs to, e.g. a complaint
    in_reply_to   id of the inbound message it answers, so that it joins its thread
    duty, …       for a notice: the duty it fulfils, its key and step, and whose service it is about
    purpose       what the person must have agreed to, asked again just before it is sent; "" for
                  what needs no consent, such as an answer or a notice that is owed
    when_unknown  `ask` a person or `resend`, once nobody can tell whether it was sent
    """

    key: str
    channel: str
    recipient: str
    body: str
    language: str
    subject: str = ""
    reference: str = ""
    in_reply_to: str = ""
    duty: str = ""
    duty_key: str = ""
    duty_step: str = ""
    subscriber: str = ""
    service: str = ""
    purpose: str = ""
    when_unknown: str = "ask"


def post(*, now: datetime, **fields: str) -> OutboxMessage:
    """Post one message; its fields are those of `Outgoing`. See `post_many`."""
    return post_many([Outgoing(**fields)], now=now)[0]


def post_many(messages: Sequence[Outgoing], *, now: datetime) -> list[OutboxMessage]:
    """Post messages in the caller's transaction; the rows come back in the order given.

    A key that is already there returns its row unchanged: whoever posts twice sends once.
    On a channel that is not switched on the message is `held` and leaves only by `release`.

    Raises `UnableToPostAlone` outside a transaction, `UnableToPost` for an unusable message.
    """
    if not transaction.get_connection().in_atomic_block:
        raise UnableToPostAlone(
            gettext_noop("A message was posted outside a transaction."),
            next_step=gettext_noop("Post it in the transaction that writes what causes it."),
        )
    for message in messages:
        _check(message)
    unique: dict[str, Outgoing] = {}
    for message in messages:
        unique.setdefault(message.key, message)
    rows = OutboxMessage.objects.in_bulk(list(unique), field_name="key")
    fresh = [message for key, message in unique.items() if key not in rows]
    if fresh:
        rows |= _inserted(_rows(fresh, now))
    return [rows[message.key] for message in messages]


def _inserted(rows: Sequence[OutboxMessage]) -> dict[str, OutboxMessage]:
    """Insert rows; where another writer won the race for a key, its row stands."""
    create(rows, or_leave=True)
    ours = {row.key: row for row in rows}
    queued = OutboxMessage.objects.filter(key__in=list(ours)).order_by("id")
    lost = [key for key, ref in queued.values_list("key", "id") if ref != ours[key].id]
    return ours | (OutboxMessage.objects.in_bulk(lost, field_name="key") if lost else {})


def _check(message: Outgoing) -> None:
    if not message.key or len(message.key) > 200:
        raise UnableToPost(
            gettext_noop("A message needs an idempotency key of at most 200 characters.")
        )
    if not message.recipient.strip():
        raise UnableToPost(gettext_noop("A message needs a recipient."))
    if not message.body.strip():
        raise UnableToPost(gettext_noop("A message without words is not sent."))
    if len(message.body) > MAX_BODY:
        raise UnableToPost(
            gettext_noop("A message has at most %(most)s characters."),
            values={"most": f"{MAX_BODY:,}"},
        )
    if message.when_unknown not in OutboxMessage.WhenUnknown.values:
        raise UnableToPost(gettext_noop("when_unknown is ask or resend."))
    if message.purpose and not message.subscriber:
        raise UnableToPost(gettext_noop("A message that needs consent names whose it is."))
    if message.duty and not (message.duty_key and message.subscriber and message.service):
        raise UnableToPost(gettext_noop("A notice names its key, its subscriber and its service."))


def _rows(messages: Sequence[Outgoing], now: datetime) -> list[OutboxMessage]:
    ids = [time_ordered_id() for _ in messages]
    recipients = seal_many(TABLE, "recipient_sealed", ids, [m.recipient.strip() for m in messages])
    subjects = seal_many(TABLE, "subject_sealed", ids, [m.subject for m in messages])
    is_open = {channel: sends(channel) for channel in {m.channel for m in messages}}
    bodies = seal_many(TABLE, "body_sealed", ids, [m.body for m in messages])
    return [
        OutboxMessage(
            id=row_id,
            key=message.key,
            channel=message.channel,
            recipient_sealed=recipient,
            recipient_index=contact_index(message.recipient),
            subject_sealed=subject,
            body_sealed=body,
            language=message.language,
            reference=message.reference,
            in_reply_to_id=message.in_reply_to or None,
            duty=message.duty,
            duty_key=message.duty_key,
            duty_step=message.duty_step,
            subscriber=message.subscriber,
            service=message.service,
            purpose=message.purpose,
            when_unknown=message.when_unknown,
            state=State.QUEUED if is_open[message.channel] else State.HELD,
            posted_at=now,
            next_attempt_at=now,
        )
        for row_id, message, recipient, subject, body in zip(
            ids, messages, recipients, subjects, bodies, strict=True
        )
    ]
