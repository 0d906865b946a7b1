"""What other apps and pages may ask about messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from amends.channels.mail.settings import mail_settings, mailbox_name
from amends.channels.models import (
    Attachment,
    DeliveryChange,
    IdentityCode,
    InboundMessage,
    Mailbox,
    OutboxMessage,
    SmsLine,
)
from amends.channels.queries.contacts import of_addresses, opened_column
from amends.channels.queries.received import Waiting, opened
from amends.channels.senders import SWITCHES
from amends.channels.senders import sends as sends
from amends.channels.sms.settings import line_name, sms_settings
from amends.people.operator.queries import public_address
from amends.platform.kit.periods import Period
from amends.platform.vault import stored_files


@dataclass(frozen=True, slots=True)
class DeliveryChangeView:
    """One change in a message's fate. `cursor` is what to read on from."""

    cursor: int
    message: str
    key: str
    reference: str
    channel: str
    state: str
    at: datetime
    detail: str


def changes_since(cursor: int, *, limit: int = 500) -> list[DeliveryChangeView]:
    """Changes after `cursor` (0 = from the start), in the order they were committed.

    Store the last `cursor` in the transaction that acts on the changes: each is then seen once.
    """
    rows = DeliveryChange.objects.filter(pk__gt=cursor).select_related("message")[:limit]
    return [
        DeliveryChangeView(
            cursor=row.pk,
            message=row.message_id,
            key=row.message.key,
            reference=row.message.reference,
            channel=row.message.channel,
            state=row.state,
            at=row.at,
            detail=row.detail,
        )
        for row in rows
    ]


def newest_change() -> int:
    """The cursor of the newest change, 0 where there is none."""
    return DeliveryChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def open_letter(message_id: str) -> tuple[str, str]:
    """Subject and body of a posted message. The caller answers for the right to read it."""
    row = OutboxMessage.objects.get(pk=message_id)
    return opened_column(row, "subject_sealed"), opened_column(row, "body_sealed")


def open_message(message_id: str) -> Waiting:
    """A received message, opened. The caller answers for the right to read it."""
    return opened(InboundMessage.objects.select_related("answers").get(pk=message_id))


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A file that came with a message; `refused` says why it was not kept, "" if it was.

    `refused_reason` is the reason in the reader's language.
    """

    id: str
    message: str
    media_type: str
    size_bytes: int
    sha256: str
    refused: str
    refused_reason: str


def files_of(message_ids: Iterable[str]) -> list[MessageFile]:
    """The files of messages, without the originals, in the order they were attached."""
    rows = Attachment.objects.filter(message__in=list(message_ids), is_original=False)
    return [
        MessageFile(
            id=row.id,
            message=row.message_id,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            refused=row.refused,
            refused_reason=why_refused(row.refused),
        )
        for row in rows.order_by("message", "part")
    ]


def why_refused(code: str) -> str:
    """Why a file was not kept, in the reader's language; a code nobody knows stands as it is."""
    is_known = code in Attachment.Refused.values
    return str(Attachment.Refused(code).label) if is_known else code


def open_file(file_id: str) -> tuple[str, str, bytes]:
    """Name, media type and bytes of a kept file. The caller answers for the right to read it."""
    row = Attachment.objects.get(pk=file_id, refused="")
    name = opened_column(row, "name_sealed")
    return name, row.media_type, stored_files.read(row.id, row.path, row.key_sealed)


def messages_with(
    addresses: Iterable[tuple[str, Period]],
    *,
    references: Iterable[str] = (),
    became: Iterable[str] = (),
) -> list[dict[str, object]]:
    """Every message from or to somebody, opened, oldest first: for that person themselves.

    addresses, references, became   as `actions.forget` takes them. The caller answers for the right
                                    to read them
    """
    address_list = list(addresses)
    received = InboundMessage.objects.filter(
        of_addresses(address_list, index="sender_index", moment="received_at")
        | Q(became__in=list(became))
    )
    posted = OutboxMessage.objects.filter(
        of_addresses(address_list, index="recipient_index", moment="posted_at")
        | Q(reference__in=list(references))
        | Q(social_answer__post__message__became__in=list(became))
    )
    messages = [
        {
            "direction": "received",
            "channel": row.channel,
            "at": row.received_at,
            "subject": row.subject,
            "words": opened_column(row, "text_sealed"),
        }
        for row in received
    ] + [
        {
            "direction": "sent",
            "channel": row.channel,
            "at": row.posted_at,
            "state": row.state,
            "subject": opened_column(row, "subject_sealed"),
            "words": opened_column(row, "body_sealed"),
        }
        for row in posted
    ]
    return sorted(messages, key=lambda listed_message: str(listed_message["at"]))


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """How one channel's outbox stands."""

    channel: str
    sends: bool
    counts: dict[str, int]
    oldest_due_at: datetime | None


def outbox_summary() -> list[ChannelSummary]:
    """Counts by state and the oldest message due, for each channel; two queries."""
    counts: dict[str, dict[str, int]] = {}
    for channel, state, count in (
        OutboxMessage.objects.order_by().values_list("channel", "state").annotate(Count("id"))
    ):
        counts.setdefault(channel, {})[state] = count
    oldest = dict(
        OutboxMessage.objects.order_by()
        .filter(state=OutboxMessage.State.QUEUED)
        .values_list("channel")
        .annotate(Min("next_attempt_at"))
    )
    return [
        ChannelSummary(
            channel=channel, sends=sends(channel), counts=states, oldest_due_at=oldest.get(channel)
        )
        for channel, states in sorted(counts.items())
    ]


def is_mailbox_failing() -> bool | None:
    """Whether the mailbox could not be read the last time; None where none is set."""
    server = mail_settings().imap
    if server is None:
        return None
    return Mailbox.objects.filter(pk=mailbox_name(server)).exclude(error="").exists()


def line_down_s(*, now: datetime) -> float | None:
    """For how long no line to the message centre has stood; None where none is awaited."""
    centre = sms_settings().centre
    row = SmsLine.objects.filter(pk=line_name(centre)).first() if centre else None
    if row is None:
        return None
    return max((now - (row.stood_at or row.awaited_at)).total_seconds(), 0.0)


def state_words() -> dict[str, Any]:
    """State of a message → its word in the reader's language."""
    return {
        **{str(state): state.label for state in InboundMessage.State},
        **{str(state): state.label for state in OutboxMessage.State},
    }


def inbound_summary(*, now: datetime) -> dict[str, int]:
    """How many received messages stand in each state; how many that wait failed before, and how
    many were refused during the last day."""
    states = InboundMessage.State.values
    return InboundMessage.objects.order_by().aggregate(
        **{state: Count("id", filter=Q(state=state)) for state in states},
        failing=Count("id", filter=Q(state="new", attempts__gt=1)),
        refused_last_day=Count(
            "id", filter=Q(state="refused", handled_at__gt=now - timedelta(days=1))
        ),
    )


@dataclass(frozen=True, slots=True)
class QueuedView:
    """A message as a list shows it: neither words nor whom it is from or to."""

    id: str
    channel: str
    state: str
    reference: str
    attempts: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageList:
    """Messages of one state, the newest first."""

    messages: list[QueuedView]


def messages_in(
    state: str, *, channel: str = "", before: str = "", limit: int = 100
) -> list[QueuedView]:
    """Messages of one state, the newest first: of the outbox, or received where it is a state of
    those.

    before  the id of the last message of the page before
    """
    if state in InboundMessage.State.values:
        rows = InboundMessage.objects.filter(state=state)
        columns = ("id", "channel", "state", "became", "attempts", "reason", "received_at")
    else:
        rows = OutboxMessage.objects.filter(state=state)
        columns = ("id", "channel", "state", "reference", "attempts", "error", "posted_at")
    rows = rows.filter(channel=channel) if channel else rows
    rows = rows.filter(id__lt=before) if before else rows
    return [QueuedView(*row) for row in rows.order_by("-id").values_list(*columns)[:limit]]


def message_states() -> tuple[str, ...]:
    """The states a message may stand in, received and sent."""
    return tuple(dict.fromkeys((*InboundMessage.State.values, *OutboxMessage.State.values)))


def held_that_should_leave() -> dict[str, int]:
    """By channel: held messages that somebody expects to be sent.

    Where any channel sends, or people reach the installation at a public address, all that are
    held. Elsewhere only codes that a person requested at a page: a demonstration sends nothing on
    purpose.
    """
    held_rows = OutboxMessage.objects.filter(state=OutboxMessage.State.HELD)
    is_public = public_address().startswith("https://")
    if not is_public and not any(switch.is_configured() for switch in SWITCHES.values()):
        code_messages = IdentityCode.objects.exclude(source="").values("message")
        held_rows = held_rows.filter(key__in=code_messages)
    counts = held_rows.order_by().values_list("channel").annotate(count=Count("id"))
    return dict(counts)


def held_by_channel() -> dict[str, int]:
    """Channel → messages that wait until it is switched on."""
    rows = OutboxMessage.objects.filter(state=OutboxMessage.State.HELD)
    return dict(rows.order_by().values_list("channel").annotate(count=Count("id")))


def held_messages(*, limit: int) -> int:
    """How many messages wait for a channel to be switched on, counted no further than `most`."""
    return OutboxMessage.objects.filter(state=OutboxMessage.State.HELD)[:limit].count()
