"""Tell that a complaint is not solved yet: its deadline passed, or the rules ask for a letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.letters import day, regulator_fields
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import Clock, Complaint, Kind
from amends.engines.decisions.clocks import ADR_LETTER, ANSWER, REPAIR
from amends.platform.kit.actors import Actor

AHEAD = timedelta(days=1)
"""So long before its last moment the letter on dispute resolution leaves."""

AT_ONCE = 200
_LIVE = {"kind": Kind.COMPLAINT, "history": False}
_LATE_LETTERS = {ANSWER: "late_answer", REPAIR: "late_repair", "restore": "late_repair"}
# Where nothing has been decided yet, or what was decided was refused or taken up again.
_UNDECIDED = ("received", "acknowledged", "investigating", "reopened", "refused_by_user")


def notify_late(clocks: Iterable[Clock], *, actor: Actor, now: datetime) -> int:
    """Notify users of deadlines that have just passed, and whom to turn to; how many were notified.

    One letter a complaint, also where it missed two. Who was made an offer or a decision knows
    where they stand. Inside the transaction that notes the breach, so that none is notified twice.
    """
    owed: dict[str, dict[str, datetime]] = {}
    for clock in clocks:
        if clock.step in _LATE_LETTERS:
            owed.setdefault(clock.complaint_id, {})[_LATE_LETTERS[clock.step]] = clock.due_at
    rows = Complaint.objects.filter(id__in=owed, state__in=_UNDECIDED, **_LIVE).order_by("id")
    drafts = [
        _unresolved(row, {name: day(at, row) for name, at in owed[row.id].items()}, now)
        for row in rows
    ]
    return len(answer_many(drafts, actor=actor, now=now))


def send_adr_letters(*, actor: Actor, now: datetime) -> int:
    """The letter on dispute resolution to those still open when it is due; how many.

    Ofcom's General Conditions, C4: six weeks (before 8 April 2026: eight) after a complaint, or
    earlier at deadlock. The letter meets its clock.
    """
    due_clocks = Clock.objects.filter(
        step=ADR_LETTER,
        met_at__isnull=True,
        paused_at__isnull=True,
        binding=True,
        due_at__lt=now + AHEAD,
    )
    with transaction.atomic():
        rows = list(
            Complaint.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(Exists(due_clocks.filter(complaint=OuterRef("pk"))), is_open=True, **_LIVE)
            .order_by("received_at", "id")[:AT_ONCE]
        )
        answer_many([_unresolved(row, {}, now) for row in rows], actor=actor, now=now)
        due_clocks.filter(complaint__in=rows).update(met_at=now)
        for row in rows:
            point_to_next(row)
            row.save(update_fields=["next_step", "next_due_at"])
    return len(rows)


def _unresolved(complaint: Complaint, late: dict[str, str], now: datetime) -> ReplyDraft:
    decision = complaint.decisions.order_by("-at", "-id").first()
    way = regulator_fields(complaint, decision, now=now, answered=False)
    return ReplyDraft(complaint, "unresolved", late | way)
