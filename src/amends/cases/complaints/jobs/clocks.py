"""Legal deadlines (SLA): warnings, breaches, escalation, lapsed proposals, outcome surveys.

Each pass is idempotent: what it did is in the rows, so two workers or a killed one do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils import timezone

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.escalate import escalate
from amends.cases.complaints.actions.letters import ACCEPT_WITHIN, day, regulator_fields
from amends.cases.complaints.actions.move import move_many
from amends.cases.complaints.actions.notify_unresolved import notify_late, send_adr_letters
from amends.cases.complaints.actions.record_execution import NOT_GRANTED, record_execution
from amends.cases.complaints.actions.respond import ask_after
from amends.cases.complaints.actions.running_clocks import clocks_nobody_holds
from amends.cases.complaints.models import Clock, Complaint, Event, Outcome
from amends.cases.complaints.queries.status import newest_decisions
from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor, system
from amends.work.remedies.queries import unfinished

WARN_BEFORE = timedelta(days=2)
CLOSE_AFTER = timedelta(days=14)
AT_ONCE = 200
CLOCKS = system("clocks")


@dataclass(slots=True)
class ClockReport:
    """What one pass did."""

    warned: int = 0
    breached: int = 0
    notified_late: int = 0
    adr_letters: int = 0
    escalated: int = 0
    lapsed: int = 0
    resolved: int = 0
    asked: int = 0
    closed: int = 0


def check_clocks(*, now: datetime) -> ClockReport:
    """One pass over everything that time alone changes."""
    adr_letters = send_adr_letters(actor=CLOCKS, now=now)
    warned, _ = _note(now, "warning", "warned_at", now + WARN_BEFORE)
    breached, notified_late = _note(now, "breach", "breached_at", now)
    return ClockReport(
        warned=warned,
        breached=breached,
        notified_late=notified_late,
        adr_letters=adr_letters,
        escalated=escalate(now=now),
        lapsed=_lapse(now),
        resolved=resolve_settled(now=now),
        asked=_ask_outcome(now),
        closed=_close_unanswered(now),
    )


def _note(now: datetime, verb: str, column: str, due_before: datetime) -> tuple[int, int]:
    """Write an event once for each running clock that is due before a moment, and tell a breach.

    How many clocks, and how many users were notified that we are late.
    """
    with transaction.atomic():
        clocks = list(
            clocks_nobody_holds()
            .filter(
                **{f"{column}__isnull": True, "breached_at__isnull": True},
                met_at__isnull=True,
                paused_at__isnull=True,
                binding=True,
                due_at__lt=due_before,
                complaint__is_open=True,
            )
            .order_by("due_at")[:AT_ONCE]
        )
        create(
            Event(
                complaint_id=clock.complaint_id,
                at=now,
                verb=verb,
                actor=CLOCKS.ref,
                details={"step": clock.step, "due_at": clock.due_at.isoformat()},
            )
            for clock in clocks
        )
        Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(**{column: now})
        notified_count = notify_late(clocks, actor=CLOCKS, now=now) if verb == "breach" else 0
    return len(clocks), notified_count


def _lapse(now: datetime) -> int:
    """Proposals whose day is over: their letter said until when, and that whole day counts."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        rows = _old("proposed", today - ACCEPT_WITHIN)
        promised = {row.id: day(row.state_since + ACCEPT_WITHIN, row) for row in rows}
        move_many(rows, "lapse", actor=CLOCKS, now=now)
        current = newest_decisions(promised)
        answer_many(
            [
                ReplyDraft(
                    row,
                    "lapsed",
                    {"accept_by": promised[row.id]}
                    | regulator_fields(row, current.get(row.id), now=now),
                )
                for row in rows
            ],
            actor=CLOCKS,
            now=now,
        )
    return len(rows)


def _close_unanswered(now: datetime) -> int:
    """Asked, and no word: closed, and still open to a late answer."""
    return _close_unconfirmed(now) + _close_lapsed(now)


def _close_lapsed(now: datetime) -> int:
    """A proposal that lapsed and was not taken up: nothing of it is granted."""
    with transaction.atomic():
        rows = _old("lapsed", now - CLOSE_AFTER)
        move_many(rows, "close_unconfirmed", actor=CLOCKS, now=now)
    return len(rows)


def _close_unconfirmed(now: datetime) -> int:
    """Resolved and asked since then, and nobody said that it is solved, or that it is not."""
    asked_outcomes = Outcome.objects.filter(
        complaint=OuterRef("pk"),
        asked_at__gte=OuterRef("resolved_at"),
        asked_at__lt=now - CLOSE_AFTER,
    )
    with transaction.atomic():
        rows = list(
            Complaint.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                Exists(asked_outcomes), state="resolved", history=False, outcome_ask_at__isnull=True
            )
            .order_by("id")[:AT_ONCE]
        )
        move_many(rows, "close_unconfirmed", actor=CLOCKS, now=now)
    return len(rows)


def _old(state: str, since: datetime) -> list[Complaint]:
    """Those in a state since before a moment, locked; oldest first."""
    return list(
        Complaint.objects.select_for_update(skip_locked=True)
        .filter(state=state, history=False, state_since__lt=since)
        .order_by("state_since")[:AT_ONCE]
    )


def resolve_settled(*, now: datetime, actor: Actor = CLOCKS) -> int:
    """Complaints of which nothing is left to do are resolved: billing has booked every remedy.

    What waits for billing or an approver blocks nothing else. Where somebody rejected what the
    user was promised, nothing was carried out: the complaint is taken up again.
    """
    resolved = 0
    while rows := _resolve_some(now, actor):
        resolved += sum(row.state == "resolved" for row in rows)
    return resolved


def _resolve_some(now: datetime, actor: Actor) -> list[Complaint]:
    left = unfinished(Concat(Value("complaint:"), OuterRef("pk")))
    with transaction.atomic():
        rows = list(
            Complaint.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(~Exists(left), state="implementing", history=False)
            .order_by("state_since", "id")[:AT_ONCE]
        )
        execution = record_execution(rows, now=now)
        broken = [row for row in rows if row.id in execution.broken]
        carried_out = [row for row in rows if row.id not in execution.broken]
        for row in carried_out:
            row.outcome_ask_at = now + ask_after()
        move_many(broken, "not_carried_out", actor=actor, now=now, reason=NOT_GRANTED)
        move_many(carried_out, "resolve", actor=actor, now=now)
        current = newest_decisions([row.id for row in broken])
        sorry = [
            ReplyDraft(row, "not_carried_out", regulator_fields(row, current.get(row.id), now=now))
            for row in broken
        ]
        answer_many([*execution.letters, *sorry], actor=actor, now=now)
    return rows


def _outcome_fields(row: Complaint, now: datetime) -> dict[str, str]:
    """When it was done and, where it is still open, when it is closed without an answer."""
    fields = {"done_on": day(row.resolved_at or now, row)}
    if row.state == "resolved":
        fields["reply_by"] = day(now + CLOSE_AFTER, row)
    return fields


def _ask_outcome(now: datetime) -> int:
    with transaction.atomic():
        rows = list(
            Complaint.objects.select_for_update(skip_locked=True)
            .filter(outcome_ask_at__lte=now, state__in=("resolved", "closed_unconfirmed"))
            .order_by("outcome_ask_at")[:AT_ONCE]
        )
        create(Outcome(complaint=row, asked_at=now, state_when_asked=row.state) for row in rows)
        answer_many(
            [ReplyDraft(row, "outcome_question", _outcome_fields(row, now)) for row in rows],
            actor=CLOCKS,
            now=now,
        )
        Complaint.objects.filter(id__in=[row.id for row in rows]).update(outcome_ask_at=None)
    return len(rows)
