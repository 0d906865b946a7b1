"""Fetching by IMAP: a mail is stored durably before it is flagged, so none is lost or doubled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.channels.actions.record_receipts import receipt
from amends.channels.mail.reading.parse import ParsedMail, parse_mail
from amends.channels.mail.settings import MailServer, MailSettings, mailbox_name
from amends.channels.models import InboundMessage, Mailbox, OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.platform.kit.errors import Unavailable, gettext_noop

log = logging.getLogger(__name__)
STORED = b"AmendsStored"
BATCH = 50


class UnableToReachMailbox(Unavailable):
    """The IMAP server does not answer, or does not let us in."""

    code = "mailbox_unreachable"


@dataclass(slots=True)
class Fetched:
    """What one round did: mails newly stored, known already, and those that could not be stored."""

    stored: int = 0
    known: int = 0
    failed: int = 0


@contextmanager
def open_mailbox(
    settings: MailSettings, folder: str
) -> Iterator[tuple[IMAPClient, dict[Any, Any]]]:
    """An IMAP connection with `folder` selected, and what the server says about it."""
    server = settings.imap
    if server is None:
        raise UnableToReachMailbox(
            gettext_noop("No mailbox is set."), next_step=gettext_noop("Set AMENDS_IMAP_URL.")
        )
    try:
        client = _connect(server, settings)
        selected = client.select_folder(folder)
    except (IMAPClientError, OSError) as error:
        raise _unreachable(error) from error
    try:
        yield client, selected
    except (IMAPClientError, OSError) as error:
        raise _unreachable(error) from error
    finally:
        _leave(client)


def _connect(server: MailServer, settings: MailSettings) -> IMAPClient:
    client = IMAPClient(
        server.host,
        server.port,
        ssl=server.is_tls_from_start,
        ssl_context=None if server.is_plain else settings.tls(),
        timeout=settings.timeout_s,
    )
    try:
        if not server.is_tls_from_start and not server.is_plain:
            client.starttls(settings.tls())
        client.login(server.user, server.password)
    except BaseException:
        client.shutdown()
        raise
    return client


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()


def _unreachable(error: BaseException) -> UnableToReachMailbox:
    # The server's own words may repeat the user's name or a password.
    return UnableToReachMailbox(
        gettext_noop("The mail server does not let us in (%(why)s)."),
        meaning=gettext_noop("Mail stays in the mailbox and is fetched later."),
        next_step=gettext_noop("Check AMENDS_IMAP_URL, the password and the certificate."),
        values={"why": type(error).__name__},
    )


def fetch(settings: MailSettings, *, clock: Callable[[], datetime], limit: int = 500) -> Fetched:
    """Store at most `limit` new mails of the mailbox, then flag or move each.

    Killed between the two, the next round finds the mail unflagged, knows it by its identity, and
    only flags it.
    """
    server = settings.imap
    if server is None:
        return Fetched()
    box = mailbox_of(server)
    fetched = Fetched()
    with open_mailbox(settings, server.folder) as (client, selected):
        _check_validity(box, int(selected.get(b"UIDVALIDITY", 0)))
        can_flag = b"\\*" in selected.get(b"PERMANENTFLAGS", ())
        for uid in _waiting(client, box, settings, can_flag)[:limit]:
            if _store(client, uid, box, settings, clock, fetched):
                put_away(client, uid, settings, can_flag)
    box.refresh_from_db()
    # A mail that could not be stored stays said, until a round stores it.
    error = f"mail {box.failed_uids[0]} could not be stored" if box.failed_uids else ""
    Mailbox.objects.filter(pk=box.pk).update(read_at=clock(), error=error)
    return fetched


def mailbox_of(server: MailServer) -> Mailbox:
    """How far this mailbox was read."""
    return Mailbox.objects.get_or_create(pk=mailbox_name(server))[0]


def _check_validity(box: Mailbox, uid_validity: int) -> None:
    """Another UIDVALIDITY means the numbers start anew; what we know we know by identity."""
    if box.uid_validity != uid_validity:
        box.uid_validity, box.last_uid, box.failed_uids = uid_validity, 0, []
        box.save(update_fields=["uid_validity", "last_uid", "failed_uids"])


def _waiting(
    client: IMAPClient, box: Mailbox, settings: MailSettings, can_flag: bool
) -> Sequence[int]:
    """Numbers of the mails to store: new ones, oldest first, then those that failed before.

    However many failed, they keep nobody behind them waiting.
    """
    if settings.done_folder:
        uids = set(client.search(["NOT", "DELETED"]))
    elif can_flag:
        uids = set(client.search(["UNKEYWORD", STORED.decode()]))
    else:
        # A server that keeps no flags of ours leaves only the numbers; `n:*` always names the last.
        uids = set(client.search(["UID", f"{box.last_uid + 1}:*"]))
        uids = {uid for uid in uids if uid > box.last_uid}
    return [*sorted(uids - set(box.failed_uids)), *box.failed_uids]


def _store(
    client: IMAPClient,
    uid: int,
    box: Mailbox,
    settings: MailSettings,
    clock: Callable[[], datetime],
    fetched: Fetched,
) -> bool:
    """Store one mail; False if it is gone or could not be stored (it is then tried again)."""
    about = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    if not about:
        _passed(box, uid)
        return False
    try:
        raw, received_at, is_cut = download(client, uid, about, settings.max_bytes)
        is_new = take_in(raw, received_at, is_cut=is_cut, settings=settings, now=clock())
    except IMAPClientAbortError:
        raise  # the line is gone, not this mail
    except Exception:
        # One mail must not keep the others from being stored. It stays unflagged, and is seen.
        log.exception("a mail could not be stored")
        _passed(box, uid, failed=True)
        fetched.failed += 1
        return False
    _passed(box, uid)
    fetched.stored += is_new
    fetched.known += not is_new
    return True


def _passed(box: Mailbox, uid: int, *, failed: bool = False) -> None:
    """Note, as one, how far the mailbox is read and whether this mail is to be fetched again."""
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=box.pk)
        # The latest to fail is the last to be tried again: each has its turn.
        left = [failed_uid for failed_uid in row.failed_uids if failed_uid != uid]
        row.failed_uids = [*left, uid] if failed else left
        row.last_uid = max(row.last_uid, uid)
        if failed:
            row.error = f"mail {uid} could not be stored"
        row.save(update_fields=["failed_uids", "last_uid", "error"])


def download(
    client: IMAPClient, uid: int, about: dict[Any, Any], max_bytes: int
) -> tuple[bytes, datetime | None, bool]:
    """The mail's bytes, when it came to the server, and whether it was cut."""
    is_cut = int(about[b"RFC822.SIZE"]) > max_bytes
    wanted = f"BODY.PEEK[]<0.{max_bytes}>" if is_cut else "BODY.PEEK[]"
    parts = client.fetch([uid], [wanted]).get(uid, {})
    raw = next(value for key, value in parts.items() if key.startswith(b"BODY[]"))
    moment = about.get(b"INTERNALDATE")
    # imapclient gives the server's date as local time without a zone.
    return raw, moment.astimezone(UTC) if moment else None, is_cut


def put_away(client: IMAPClient, uid: int, settings: MailSettings, can_flag: bool) -> None:
    """Move or flag a mail that is stored."""
    if settings.done_folder:
        if client.has_capability("MOVE"):
            client.move([uid], settings.done_folder)
        else:
            client.copy([uid], settings.done_folder)
            client.delete_messages([uid])
            client.uid_expunge([uid]) if client.has_capability("UIDPLUS") else client.expunge()
    elif can_flag:
        client.add_flags([uid], [STORED])


def take_in(
    raw: bytes,
    received_at: datetime | None,
    *,
    is_cut: bool = False,
    settings: MailSettings,
    now: datetime,
) -> bool:
    """Store a mail with what it says about our own mails, in one transaction; False if known."""
    mail = parse_mail(raw)
    external_id = f"mail:{mail.identity}"
    if InboundMessage.objects.filter(channel="mail", external_id=external_id).exists():
        return False
    answered = _answered(mail)
    with transaction.atomic():
        _settle(mail, answered, settings, now)
        row = receive(
            _incoming(mail, raw, external_id, received_at or now, is_cut, answered, settings),
            now=now,
        )
    return row.recorded_at == now


def _answered(mail: ParsedMail) -> OutboxMessage | None:
    """The message of ours it answers: the latest it names that we did post."""
    rows = OutboxMessage.objects.filter(channel="mail").in_bulk(list(mail.answers))
    return next((rows[answer] for answer in mail.answers if answer in rows), None)


def _settle(
    mail: ParsedMail, answered: OutboxMessage | None, settings: MailSettings, now: datetime
) -> None:
    """Record what the mail proves: a report its delivery, an answer that its mail arrived."""
    for report in mail.reports:
        outbox_id, _, domain = report.message_id.partition("@")
        if domain.lower() == settings.domain and report.action != "delayed":
            receipt(
                outbox_id,
                delivered=report.action == "delivered",
                permanent=report.permanent,
                detail=report.detail,
                now=now,
            )
    is_recipient = answered and answered.recipient_index == contact_index(mail.sender)
    if answered and is_recipient and mail.automatic != "bounce":
        receipt(answered.id, delivered=True, detail="answered", now=now)


def _incoming(
    mail: ParsedMail,
    raw: bytes,
    external_id: str,
    received_at: datetime,
    is_cut: bool,
    answered: OutboxMessage | None,
    settings: MailSettings,
) -> Incoming:
    is_own = bool(mail.sender) and mail.sender.lower() == settings.from_address.lower()
    problems = (*mail.problems, *(["too_large_and_cut"] if is_cut else []))
    return Incoming(
        channel="mail",
        external_id=external_id,
        sender=mail.sender,
        sender_name=mail.sender_name,
        subject=mail.subject,
        text=mail.text,
        received_at=received_at,
        original=raw,
        origin_id=" ".join((*mail.references[-8:], mail.message_id)).strip(),
        thread=mail.thread,
        tracking_code=mail.tracking_code,
        answers=answered.id if answered else "",
        automatic=mail.automatic or ("generated" if is_own else ""),
        reason=", ".join(problems),
        files=[ReceivedFile(file.name, file.content) for file in mail.files],
    )
