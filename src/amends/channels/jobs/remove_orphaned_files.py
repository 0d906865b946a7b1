"""Remove files no message names, left behind by transactions that did not commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from amends.channels.actions.send_on_request import TRUSTED_FOR
from amends.channels.models import Attachment, IdentityCode, SmsReceipt, SmsSegment
from amends.channels.sms.worker import join_overdue
from amends.platform.vault import stored_files

OLDER_THAN = timedelta(days=1)
_SEGMENTS_FOR = timedelta(days=2)
_RECEIPTS_FOR = timedelta(days=60)


def tidy(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """How many stray files were removed. A file younger than a day may belong to work in hand.

    Also puts together text messages whose parts have not all come within a day, and forgets parts
    receipts and counts of codes that have had their effect.
    """
    join_overdue(now=clock())
    SmsSegment.objects.filter(
        became__isnull=False, received_at__lt=clock() - _SEGMENTS_FOR
    ).delete()
    IdentityCode.objects.filter(sent_at__lt=clock() - timedelta(days=1), answered=False).delete()
    IdentityCode.objects.filter(sent_at__lt=clock() - TRUSTED_FOR).delete()
    SmsReceipt.objects.filter(received_at__lt=clock() - _RECEIPTS_FOR).delete()
    candidates = stored_files.older_than(OLDER_THAN, now=clock())
    stored_paths = set(
        Attachment.objects.filter(path__in=candidates).values_list("path", flat=True)
    )
    stray = [path for path in candidates if path not in stored_paths]
    for path in stray:
        stored_files.remove(path)
    return len(stray)
