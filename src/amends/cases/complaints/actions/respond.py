"""Answers of the complainant: to a proposal, to the outcome survey, or unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.enquiries import take_as_complaints
from amends.cases.complaints.actions.move import move, move_many
from amends.cases.complaints.models import Complaint, Event, Kind, Outcome
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor, system
from amends.platform.vault.redaction import redact_person
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.remedies.actions.approve import take_up, turn_away

TAKEN_BACK = "The complaint was taken back."
# Whoever moves it, the letter is the desk's: a complainant does not write to themselves.
DESK = system("desk")
ANSWERS = ("solved", "partly", "not_solved")


@dataclass(frozen=True, slots=True)
class OutcomeAnswer:
    """What the complainant of one complaint says weeks later; `answer` is one of `ANSWERS`.

    satisfaction  how content with the way it was handled, 1 to 5; None where it was not said
    """

    complaint: str
    answer: str
    words: str = ""
    satisfaction: int | None = None


def ask_after() -> timedelta:
    """How long after it was solved a complainant is asked whether it is."""
    return timedelta(days=settings.OUTCOME_AFTER_DAYS)


def accept(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """The proposal is accepted: what was agreed is granted, what was not waits for approval."""
    (complaint,) = accept_many([ref], actor=actor, now=now)
    return complaint


def accept_many(refs: Sequence[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Several proposals are accepted, all or none; see `accept`."""
    with transaction.atomic():
        complaints = _locked_many(refs)
        move_many(complaints, "accept", actor=actor, now=now)
        take_up([_cause(item) for item in complaints], now=now)
        move_many(complaints, "implement", actor=system("desk"), now=now)
    return complaints


def refuse(ref: str, *, text: str, actor: Actor, now: datetime) -> Complaint:
    """The proposal is refused; a handler proposes again or declares a deadlock."""
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "refuse", actor=actor, now=now, reason=text.strip()[:2000])
    return complaint


def withdraw(ref: str, *, actor: Actor, now: datetime, tell: bool = True) -> Complaint:
    """The complainant withdraws the complaint, and is notified that it is closed.

    tell  False where the person is being forgotten
    """
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "withdraw", actor=actor, now=now)
        turn_away([_cause(complaint)], actor=actor, reason=TAKEN_BACK, now=now)
        if tell:
            _notify([complaint], "withdrawn", now)
    return complaint


def reopen(ref: str, *, text: str, actor: Actor, now: datetime) -> Complaint:
    """It is not solved after all: the same complaint goes on, its first clock unchanged.

    words  the complainant's; a colleague's reason where somebody at the desk reopens it

    Whoever was asked whether it is solved has answered by it.
    """
    with transaction.atomic():
        take_as_complaints([ref], actor=actor, now=now)
        complaint = _locked(ref)
        if Outcome.objects.filter(complaint=complaint, answered_at__isnull=True).exists():
            _take_answers([complaint], {ref: OutcomeAnswer(ref, "not_solved", text)}, actor, now)
        else:
            _reopen(complaint, text, actor, now)
    return complaint


def answer_outcome(
    ref: str,
    *,
    answer: str,
    text: str,
    actor: Actor,
    now: datetime,
    satisfaction: int | None = None,
) -> Complaint:
    """Weeks later the complainant says whether it is solved; "not_solved" reopens."""
    outcome_answer = OutcomeAnswer(
        complaint=ref, answer=answer, words=text, satisfaction=satisfaction
    )
    (complaint,) = answer_outcomes([outcome_answer], actor=actor, now=now)
    return complaint


def answer_outcomes(
    answers: Iterable[OutcomeAnswer], *, actor: Actor, now: datetime
) -> list[Complaint]:
    """Take several answers, all or none; see `answer_outcome`."""
    answers_by_complaint = {answer.complaint: answer for answer in answers}
    with transaction.atomic():
        complaints = _locked_many(list(answers_by_complaint))
        _take_answers(complaints, answers_by_complaint, actor, now)
    return complaints


def _take_answers(
    complaints: Sequence[Complaint],
    answers_by_complaint: Mapping[str, OutcomeAnswer],
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was said, write it down, and move on as it asks."""
    _store_answers(complaints, answers_by_complaint, actor, now)
    create(_answer_event(item, answers_by_complaint[item.id], actor, now) for item in complaints)
    solved = [
        item
        for item in complaints
        if answers_by_complaint[item.id].answer == "solved"
        and item.state in {"resolved", "closed_unconfirmed"}
    ]
    move_many(solved, "confirm", actor=actor, now=now)
    for item in complaints:
        if answers_by_complaint[item.id].answer == "not_solved":
            _reopen(item, answers_by_complaint[item.id].words, actor, now)
    append(
        [_answered(item, answers_by_complaint[item.id].answer, now) for item in complaints], now=now
    )


def _reopen(complaint: Complaint, text: str, actor: Actor, now: datetime) -> None:
    move(complaint, "reopen", actor=actor, now=now, reason=text.strip()[:2000])
    _notify([complaint], "reopened", now)


def _answer_event(
    complaint: Complaint, outcome_answer: OutcomeAnswer, actor: Actor, now: datetime
) -> Event:
    """The answer in the history; the reason of a reopening is in the reopening's event."""
    reason_text = (
        "" if outcome_answer.answer == "not_solved" else outcome_answer.words.strip()[:2000]
    )
    return Event(
        complaint=complaint,
        at=now,
        verb="outcome_answered",
        actor=actor.ref,
        reason=redact_person(reason_text),
        details={"answer": outcome_answer.answer, "satisfaction": outcome_answer.satisfaction or 0},
    )


def _notify(complaints: Sequence[Complaint], kind: str, now: datetime) -> None:
    """A letter of this kind to each; what was brought in as history sends none."""
    informed = [
        complaint
        for complaint in complaints
        if not complaint.history and complaint.kind == Kind.COMPLAINT
    ]
    answer_many([ReplyDraft(complaint, kind) for complaint in informed], actor=DESK, now=now)


def _store_answers(
    complaints: Sequence[Complaint],
    answers_by_complaint: Mapping[str, OutcomeAnswer],
    actor: Actor,
    now: datetime,
) -> None:
    """The newest question that waits gets the answer; without one the answer is stored alone.

    Words of somebody at the desk stay in the history alone: the answer is the complainant's.
    """
    waiting = Outcome.objects.filter(
        complaint__in=list(answers_by_complaint), answered_at__isnull=True
    )
    outcomes = {outcome.complaint_id: outcome for outcome in waiting.order_by("asked_at", "id")}
    alone = [
        Outcome(complaint=item, asked_at=now, state_when_asked=item.state)
        for item in complaints
        if item.id not in outcomes
    ]
    for outcome in (*outcomes.values(), *alone):
        answer = answers_by_complaint[outcome.complaint_id]
        outcome.answer, outcome.answered_at = answer.answer, now
        answer_text = "" if actor.kind == "user" else answer.words.strip()[:2000]
        outcome.words = redact_person(answer_text)
        outcome.satisfaction = answer.satisfaction
    update(outcomes.values(), ["answer", "answered_at", "words", "satisfaction"])
    create(alone)


def _locked_many(refs: Sequence[str]) -> list[Complaint]:
    rows_by_id = {
        item.id: item for item in Complaint.objects.select_for_update().filter(id__in=refs)
    }
    if missing := next((ref for ref in refs if ref not in rows_by_id), ""):
        raise Complaint.DoesNotExist(missing)
    return [rows_by_id[ref] for ref in refs]


def _locked(ref: str) -> Complaint:
    return Complaint.objects.select_for_update().get(id=ref)


def _cause(complaint: Complaint) -> str:
    return f"complaint:{complaint.id}"


def _answered(complaint: Complaint, answer: str, now: datetime) -> Fact:
    return Fact(
        kind="OutcomeAnswered",
        subscriber=complaint.subscriber,
        subject=complaint.id,
        happened_at=now,
        source="desk",
        payload={"complaint": complaint.id, "answer": answer},
    )
