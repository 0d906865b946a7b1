"""Note what became of messages: for apps that read on, and as facts where a duty was at stake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from amends.channels.models import DeliveryChange, OutboxMessage
from amends.platform.database.rows import create
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_ORDER_LOCK = 0x616D656E6473  # "amends"
_KINDS = {"sent": "NoticeSent", "delivered": "NoticeDelivered", "failed": "NoticeFailed"}


def in_commit_order() -> None:
    """Let changes be numbered in the order they commit; call before the rows are locked.

    Without it a reader that has seen number 8 could miss number 7, committed later. SQLite has one
    writer at a time; on PostgreSQL a lock held to the end of the transaction does the same.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ORDER_LOCK])


def note_changes(
    rows: Sequence[OutboxMessage], state: str, *, detail: str = "", now: datetime
) -> None:
    """Number the change of `rows` to `state`; notices also become facts in the same transaction."""
    create(DeliveryChange(message=row, state=state, at=now, detail=detail[:200]) for row in rows)
    kind = _KINDS.get(state)
    if kind is None:
        return
    facts = [_fact(kind, row, detail, now) for row in rows if row.duty]
    if facts:
        append(facts, now=now)


def _fact(kind: str, row: OutboxMessage, detail: str, now: datetime) -> Fact:
    payload: dict[str, str | int] = {
        "duty": row.duty,
        "key": row.duty_key,
        "channel": row.channel,
    }
    if kind == "NoticeSent":
        payload["language"] = row.language
        if row.duty_step:
            payload["step"] = row.duty_step
    if kind == "NoticeFailed":
        payload["cause"] = detail or "not stated"
    return Fact(
        kind=kind,
        subscriber=row.subscriber,
        subject=row.service,
        happened_at=now,
        source="notices",
        payload=payload,
    )
