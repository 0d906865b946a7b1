"""Record the outcome of tries to send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from amends.channels.actions.claim import UNKNOWN_WAIT
from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.rules.outcomes import DeliveryOutcome, without_addresses
from amends.channels.rules.retries import wait_before_retry
from amends.platform.database.rows import update

State = OutboxMessage.State
_CHANGED = (
    "state",
    "lease_until",
    "leased_by",
    "handing_over_at",
    "error",
    "permanent",
    "sent_at",
    "provider_message_id",
    "next_attempt_at",
)


def record(message_id: str, outcome: DeliveryOutcome, *, holder: str, now: datetime) -> str:
    """Store what became of a try by `holder`; the state of the message afterwards.

    A result that comes after the lease was lost counts only if it says the message was sent:
    that is knowledge; anything else has been overtaken.
    """
    return record_many({message_id: outcome}, holder=holder, now=now)[message_id]


def record_many(
    outcomes: Mapping[str, DeliveryOutcome], *, holder: str, now: datetime
) -> dict[str, str]:
    """`record` for many messages, by id, in one transaction; their states afterwards."""
    with transaction.atomic():
        in_commit_order()
        rows = OutboxMessage.objects.select_for_update().in_bulk(list(outcomes))
        changed = [row for row in rows.values() if _take_over(row, outcomes[row.id], holder, now)]
        update(changed, _CHANGED)
        by_change: dict[tuple[str, str], list[OutboxMessage]] = {}
        for row in changed:
            if row.state != State.QUEUED:
                detail_text = without_addresses(outcomes[row.id].said)
                by_change.setdefault((row.state, detail_text), []).append(row)
        for (state, detail_text), changed_rows in by_change.items():
            note_changes(changed_rows, state, detail=detail_text, now=now)
        return {key: row.state for key, row in rows.items()}


def _take_over(row: OutboxMessage, outcome: DeliveryOutcome, holder: str, now: datetime) -> bool:
    """Put the outcome into the row; whether it counts."""
    mine = row.state == State.LEASED and row.leased_by == holder
    late_proof = outcome.kind == "sent" and row.state in {State.UNKNOWN, State.QUEUED}
    if not mine and not late_proof:
        return False
    row.lease_until, row.leased_by = None, ""
    row.error = "" if outcome.kind == "sent" else without_addresses(outcome.said)
    row.permanent = outcome.permanent
    if outcome.kind == "sent":
        row.state, row.sent_at = State.SENT, now
        row.provider_message_id = outcome.provider_message_id[:200]
    elif outcome.kind == "unknown":
        row.state, row.next_attempt_at = State.UNKNOWN, now + UNKNOWN_WAIT
    else:
        _plan_retry(row, now)
    return True


def _plan_retry(row: OutboxMessage, now: datetime) -> None:
    wait = None if row.permanent else wait_before_retry(row.attempts, message=row.id)
    row.handing_over_at = None
    if wait is None:
        row.state = State.FAILED
    else:
        row.state, row.next_attempt_at = State.QUEUED, now + wait


def give_back(message_ids: Iterable[str], *, holder: str, now: datetime) -> int:
    """Return leased messages untried, e.g. because the provider cannot be reached at all.

    The try is not counted: a day without a mail server fails no message. What may have been handed
    over already is not given back.
    """
    return _give_back(message_ids, holder, now, handing_over_at__isnull=True)


def give_back_unsent(message_ids: Iterable[str], *, holder: str, now: datetime) -> int:
    """Return messages that were about to be handed over and surely were not, also untried."""
    return _give_back(message_ids, holder, now)


def _give_back(message_ids: Iterable[str], holder: str, now: datetime, **conditions: object) -> int:
    with transaction.atomic():
        rows = list(
            OutboxMessage.objects.select_for_update().filter(
                pk__in=list(message_ids), state=State.LEASED, leased_by=holder, **conditions
            )
        )
        for row in rows:
            wait = wait_before_retry(1, message=row.id)
            row.state, row.attempts = State.QUEUED, row.attempts - 1
            row.next_attempt_at = now + wait if wait else now
            row.lease_until, row.leased_by, row.handing_over_at = None, "", None
        update(rows, (*_CHANGED, "attempts"))
    return len(rows)
