"""Respond: what the complainant says to a proposal, to a solution, or on their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from amends.access.actors import Actor, system
from amends.complaints.actions.move import move
from amends.complaints.models import Complaint, Outcome
from amends.facts.fact import Fact
from amends.ledger.actions.append import append
from amends.remedies.actions.approve import approve
from amends.remedies.queries import remedies_of

ASK_AFTER = timedelta(days=28)
ANSWERS = ("solved", "partly", "not_solved")


def accept(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """The proposal is accepted: its remedies are approved and carried out."""
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "accept", actor=actor, now=now)
        waiting = [
            remedy.id
            for remedy in remedies_of([f"complaint:{ref}"]).get(f"complaint:{ref}", [])
            if remedy.state == "proposed"
        ]
        _approve_as_decided(complaint, waiting, now)
        move(complaint, "implement", actor=system("desk"), now=now)
    return complaint


def refuse(ref: str, *, words: str, actor: Actor, now: datetime) -> Complaint:
    """The proposal is refused; a handler proposes again or declares a deadlock."""
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "refuse", actor=actor, now=now, reason=words.strip()[:2000])
    return complaint


def withdraw(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """The complainant takes the complaint back."""
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "withdraw", actor=actor, now=now)
    return complaint


def reopen(ref: str, *, words: str, actor: Actor, now: datetime) -> Complaint:
    """It is not solved after all: the same complaint goes on, its first clock unchanged."""
    with transaction.atomic():
        complaint = _locked(ref)
        move(complaint, "reopen", actor=actor, now=now, reason=words.strip()[:2000])
    return complaint


def answer_outcome(ref: str, *, answer: str, words: str, actor: Actor, now: datetime) -> Complaint:
    """Weeks later the complainant says whether it is solved; "not_solved" reopens."""
    with transaction.atomic():
        complaint = _locked(ref)
        asked = complaint.outcomes.filter(answered_at__isnull=True).order_by("-asked_at").first()
        outcome = asked or Outcome(
            complaint=complaint, asked_at=now, state_when_asked=complaint.state
        )
        outcome.answer, outcome.answered_at = answer, now
        outcome.words = words.strip()[:2000]
        outcome.save()
        if answer == "solved" and complaint.state in {"resolved", "closed_unconfirmed"}:
            move(complaint, "confirm", actor=actor, now=now)
        elif answer == "not_solved":
            move(complaint, "reopen", actor=actor, now=now, reason=words.strip()[:2000])
        append([_answered(complaint, answer, now)], now=now)
    return complaint


def _locked(ref: str) -> Complaint:
    return Complaint.objects.select_for_update().get(id=ref)


def _approve_as_decided(complaint: Complaint, remedies: list[str], now: datetime) -> None:
    """A rule's own proposal is approved by the rule; a person's by that person's limit."""
    decision = complaint.decisions.order_by("-at", "-id").first()
    if remedies and decision is not None and decision.alone:
        approve(remedies, actor=system("decide"), now=now)


def _answered(complaint: Complaint, answer: str, now: datetime) -> Fact:
    return Fact(
        "OutcomeAnswered",
        complaint.subscriber,
        complaint.id,
        now,
        "desk",
        {"complaint": complaint.id, "answer": answer},
    )
