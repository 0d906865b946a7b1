"""Claim messages that are due, for one sender and for a limited time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_columns
from amends.channels.rules.retries import MAX_ATTEMPTS
from amends.platform.registry import may_send, send_after

LEASE = timedelta(minutes=5)
UNKNOWN_WAIT = timedelta(minutes=30)
NO_CONSENT = "the person has not agreed, or not any more"

_DUE = """
    SELECT id FROM channels_outboxmessage
    WHERE state = 'queued' AND channel = %s AND next_attempt_at <= %s
    ORDER BY next_attempt_at LIMIT %s
"""
_TAKE = """
    UPDATE channels_outboxmessage
    SET state = 'leased', lease_until = %s, leased_by = %s, attempts = attempts + 1,
        handing_over_at = NULL
    WHERE id {chosen} RETURNING id
"""
# ANY(ARRAY(…)) makes PostgreSQL run the locked selection once; IN may run it once per row.
_TAKE_POSTGRES = _TAKE.format(chosen=f"= ANY(ARRAY({_DUE} FOR UPDATE SKIP LOCKED))")
_TAKE_SQLITE = _TAKE.format(chosen=f"IN ({_DUE})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message in the hands of one sender, opened."""

    id: str
    recipient: str
    subject: str
    body: str
    language: str
    attempt: int
    in_reply_to: str


def claim(
    channel: str, *, holder: str, now: datetime, limit: int = 50, lease: timedelta = LEASE
) -> list[Claimed]:
    """At most `limit` due messages, leased to `holder` until `now + lease`.

    Two senders never get the same message. What a sender that died had not begun to hand over
    returns to the queue when its lease ends; what it had begun becomes `unknown`.
    """
    return_expired(now=now)
    if not OutboxMessage.objects.filter(
        state=OutboxMessage.State.QUEUED, channel=channel, next_attempt_at__lte=now
    ).exists():
        return []
    moment = connection.ops.adapt_datetimefield_value
    take = _TAKE_POSTGRES if connection.vendor == "postgresql" else _TAKE_SQLITE
    with connection.cursor() as cursor:
        cursor.execute(take, [moment(now + lease), holder, channel, moment(now), limit])
        ids = [row[0] for row in cursor.fetchall()]
    rows = OutboxMessage.objects.filter(pk__in=ids).order_by("next_attempt_at", "id")
    return _opened(list(rows))


def _opened(rows: list[OutboxMessage]) -> list[Claimed]:
    recipients, subjects, bodies = (
        opened_columns(rows, column)
        for column in ("recipient_sealed", "subject_sealed", "body_sealed")
    )
    return [
        Claimed(
            id=row.id,
            recipient=recipient,
            subject=subject,
            body=body,
            language=row.language,
            attempt=row.attempts,
            in_reply_to=row.in_reply_to_id or "",
        )
        for row, recipient, subject, body in zip(rows, recipients, subjects, bodies, strict=True)
    ]


def begin_handing_over(
    message_id: str, *, holder: str, now: datetime, lease: timedelta = LEASE
) -> bool:
    """State, durably, that the next moment may send the message; False if the lease is lost.

    From here on a death of the sender leaves the message `unknown`, never queued.
    """
    return bool(begin_handing_over_many([message_id], holder=holder, now=now, lease=lease))


def begin_handing_over_many(
    message_ids: Sequence[str], *, holder: str, now: datetime, lease: timedelta = LEASE
) -> set[str]:
    """The same for a window of messages in one commit; those whose lease still stands.

    A message whose purpose needs consent is cancelled here where the person has none any more, and
    returns to the queue where they may be disturbed only later.
    """
    _cancel_without_consent(message_ids, holder=holder, now=now)
    _postpone(message_ids, holder=holder, now=now)
    ours = OutboxMessage.objects.filter(
        pk__in=message_ids,
        state=OutboxMessage.State.LEASED,
        leased_by=holder,
        lease_until__gt=now,
    )
    with transaction.atomic():
        if ours.update(handing_over_at=now, lease_until=now + lease) == len(message_ids):
            return set(message_ids)
        return set(ours.values_list("pk", flat=True))


def _cancel_without_consent(message_ids: Sequence[str], *, holder: str, now: datetime) -> None:
    state = OutboxMessage.State
    rows = OutboxMessage.objects.filter(pk__in=message_ids, leased_by=holder, state=state.LEASED)
    by_purpose: dict[str, list[OutboxMessage]] = {}
    for row in rows.exclude(purpose=""):
        by_purpose.setdefault(row.purpose, []).append(row)
    for purpose, purpose_rows in by_purpose.items():
        allowed = may_send(purpose, [row.subscriber for row in purpose_rows])
        refused = [row for row in purpose_rows if row.subscriber not in allowed]
        if not refused:
            continue
        with transaction.atomic():
            in_commit_order()
            OutboxMessage.objects.filter(pk__in=[row.pk for row in refused]).update(
                state=state.CANCELLED, error=NO_CONSENT, lease_until=None, leased_by=""
            )
            note_changes(refused, state.CANCELLED, detail=NO_CONSENT, now=now)


def _postpone(message_ids: Sequence[str], *, holder: str, now: datetime) -> None:
    state = OutboxMessage.State
    rows = OutboxMessage.objects.filter(pk__in=message_ids, leased_by=holder, state=state.LEASED)
    by_purpose: dict[str, list[OutboxMessage]] = {}
    for row in rows.exclude(purpose=""):
        by_purpose.setdefault(row.purpose, []).append(row)
    for purpose, purpose_rows in by_purpose.items():
        later = send_after(purpose, [row.subscriber for row in purpose_rows], now)
        for row in purpose_rows:
            if row.subscriber in later:
                # Waiting for the morning does not count as an attempt.
                OutboxMessage.objects.filter(pk=row.pk, state=state.LEASED).update(
                    state=state.QUEUED,
                    next_attempt_at=later[row.subscriber],
                    attempts=F("attempts") - 1,
                    lease_until=None,
                    leased_by="",
                )


def return_expired(*, now: datetime) -> int:
    """Put leases that ended back to work, and unknown messages whose rule says `resend`."""
    state = OutboxMessage.State
    ended = OutboxMessage.objects.filter(state=state.LEASED, lease_until__lte=now)
    expired_again = OutboxMessage.objects.filter(
        state=state.UNKNOWN,
        when_unknown=OutboxMessage.WhenUnknown.RESEND,
        next_attempt_at__lte=now,
        attempts__lt=MAX_ATTEMPTS,
    )
    if not ended.exists() and not expired_again.exists():
        return 0
    with transaction.atomic():
        in_commit_order()
        free = {"lease_until": None, "leased_by": ""}
        lost = list(ended.filter(handing_over_at__isnull=False).select_for_update(skip_locked=True))
        OutboxMessage.objects.filter(pk__in=[row.pk for row in lost]).update(
            state=state.UNKNOWN,
            error="the sender stopped while handing the message over",
            next_attempt_at=now + UNKNOWN_WAIT,
            **free,
        )
        note_changes(lost, state.UNKNOWN, detail="the sender stopped", now=now)
        returned = ended.filter(handing_over_at__isnull=True).update(state=state.QUEUED, **free)
        resent = expired_again.update(state=state.QUEUED, next_attempt_at=now, handing_over_at=None)
    return len(lost) + returned + resent
