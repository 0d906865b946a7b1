"""Receive the complaints that were sent on the public site."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import OperationalError
from django.db.models import F, Q, QuerySet

from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.send import receive_draft

log = logging.getLogger("amends.entrances.portals")
AT_ONCE = 200
LONGEST_WAIT = timedelta(hours=1)


def receive_sent(*, now: datetime, limit: int = AT_ONCE) -> int:
    """How many were received, oldest first.

    One that fails stays stored, is tried again after a growing pause, and holds up no other.
    """
    count = 0
    for draft in waiting(now=now)[:limit]:
        try:
            receive_draft(draft, now=now)
        except OperationalError:
            raise
        except Exception:
            log.exception("A complaint of the public site could not be received.")
            pause = min(timedelta(seconds=2 ** min(draft.failures, 12)), LONGEST_WAIT)
            Draft.objects.filter(id=draft.id).update(
                failures=F("failures") + 1, retry_at=now + pause
            )
        else:
            count += 1
    return count


def waiting(*, now: datetime) -> QuerySet[Draft]:
    """What was sent and is to be received now."""
    rows = Draft.objects.filter(sent_at__isnull=False, complaint="")
    return rows.filter(Q(retry_at=None) | Q(retry_at__lte=now)).order_by("sent_at", "id")


def oldest_sent_at() -> datetime | None:
    """When the oldest complaint of the public site was sent that is not received yet."""
    rows = Draft.objects.filter(sent_at__isnull=False, complaint="")
    return rows.order_by("sent_at").values_list("sent_at", flat=True).first()
