"""Pass on: the deadlock letter, and evidence for the regulator that verifies offline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.access.actors import Actor, system
from amends.complaints.actions.answer import Draft, answer_many
from amends.complaints.actions.letters import day, regulator_fields
from amends.complaints.actions.move import move
from amends.complaints.models import Complaint, Reply
from amends.complaints.rules.admissibility import regulator
from amends.kit.errors import Refused
from amends.kit.formats import is_chinese
from amends.ledger.queries import proof_bundle

# Whoever passes it on, the letter is the desk's: a complainant does not write to themselves.
DESK = system("desk")


class UnableToPassOn(Refused):
    """There is nothing yet that a regulator could look at."""

    code = "unable_to_pass_on"


def declare_deadlock(ref: str, *, reason: str, actor: Actor, now: datetime) -> Reply:
    """We cannot agree: the complainant gets a letter that says so and where to go."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "deadlock", actor=actor, now=now, reason=reason)
        (letter,) = answer_many(
            [Draft(complaint, "deadlock", _deadlock_fields(complaint, reason, now))],
            actor=actor,
            now=now,
        )
    return letter


def pass_on(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """The complaint goes to the regulator, and the complainant is told; see `evidence_bundle`."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "pass_on", actor=actor, now=now)
        body = regulator(complaint.jurisdiction, complaint.province)
        fields = {
            "regulator": body.zh if is_chinese(complaint.language) else body.en,
            "passed_on": day(now, complaint),
        }
        answer_many([Draft(complaint, "handover", fields)], actor=DESK, now=now)
    return complaint


def close(ref: str, *, reason: str, actor: Actor, now: datetime) -> Complaint:
    """The regulator has answered, or nobody went on after the deadlock: the case is closed."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "close", actor=actor, now=now, reason=reason.strip()[:2000])
    return complaint


def evidence_bundle(ref: str) -> Mapping[str, Any]:
    """The facts the decision cites, each with its proof; a stranger verifies it offline.

    Pseudonyms and references stand in it, no personal data.
    """
    complaint = Complaint.objects.get(id=ref)
    decision = complaint.decisions.order_by("-at", "-id").first()
    if decision is None:
        raise UnableToPassOn(
            "There is no decision yet.", next_step="Let the complaint be investigated first."
        )
    cited = {fact for row in decision.dossier.get("rows", []) for fact in row.get("facts", [])}
    return proof_bundle(sorted(cited))


def _deadlock_fields(complaint: Complaint, position: str, now: datetime) -> dict[str, str]:
    decision = complaint.decisions.order_by("-at", "-id").first()
    fields = regulator_fields(complaint, decision, now=now)
    if not fields:
        raise UnableToPassOn(
            "The pack names no regulator with a time limit for this complaint.",
            next_step="Write to the complainant yourself, and close the complaint.",
        )
    chinese = is_chinese(complaint.language)
    reasons = decision.decision.get("reasons", []) if decision else []
    found = [reason["zh" if chinese else "en"] for reason in reasons]
    return fields | {
        "asked": complaint.wanted or complaint.first_words,
        "found": "\n".join(f"· {line}" for line in found) or position,
        "position": position,
        "issued_on": day(now, complaint),
    }
