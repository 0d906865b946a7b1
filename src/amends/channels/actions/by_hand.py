"""The work of people on messages: take what waits, say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_columns
from amends.platform.database.rows import update
from amends.platform.kit.errors import BadInput, Refused

State = OutboxMessage.State
CALL_AGAIN = timedelta(hours=4)
"""After nobody answered. What is taken and left lying goes back to the others after `IN_HAND`."""
IN_HAND = {"phone": timedelta(minutes=30), "letter": timedelta(days=1)}
MOST_CALLS = 3
OUTCOMES = ("told", "no_answer", "wrong", "posted", "came_back")
_CHANGED = (
    "state",
    "lease_until",
    "leased_by",
    "attempts",
    "error",
    "permanent",
    "sent_at",
    "delivered_at",
    "next_attempt_at",
)


class UnableToRecordByHand(Refused):
    """Somebody else has the message, or it is settled."""

    code = "by_hand_not_yours"


@dataclass(frozen=True, slots=True)
class ManualTask:
    """A message somebody delivers; its words, never the person, who is found through access.

    attempts  how often it was tried; holder: whose it is now, "" for nobody's
    """

    id: str
    channel: str
    duty: str
    duty_key: str
    duty_step: str
    subscriber: str
    service: str
    language: str
    subject: str
    body: str
    posted_at: datetime
    sent_at: datetime | None
    attempts: int
    holder: str


def waiting(channel: str, *, now: datetime, limit: int = 200) -> list[ManualTask]:
    """What waits for somebody, the oldest first; what was taken and left lying too."""
    left = Q(state=State.LEASED, lease_until__lte=now)
    rows = OutboxMessage.objects.filter(
        Q(state=State.QUEUED, next_attempt_at__lte=now) | left, channel=channel
    ).order_by("posted_at", "id")[:limit]
    return _tasks(list(rows))


def in_hand(channel: str, holder: str, *, limit: int = 200) -> list[ManualTask]:
    """What somebody has taken and not settled yet."""
    rows = OutboxMessage.objects.filter(
        channel=channel, state=State.LEASED, leased_by=holder
    ).order_by("posted_at", "id")[:limit]
    return _tasks(list(rows))


def on_its_way(channel: str, *, since: datetime, limit: int = 200) -> list[ManualTask]:
    """What was posted since a moment and has not come back, newest first."""
    rows = OutboxMessage.objects.filter(
        channel=channel, state=State.SENT, delivered_at=None, sent_at__gte=since
    ).order_by("-sent_at", "id")[:limit]
    return _tasks(list(rows))


def take(message_ids: Sequence[str], *, holder: str, now: datetime) -> list[ManualTask]:
    """Take what waits into one's own hands; what somebody else has meanwhile is left out."""
    with transaction.atomic():
        rows = list(
            OutboxMessage.objects.select_for_update()
            .filter(pk__in=list(message_ids), channel__in=("phone", "letter"))
            .order_by("posted_at", "id")
        )
        free = [row for row in rows if _is_free(row, holder, now)]
        for row in free:
            row.state, row.leased_by = State.LEASED, holder
            row.lease_until = now + IN_HAND[row.channel]
        update(free, ["state", "leased_by", "lease_until"])
    return _tasks(free)


def _is_free(row: OutboxMessage, holder: str, now: datetime) -> bool:
    if row.state == State.LEASED:
        return row.leased_by == holder or (row.lease_until is not None and row.lease_until <= now)
    return bool(row.state == State.QUEUED and row.next_attempt_at <= now)


def record_by_hand(
    message_ids: Sequence[str], outcome: str, *, holder: str, now: datetime
) -> dict[str, str]:
    """Write what became of messages one has in hand; message → its state. All or none.

    outcome  `told`: the person was spoken to; `no_answer`: call again, given up after three;
             `wrong`: nobody is reached there; `posted`: the letter is with the post;
             `came_back`: it was returned (of a letter posted before, by whomever)
    """
    if outcome not in OUTCOMES:
        raise BadInput(
            gettext("There is no outcome %(outcome)s.") % {"outcome": outcome},
            next_step=_("Load the list again and choose one that is offered."),
            code="by_hand_outcome_unknown",
        )
    with transaction.atomic():
        in_commit_order()
        rows = list(OutboxMessage.objects.select_for_update().filter(pk__in=list(message_ids)))
        if len(rows) != len(set(message_ids)) or not all(
            _may_settle(row, outcome, holder) for row in rows
        ):
            raise UnableToRecordByHand(
                _("The message is not in your hands, or is settled."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the list again and take it up."),
            )
        for row in rows:
            _settle(row, outcome, now)
        update(rows, _CHANGED)
        _tell(rows, outcome, now)
    return {row.id: row.state for row in rows}


def _may_settle(row: OutboxMessage, outcome: str, holder: str) -> bool:
    if outcome == "came_back":
        return bool(row.channel == "letter" and row.state == State.SENT)
    wanted = "letter" if outcome == "posted" else "phone"
    fits = row.channel == wanted or (outcome == "wrong" and row.channel == "letter")
    return bool(fits and row.state == State.LEASED and row.leased_by == holder)


def _settle(row: OutboxMessage, outcome: str, now: datetime) -> None:
    row.leased_by, row.lease_until = "", None
    if outcome != "came_back":
        row.attempts += 1
    if outcome in ("told", "posted"):
        row.state, row.sent_at, row.error = State.SENT, now, ""
        if outcome == "told":
            row.delivered_at = now
    elif outcome == "no_answer" and row.attempts < MOST_CALLS:
        row.state, row.next_attempt_at = State.QUEUED, now + CALL_AGAIN
    else:
        row.state, row.permanent, row.error = State.FAILED, True, _WHY[outcome]


_WHY = {
    "no_answer": "nobody answered",
    "wrong": "nobody is reached there",
    "came_back": "the letter came back",
}


def _tell(rows: Sequence[OutboxMessage], outcome: str, now: datetime) -> None:
    """The changes other apps read, and the facts of notices, in the same transaction."""
    if outcome in ("told", "posted"):
        note_changes(rows, State.SENT, now=now)
    if outcome == "told":
        note_changes(rows, "delivered", detail="told by a person", now=now)
    failed = [row for row in rows if row.state == State.FAILED]
    if failed:
        note_changes(failed, State.FAILED, detail=_WHY[outcome], now=now)


def _tasks(rows: Sequence[OutboxMessage]) -> list[ManualTask]:
    subjects = opened_columns(rows, "subject_sealed")
    bodies = opened_columns(rows, "body_sealed")
    return [
        ManualTask(
            id=row.id,
            channel=row.channel,
            duty=row.duty,
            duty_key=row.duty_key,
            duty_step=row.duty_step,
            subscriber=row.subscriber,
            service=row.service,
            language=row.language,
            subject=subject,
            body=body,
            posted_at=row.posted_at,
            sent_at=row.sent_at,
            attempts=row.attempts,
            holder=row.leased_by if row.state == State.LEASED else "",
        )
        for row, subject, body in zip(rows, subjects, bodies, strict=True)
    ]
