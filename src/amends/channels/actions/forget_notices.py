"""Notices sent long ago whose words are still here, and how those are emptied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from amends.channels.models import OutboxMessage

_UNDER_WAY = ("held", "queued", "leased")


def notices_before(
    before: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
) -> list[tuple[str, str, datetime]]:
    """Notices posted at or before a moment that hold words, oldest first: (id, subscriber, posted).

    What is still to be sent is not among them, whatever its age.
    """
    rows = _with_words(before)
    if after is not None:
        posted, ref = after
        rows = rows.filter(Q(posted_at__gt=posted) | Q(posted_at=posted, id__gt=ref))
    columns = ("id", "subscriber", "posted_at")
    return list(rows.order_by("posted_at", "id").values_list(*columns)[:limit])


def take_notices(ids: Sequence[str], before: datetime) -> list[tuple[str, str, datetime]]:
    """Lock those of `ids` that still hold words, inside a transaction; others' are left to them."""
    rows = _with_words(before).filter(id__in=ids).order_by("id")
    rows = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return list(rows.values_list("id", "subscriber", "posted_at"))


def forget_notices(ids: Sequence[str]) -> int:
    """Empty words and recipient; that it was sent, when, and for which duty, stays."""
    rows = OutboxMessage.objects.filter(id__in=ids).exclude(state__in=_UNDER_WAY)
    return rows.update(
        recipient_sealed=b"", recipient_index="", subject_sealed=b"", body_sealed=b""
    )


def _with_words(before: datetime) -> QuerySet[OutboxMessage]:
    rows = OutboxMessage.objects.filter(posted_at__lte=before).exclude(duty="")
    return rows.exclude(body_sealed=b"").exclude(state__in=_UNDER_WAY)
