"""Forget drafts that were begun more than a day ago, and prints of requests nobody repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.entrances.portals.actions import drafts
from amends.entrances.portals.models import Draft, IdempotencyKey
from amends.platform.vault import stored_files

AT_ONCE = 500
REPEATED_WITHIN = timedelta(days=30)


def forget_drafts(*, now: datetime) -> int:
    """How many drafts were forgotten; one that was sent is kept until it is received."""
    old = list(
        Draft.objects.filter(made_at__lte=now - drafts.LIFETIME)
        .exclude(sent_at__isnull=False, complaint="")
        .order_by("made_at")[:AT_ONCE]
    )
    drafts.forget(old)
    for path in drafts.stray_files(now=now):
        stored_files.remove(path)
    return len(old)


def forget_handovers(*, now: datetime) -> int:
    """How many prints were forgotten; the contacts keep their keys, so nothing is doubled."""
    removed, _ = IdempotencyKey.objects.filter(at__lt=now - REPEATED_WITHIN).delete()
    return removed
