"""Take in what a sending platform of the operator's own reports: which notices it sent, and when.

Where texts, letters or calls leave by another system than the outbox, that system says what became
of each notice, under the notice's key, and the report becomes facts like a receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.causes.notices.actions.write_notices import expand_blocks
from amends.causes.notices.models import Notice
from amends.platform.database.rows import update
from amends.platform.kit.batches import slices
from amends.record.ledger.actions.append_segment import append_rows

SOURCE = "notices"
State = Notice.State
_OPEN = (State.DUE, State.POSTED, State.SENT, State.UNKNOWN, State.FAILED)
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one notice, in milliseconds since 1970.

    delivered_ms  when it arrived, None while nothing is known of it
    failed_ms     when it was given up, with `cause`
    """

    key: str
    channel: str
    sent_ms: int
    delivered_ms: int | None = None
    failed_ms: int | None = None
    cause: str = ""


def import_sending_reports(sendings: Iterable[Sending], *, now: datetime) -> int:
    """Write reports to their notices and into the ledger, once each; how many notices they moved.

    A report of an unknown notice, or one that has arrived already, changes nothing.
    """
    by_key = {sending.key: sending for sending in sendings}
    # What was found in bulk may still rest as blocks of columns; a report finds rows.
    while by_key and expand_blocks():
        pass
    with transaction.atomic():
        moved = [row for row in _rows(list(by_key)) if _moves(row, by_key[row.key])]
        stated = [_apply(row, by_key[row.key]) for row in moved]
        update(moved, ["state", "reason", "next_at_ms", "tried", "sent_at_ms", "delivered_at_ms"])
        for kind in ("NoticeSent", "NoticeDelivered", "NoticeFailed"):
            _state(kind, [report[kind] for report in stated if kind in report], now)
    return len(moved)


def _rows(keys: Sequence[str]) -> list[Notice]:
    notices: list[Notice] = []
    for part in slices(keys):
        open_notices = Notice.objects.select_for_update().filter(key__in=part, state__in=_OPEN)
        notices += open_notices.order_by("id")
    return notices


def _moves(row: Notice, sending: Sending) -> bool:
    """Whether the report says more than what is known."""
    return (
        row.sent_at_ms is None
        or sending.delivered_ms is not None
        or (sending.failed_ms is not None and row.state != State.FAILED)
    )


def _apply(row: Notice, sending: Sending) -> dict[str, dict[str, Any]]:
    """Move the notice; the facts that are new, by kind."""
    common = {
        "subscriber": row.subscriber,
        "subject": row.service,
        "duty": row.duty,
        "key": row.key,
        "channel": sending.channel,
    }
    facts: dict[str, dict[str, Any]] = {}
    if row.sent_at_ms is None:
        row.sent_at_ms, row.state = sending.sent_ms, State.SENT
        facts["NoticeSent"] = common | {"happened_at_ms": sending.sent_ms, "step": row.step}
    if sending.delivered_ms is not None:
        row.state, row.reason, row.delivered_at_ms = State.DELIVERED, "", sending.delivered_ms
        facts["NoticeDelivered"] = common | {"happened_at_ms": sending.delivered_ms}
    elif sending.failed_ms is not None:
        row.state, row.reason = State.FAILED, sending.cause[:200]
        facts["NoticeFailed"] = common | {
            "happened_at_ms": sending.failed_ms,
            "cause": sending.cause or "not stated",
        }
    row.next_at_ms = _NEVER
    return facts


def _state(kind: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    if rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        append_rows(kind, columns, source=SOURCE, now=now)
