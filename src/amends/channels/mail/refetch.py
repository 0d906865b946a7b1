"""Fetching mails that were passed over: all since a day are held against what is on record.

A mail is known by its identity, whatever flags or numbers the server has, so none is stored twice;
what was forgotten since stays known, too. After a restore of a moment it
finds those that were put away since.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from imapclient import IMAPClient

from amends.channels.mail.fetch import download, open_mailbox, put_away, take_in
from amends.channels.mail.reading.parse import parse_mail
from amends.channels.mail.settings import MailSettings
from amends.channels.models import InboundMessage

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class FoundAgain:
    """What a look came to: mails seen, those not on record, and what became of these.

    missing  when each that is not on record came to the server, oldest first
    """

    seen: int = 0
    missing: list[datetime | None] = field(default_factory=list)
    stored: int = 0
    failed: int = 0


def fetch_again(
    settings: MailSettings,
    *,
    since: date,
    do: bool,
    clock: Callable[[], datetime],
    progress: Progress = lambda done_count, total: None,
) -> FoundAgain:
    """Look through all mails that came since a day; with `do` store those that are not on record.

    The folder for mails that are done is looked through, too; there nothing is moved.
    """
    found_again = FoundAgain()
    waiting = settings.imap.folder if settings.imap else ""
    for folder in dict.fromkeys((waiting, settings.done_folder or waiting)):
        with open_mailbox(settings, folder) as (client, selected):
            # `SINCE` asks by the server's own day, which may be the one before ours.
            uids = client.search(["NOT", "DELETED", "SINCE", since])
            can_flag = b"\\*" in selected.get(b"PERMANENTFLAGS", ())
            for done_count, uid in enumerate(sorted(uids), start=1):
                came = _missing(client, uid, settings, found_again)
                if (
                    came
                    and do
                    and _stored(came, settings, clock, found_again)
                    and folder == waiting
                ):
                    put_away(client, uid, settings, can_flag)
                progress(done_count, len(uids))
    return found_again


@dataclass(frozen=True, slots=True)
class _Came:
    """A mail as the server gave it."""

    raw: bytes
    at: datetime | None
    is_cut: bool


def _missing(
    client: IMAPClient, uid: int, settings: MailSettings, found_again: FoundAgain
) -> _Came | None:
    """The mail, where it is not on record."""
    about = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    if not about:
        return None  # it went meanwhile
    found_again.seen += 1
    came = _Came(*download(client, uid, about, settings.max_bytes))
    try:
        external_id = f"mail:{parse_mail(came.raw).identity}"
    except Exception:
        # One that cannot be read keeps nobody behind it from being found.
        log.exception("a mail could not be read")
        found_again.failed += 1
        return None
    if InboundMessage.objects.filter(channel="mail", external_id=external_id).exists():
        return None
    found_again.missing.append(came.at)
    return came


def _stored(
    came: _Came, settings: MailSettings, clock: Callable[[], datetime], found_again: FoundAgain
) -> bool:
    try:
        is_new = take_in(came.raw, came.at, is_cut=came.is_cut, settings=settings, now=clock())
    except Exception:
        log.exception("a mail could not be stored")
        found_again.failed += 1
        return False
    found_again.stored += is_new
    return True
