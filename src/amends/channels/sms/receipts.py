"""Receipts meet the parts they are about, whichever came first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from amends.channels.actions.record_receipts import ReceiptReport, receipts
from amends.channels.models import SmsPart, SmsReceipt
from amends.channels.sms.reading.receipts import MEANINGS
from amends.platform.database.rows import update


def settle(provider_ids: Iterable[str], *, now: datetime) -> int:
    """Settle messages by the receipts that wait under `provider_ids`; how many were news.

    A message is delivered when all its parts are, and has failed when one has. Call it in the
    transaction that stores the receipts or the parts: then none can miss the other.
    """
    ids = list(provider_ids)
    waiting: dict[str, list[SmsReceipt]] = {}
    for row in SmsReceipt.objects.filter(provider_id__in=ids, is_settled=False).order_by("id"):
        waiting.setdefault(row.provider_id, []).append(row)
    if not waiting:
        return 0
    # A centre may give a name again after long; the youngest part has it.
    parts = {
        part.provider_id: part
        for part in SmsPart.objects.filter(provider_id__in=list(waiting)).order_by("id")
    }
    texts_by_message: dict[str, str] = {}
    for name, part in parts.items():
        first = waiting[name][0]
        if not part.meaning:
            part.meaning = MEANINGS[first.state]
            texts_by_message[part.message_id] = f"{first.state} {first.error}".strip()
    update(parts.values(), ("meaning",))
    met = [row for name in parts for row in waiting[name]]
    for row in met:
        row.is_settled = True
    update(met, ("is_settled",))
    return receipts(
        _reports({part.message_id for part in parts.values()}, texts_by_message), now=now
    )


def _reports(message_ids: set[str], texts_by_message: dict[str, str]) -> list[ReceiptReport]:
    meanings: dict[str, list[str]] = {}
    youngest: dict[str, dict[int, str]] = {}
    for part in SmsPart.objects.filter(message__in=message_ids).order_by("id"):
        youngest.setdefault(part.message_id, {})[part.number] = part.meaning
    meanings = {message: list(parts.values()) for message, parts in youngest.items()}
    return [
        ReceiptReport(
            message, delivered="failed" not in meaning_set, detail=texts_by_message.get(message, "")
        )
        for message, meaning_set in meanings.items()
        if "failed" in meaning_set or all(meaning_set)
    ]
