"""Settle messages of unknown fate by looking into the folder of sent mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from amends.channels.actions.resolve import resolve
from amends.channels.mail.fetch import open_mailbox
from amends.channels.mail.settings import mail_settings
from amends.channels.mail.writing import message_id
from amends.channels.models import OutboxMessage


def look_up_unknown(*, clock: Callable[[], datetime] = timezone.now, limit: int = 200) -> int:
    """How many unknown mails were found among the sent ones, and now count as sent.

    Works where the provider keeps a copy of what it sends (AMENDS_IMAP_SENT_FOLDER). A mail that is
    not found stays unknown: the copy may be late, so its absence proves nothing.
    """
    settings = mail_settings()
    unknown = list(
        OutboxMessage.objects.filter(channel="mail", state=OutboxMessage.State.UNKNOWN)
        .order_by("posted_at")
        .values_list("pk", flat=True)[:limit]
    )
    if settings.imap is None or not settings.sent_folder or not unknown:
        return 0
    resolved_count = 0
    with open_mailbox(settings, settings.sent_folder) as (client, _):
        for outbox_id in unknown:
            name = message_id(outbox_id, settings.domain)
            if client.search(["HEADER", "Message-ID", f"<{name}>"]):
                resolve(outbox_id, was_sent=True, because="found in the sent folder", now=clock())
                resolved_count += 1
    return resolved_count
