"""Fetch the mail that waits in the mailbox."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from amends.channels.mail.fetch import Fetched, UnableToReachMailbox, fetch, mailbox_of
from amends.channels.mail.settings import mail_settings
from amends.channels.models import Mailbox
from amends.platform.kit.outage_log import OutageLog

log = logging.getLogger(__name__)
_outages = OutageLog(log)


def fetch_mail(*, limit: int = 500, clock: Callable[[], datetime] = timezone.now) -> Fetched:
    """Store at most `limit` new mails; nothing if no mailbox is set. Runs side by side safely.

    A server that cannot be reached is noted at the mailbox and tried again next time.
    """
    settings = mail_settings()
    if settings.imap is None:
        return Fetched()
    try:
        fetched = fetch(settings, clock=clock, limit=limit)
    except UnableToReachMailbox as error:
        _outages.failed("mailbox", error.what)
        Mailbox.objects.filter(pk=mailbox_of(settings.imap).pk).update(error=error.what[:200])
        return Fetched()
    _outages.works("mailbox")
    return fetched
