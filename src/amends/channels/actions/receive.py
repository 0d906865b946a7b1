"""Receive a message: keep it, durably and once, before anything else happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction

from amends.channels.models import Attachment, InboundMessage, OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.platform.database.rows import create
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.languages import message_language
from amends.platform.kit.received_files import MAX_FILE_BYTES, MAX_FILES, FileVerdict, inspect_file
from amends.platform.vault import stored_files
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.redaction import opaque
from amends.platform.vault.sealing import seal

TABLE = "channels_inboundmessage"
MAX_TEXT = 200_000
_NOT_FOR_US = {"auto_reply", "bounce", "list"}


class UnableToReceiveMessage(BadInput):
    """The message lacks what every message has."""

    code = "message_malformed"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came with a message, as it was named and sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message that reached a channel.

    channel        `mail`, `web`, `phone`, `api`, `file`, …
    external_id    what names it at its origin; the same id again is the same message
    sender         mailbox or telephone number, "" if none was given
    sender_name    what the sender calls himself or herself
    text           the new words, without quoted history
    received_at    when it reached the channel
    original       the message as it came, kept sealed
    origin_id      the id an answer refers to, such as a Message-ID
    thread         what messages of one conversation share; set for a first message too
    tracking_code  the code of a complaint it names
    answers        id of the outbox message it replies to
    brand          the brand its source is confined to, "" where it is of all
    automatic      "", `auto_reply`, `bounce`, `list` (all three are kept and ignored), `generated`
    """

    channel: str
    external_id: str
    sender: str
    text: str
    received_at: datetime
    sender_name: str = ""
    subject: str = ""
    original: bytes = b""
    origin_id: str = ""
    thread: str = ""
    tracking_code: str = ""
    answers: str = ""
    language: str = ""
    brand: str = ""
    automatic: str = ""
    reason: str = ""
    files: Sequence[ReceivedFile] = ()


def receive(message: Incoming, *, now: datetime) -> InboundMessage:
    """Keep `message`; when this returns (and the caller's transaction commits) it is not lost.

    The same (channel, external_id) again returns the message that is there, unchanged. Files that
    may not be kept are listed with the reason; the message itself is never refused for them.
    """
    _check(message)
    # Some call systems name a call by the caller's number: the id then says who it was.
    message = replace(message, external_id=opaque("channels.external_id", message.external_id))
    existing = InboundMessage.objects.filter(
        channel=message.channel, external_id=message.external_id
    ).first()
    if existing is not None:
        return existing
    row = _row(message, now)
    # Files first: they may be slow, and the write transaction should be short.
    files = _files(row, message)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            Attachment.objects.bulk_create(files)
    except IntegrityError:
        # Another receiver stored it between the look and the insert; its files stand, ours go.
        for file in files:
            if file.path:
                stored_files.remove(file.path)
        stored = InboundMessage.objects.filter(
            channel=message.channel, external_id=message.external_id
        ).first()
        if stored is None:
            raise
        return stored
    return row


def unsaved_rows(messages: Sequence[Incoming], *, now: datetime) -> list[InboundMessage]:
    """Messages without files as rows: the slow part of receiving them, before a transaction."""
    rows = []
    for message in messages:
        _check(message)
        reference = opaque("channels.external_id", message.external_id)
        rows.append(_row(replace(message, external_id=reference), now))
    return rows


def receive_rows(rows: Sequence[InboundMessage]) -> list[InboundMessage]:
    """Store rows in one statement; a message that is there already gives its row, unchanged."""
    create(rows, or_leave=True)
    stored = InboundMessage.objects.filter(
        channel__in={row.channel for row in rows},
        external_id__in=[row.external_id for row in rows],
    )
    by_key = {(row.channel, row.external_id): row for row in stored}
    return [by_key[row.channel, row.external_id] for row in rows]


def _check(message: Incoming) -> None:
    if not message.channel or not message.external_id:
        raise UnableToReceiveMessage(_("A message names its channel and its id there."))
    if len(message.external_id) > 128:
        raise UnableToReceiveMessage(_("The id of a message has at most 128 characters."))
    if message.received_at.tzinfo is None:
        raise UnableToReceiveMessage(_("The time a message was received needs a time zone."))
    if message.automatic not in InboundMessage.Automatic.values:
        raise UnableToReceiveMessage(
            _("There is no kind of automatic message “%(kind)s”."),
            values={"kind": message.automatic},
        )


def _row(message: Incoming, now: datetime) -> InboundMessage:
    row_id = time_ordered_id()
    text = clean(message.text)[:MAX_TEXT]
    sender = clean(message.sender).strip()[:320]
    ignored = message.automatic in _NOT_FOR_US
    answers = OutboxMessage.objects.filter(pk=message.answers).first() if message.answers else None
    return InboundMessage(
        id=row_id,
        channel=message.channel,
        external_id=message.external_id,
        received_at=message.received_at,
        recorded_at=now,
        sender_sealed=seal(TABLE, "sender_sealed", row_id, sender),
        sender_index=contact_index(sender),
        name_sealed=seal(TABLE, "name_sealed", row_id, clean(message.sender_name)[:200]),
        text_sealed=seal(TABLE, "text_sealed", row_id, text),
        origin_sealed=seal(TABLE, "origin_sealed", row_id, clean(message.origin_id)[:998]),
        subject=mask_text(clean(message.subject)).text[:200],
        thread=message.thread[:64],
        tracking_code=message.tracking_code[:20],
        answers=answers,
        language=message.language
        or message_language(f"{message.subject} {text}", expected=settings.CUSTOMER_LANGUAGES),
        brand=message.brand,
        automatic=message.automatic,
        state=InboundMessage.State.IGNORED if ignored else InboundMessage.State.NEW,
        reason=message.reason[:200] or (message.automatic if ignored else ""),
        handled_at=now if ignored else None,
    )


def clean(text: str) -> str:
    """Text every database and every page can hold: no NUL, no half characters.

    >>> clean("a\\x00b\\ud800c")
    'abc'
    """
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _files(row: InboundMessage, message: Incoming) -> list[Attachment]:
    """The files to keep, written; the message as received is part 0."""
    files = []
    if message.original:
        verdict = FileVerdict("application/octet-stream", "original")
        files.append(_file(row, 0, verdict, message.original, is_original=True))
    room = MAX_FILES
    for part, file in enumerate(message.files, start=1):
        verdict = inspect_file(file.name, file.content, max_bytes=MAX_FILE_BYTES)
        if not verdict.refused and room <= 0:
            verdict = replace(verdict, refused="too_many")
        room -= not verdict.refused
        files.append(_file(row, part, verdict, file.content))
    return files


def _file(
    row: InboundMessage,
    part: int,
    verdict: FileVerdict,
    content: bytes,
    *,
    is_original: bool = False,
) -> Attachment:
    file_id = time_ordered_id()
    path, key = ("", b"") if verdict.refused else stored_files.write(file_id, content)
    return Attachment(
        id=file_id,
        message=row,
        part=part,
        is_original=is_original,
        name_sealed=seal(stored_files.TABLE, "name_sealed", file_id, verdict.name),
        key_sealed=key,
        media_type=verdict.media_type,
        size_bytes=len(content),
        sha256=sha256(content).hexdigest(),
        refused=verdict.refused,
        path=path,
    )
