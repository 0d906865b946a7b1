"""Record the outcome of one try to send."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.channels.actions.claim import UNKNOWN_WAIT
from amends.channels.actions.note_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.rules.outcomes import Outcome, without_addresses
from amends.channels.rules.retries import wait_before_retry

State = OutboxMessage.State


def record(message_id: str, outcome: Outcome, *, holder: str, now: datetime) -> str:
    """Store what became of a try by `holder`; the state of the message afterwards.

    A result that comes after the lease was lost counts only if it says the message was sent:
    that is knowledge; anything else has been overtaken.
    """
    with transaction.atomic():
        in_commit_order()
        row = OutboxMessage.objects.select_for_update().get(pk=message_id)
        mine = row.state == State.LEASED and row.leased_by == holder
        late_proof = outcome.kind == "sent" and row.state in {State.UNKNOWN, State.QUEUED}
        if not mine and not late_proof:
            return row.state
        row.lease_until, row.leased_by = None, ""
        said = without_addresses(outcome.said)
        row.error = "" if outcome.kind == "sent" else said
        row.permanent = outcome.permanent
        if outcome.kind == "sent":
            row.state, row.sent_at = State.SENT, now
            row.provider_message_id = outcome.provider_message_id[:200]
        elif outcome.kind == "unknown":
            row.state, row.next_attempt_at = State.UNKNOWN, now + UNKNOWN_WAIT
        else:
            _plan_retry(row, now)
        row.save()
        if row.state != State.QUEUED:
            note_changes([row], row.state, detail=said, now=now)
        return row.state


def _plan_retry(row: OutboxMessage, now: datetime) -> None:
    wait = None if row.permanent else wait_before_retry(row.attempts, message=row.id)
    row.handing_over_at = None
    if wait is None:
        row.state = State.FAILED
    else:
        row.state, row.next_attempt_at = State.QUEUED, now + wait


def give_back(message_ids: list[str], *, holder: str, now: datetime) -> int:
    """Return leased messages untried, e.g. because the provider cannot be reached at all.

    The try is not counted: a day without a mail server fails no message.
    """
    returned = 0
    for row in OutboxMessage.objects.filter(
        pk__in=message_ids, state=State.LEASED, leased_by=holder, handing_over_at__isnull=True
    ):
        wait = wait_before_retry(1, message=row.id)
        returned += OutboxMessage.objects.filter(
            pk=row.pk, state=State.LEASED, leased_by=holder
        ).update(
            state=State.QUEUED,
            attempts=row.attempts - 1,
            next_attempt_at=now + wait if wait else now,
            lease_until=None,
            leased_by="",
        )
    return returned
