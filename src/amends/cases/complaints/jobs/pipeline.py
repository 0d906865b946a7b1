"""The pipeline: read what is received once more, acknowledge it, investigate it, settle what rules
may settle.

One pass takes a batch; what a killed pass left is found again by its state.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.identify import ask_identity
from amends.cases.complaints.actions.investigate import Investigated, investigate_many
from amends.cases.complaints.actions.move import move_many
from amends.cases.complaints.actions.operator_model import vectors
from amends.cases.complaints.actions.reclassify import ask_second_opinion
from amends.cases.complaints.actions.settle import settle_alone
from amends.cases.complaints.models import Complaint, Event, Identity, Kind
from amends.engines.decisions.decide import PERSON
from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused

DESK = system("desk")
log = logging.getLogger("amends.pipeline")
AT_ONCE = 200
ASK_S = 2.0
"""For how long one pass asks the second opinion; other jobs wait meanwhile."""

HELD = timedelta(minutes=5)
"""How long a complaint waits for the second opinion; then it goes on by the class it has."""

TO_INVESTIGATE = ("acknowledged", "reopened", "investigating")


@dataclass(slots=True)
class PipelineRun:
    """What one pass did: ids of the complaints that the second opinion was asked about, and that
    were acknowledged, investigated and settled."""

    asked: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    investigated: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    @property
    def did_something(self) -> bool:
        """Whether another pass may find more."""
        return bool(self.asked or self.acknowledged or self.investigated)


def process(*, now: datetime, limit: int = AT_ONCE) -> PipelineRun:
    """One pass over what waits."""
    pipeline_run = PipelineRun()
    pipeline_run.asked = ask_second_opinion(now=now, seconds=ASK_S)
    _ask_for_words(_unclear_after_asking(pipeline_run.asked), now)
    pipeline_run.acknowledged = acknowledge_waiting(now=now, limit=limit)
    waiting = (
        Complaint.objects.filter(is_open=True, history=False, state__in=TO_INVESTIGATE)
        .exclude(_held(now))
        .exclude(kind=Kind.ENQUIRY)
        .filter(
            Q(state__in=("acknowledged", "reopened"))
            | Q(state="investigating", verdict="", identity=Identity.VERIFIED) & ~Q(subscriber="")
        )
        .order_by("received_at", "id")
        .values_list("id", flat=True)[:limit]
    )
    pipeline_run.investigated, pipeline_run.settled = decide_on(list(waiting), now=now)
    return pipeline_run


def _held(now: datetime) -> Q:
    """What waits for the second opinion; nothing does where there is none."""
    if vectors() is None:
        return Q(pk__in=())
    return Q(second_opinion_due=True, recorded_at__gt=now - HELD)


def _unclear_after_asking(asked_refs: Sequence[str]) -> list[Complaint]:
    """Complaints acknowledged before the second opinion was asked, which it did not make clear."""
    rows = Complaint.objects.filter(
        id__in=asked_refs, ask_for_words=True, is_open=True, state__in=TO_INVESTIGATE
    )
    return list(rows.filter(~Q(identity=Identity.VERIFIED) | Q(subscriber="")))


def acknowledge_waiting(*, now: datetime, limit: int = AT_ONCE) -> list[str]:
    """Acknowledge what was received, ask for words or identity where they are missing."""
    with transaction.atomic():
        rows = list(
            Complaint.objects.select_for_update(skip_locked=True)
            .filter(state="received", is_open=True, history=False)
            .exclude(_held(now))
            .order_by("state_since", "id")[:limit]
        )
        answer_many([ReplyDraft(row, _first_letter(row)) for row in rows], actor=DESK, now=now)
        move_many(rows, "acknowledge", actor=DESK, now=now)
        complaints = [row for row in rows if row.kind == Kind.COMPLAINT]
        # Where the records can be read, they may answer without more words; else ask at once.
        closed = [
            row for row in complaints if row.identity != Identity.VERIFIED or not row.subscriber
        ]
        _ask_for_words([row for row in closed if row.ask_for_words], now)
    for row in complaints:
        if row.subscriber and row.identity == Identity.UNVERIFIED:
            _ask_identity(row, now)
    return [row.id for row in rows]


def _first_letter(row: Complaint) -> str:
    return "enquiry" if row.kind == Kind.ENQUIRY else "acknowledgement"


def decide_on(
    refs: Sequence[str], *, now: datetime, actor: Actor = DESK
) -> tuple[list[str], list[str]]:
    """Investigate these and settle what rules may settle alone: (investigated, settled)."""
    outcomes = _investigate(refs, now, actor)
    unclear = [
        item for item in outcomes if item.ruling and item.ruling.why_person == "ask_for_words"
    ]
    _ask_for_words([item.complaint for item in unclear], now)
    alone = [item.complaint.id for item in outcomes if item.decision and item.decision.alone]
    return [item.complaint.id for item in outcomes], settle_alone(alone, now=now) if alone else []


def _investigate(refs: Sequence[str], now: datetime, actor: Actor) -> list[Investigated]:
    """Investigate together; where that fails, apart, so that one complaint stops no other."""
    if not refs:
        return []
    try:
        return investigate_many(refs, actor=actor, now=now, undecided=True)
    except OperationalError:
        raise
    except Exception as error:
        if len(refs) == 1:
            log.exception("A complaint could not be investigated.")
            _leave_to_person(refs[0], type(error).__name__, now)
            return []
    half = len(refs) // 2
    return _investigate(refs[:half], now, actor) + _investigate(refs[half:], now, actor)


def _leave_to_person(ref: str, reason: str, now: datetime) -> None:
    """It could not be investigated: a person decides, whatever its state; nothing else waits."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.state not in TO_INVESTIGATE or complaint.verdict:
            return
        complaint.verdict = PERSON
        if complaint.state == "investigating":
            complaint.save(update_fields=["verdict"])
            Event.objects.create(
                complaint=complaint, at=now, verb="left_to_person", actor=DESK.ref, reason=reason
            )
            return
        move_many(
            [complaint], "investigate", actor=DESK, now=now, reason=reason, fields=["verdict"]
        )


def _ask_for_words(rows: Sequence[Complaint], now: datetime) -> None:
    """Ask what it is about, once for each complaint."""
    asked_events = Event.objects.filter(
        verb="asked_for_words", complaint__in=[row.id for row in rows]
    )
    before = set(asked_events.values_list("complaint_id", flat=True))
    fresh = [row for row in rows if row.id not in before]
    if not fresh:
        return
    with transaction.atomic():
        answer_many([ReplyDraft(row, "ask_for_words") for row in fresh], actor=DESK, now=now)
        create(
            Event(complaint=row, at=now, verb="asked_for_words", actor=DESK.ref) for row in fresh
        )


def _ask_identity(row: Complaint, now: datetime) -> None:
    try:
        ask_identity(row, actor=DESK, now=now)
    except Refused as why:
        Event.objects.create(
            complaint=row, at=now, verb="identity_not_asked", actor=DESK.ref, reason=why.what
        )
