"""Delivery receipts: messages arrived, or came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.rules.outcomes import without_addresses
from amends.platform.database.rows import update

State = OutboxMessage.State
_BEFORE_RECEIPT = {State.LEASED, State.SENT, State.UNKNOWN, State.QUEUED}
_CHANGED = (
    "state",
    "lease_until",
    "leased_by",
    "error",
    "sent_at",
    "delivered_at",
    "permanent",
)


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What a provider says became of one message of ours; `detail` in its own words."""

    message_id: str
    delivered: bool
    detail: str = ""


def receipt(
    message_id: str, *, delivered: bool, detail: str = "", now: datetime, permanent: bool = True
) -> bool:
    """Record that a message arrived or came back; whether that was news.

    A receipt proves the message was sent, so it also settles one that was `unknown`. A report of
    mere delay (`delivered` false, `permanent` false) changes nothing.
    """
    if not delivered and not permanent:
        return False
    return bool(receipts([ReceiptReport(message_id, delivered, detail)], now=now))


def receipts(reports: Sequence[ReceiptReport], *, now: datetime) -> int:
    """Record many final reports in one transaction; how many were news.

    Of two reports on one message the first counts.
    """
    first = {report.message_id: report for report in reversed(reports)}
    with transaction.atomic():
        in_commit_order()
        rows = OutboxMessage.objects.select_for_update().in_bulk(list(first))
        newly_read = [row for row in rows.values() if _is_news(row, first[row.id])]
        read_rows = [row for row in newly_read if row.state != State.SENT]
        for row in newly_read:
            _settle(row, first[row.id], now)
        update(newly_read, _CHANGED)
        note_changes(read_rows, State.SENT, detail="shown by a receipt", now=now)
        by_change: dict[tuple[str, str], list[OutboxMessage]] = {}
        for row in newly_read:
            change = "delivered" if first[row.id].delivered else State.FAILED
            detail = without_addresses(first[row.id].detail)
            by_change.setdefault((change, detail), []).append(row)
        for (change, detail), changed_rows in by_change.items():
            note_changes(changed_rows, change, detail=detail, now=now)
    return len(newly_read)


def _is_news(row: OutboxMessage, report: ReceiptReport) -> bool:
    if row.state not in _BEFORE_RECEIPT or not row.attempts:
        return False
    return not (report.delivered and row.delivered_at is not None)


def _settle(row: OutboxMessage, report: ReceiptReport, now: datetime) -> None:
    row.state, row.sent_at = State.SENT, row.sent_at or now
    row.lease_until, row.leased_by, row.error = None, "", ""
    if report.delivered:
        row.delivered_at = now
    else:
        row.state, row.permanent = State.FAILED, True
        row.error = without_addresses(report.detail)
