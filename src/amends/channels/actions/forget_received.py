"""Messages received long ago that became no complaint, and how their words are emptied.

What became part of a complaint stays and goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from amends.channels.actions.forget import forget
from amends.channels.models import InboundMessage
from amends.channels.queries.contacts import opened_columns


def received_before(
    before: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
) -> list[tuple[str, str, datetime]]:
    """Messages that became nothing and came by a moment, oldest first: (id, who wrote it, when).

    What still waits for its app is not among them, whatever its age.
    """
    rows = _with_words(before)
    if after is not None:
        came, ref = after
        rows = rows.filter(Q(received_at__gt=came) | Q(received_at=came, id__gt=ref))
    return _with_senders(rows.order_by("received_at", "id")[:limit])


def take_received(ids: Sequence[str], before: datetime) -> list[tuple[str, str, datetime]]:
    """Lock those of `ids` that still hold words, inside a transaction; others' are left to them."""
    rows = _with_words(before).filter(id__in=ids).order_by("id")
    rows = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return _with_senders(rows)


def forget_received(ids: Sequence[str], *, now: datetime) -> int:
    """Empty sender, words and files; that a message came, when, and what it was, stays."""
    return forget(message_ids=ids, now=now)


def _with_words(before: datetime) -> QuerySet[InboundMessage]:
    rows = InboundMessage.objects.filter(received_at__lte=before)
    rows = rows.exclude(state=InboundMessage.State.NEW).exclude(became__startswith="complaint:")
    return rows.exclude(text_sealed=b"", sender_sealed=b"")


def _with_senders(rows: QuerySet[InboundMessage]) -> list[tuple[str, str, datetime]]:
    row_list = list(rows)
    senders = opened_columns(row_list, "sender_sealed")
    return [(row.id, who, row.received_at) for row, who in zip(row_list, senders, strict=True)]
