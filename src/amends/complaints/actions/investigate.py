"""Investigate: open the case, read the evidence, answer the questions, propose a decision.

A complainant who has not shown who they are gets no dossier: the clock runs, a person must decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.access.actions.evidence import evidence_many
from amends.access.actions.open_case import NewCase, open_cases
from amends.access.queries import GrantReason
from amends.complaints.actions.build_matter import LOOK_BACK, matters_of
from amends.complaints.actions.incidents import with_incidents
from amends.complaints.actions.limits import operator_limits
from amends.complaints.actions.move import move_many
from amends.complaints.actions.open_to_role import open_to_role
from amends.complaints.models import Complaint, Decision, Identity, Kind
from amends.complaints.rules.product import product_of
from amends.database.rows import create, update
from amends.decisions.decide import ProposedDecision, decide
from amends.decisions.dossier import Dossier, dossier
from amends.decisions.evidence import Matter
from amends.kit.actors import Actor, is_user
from amends.kit.packs import day_in
from amends.kit.traces import span
from amends.registry import state_evidence
from amends.remedies.queries import given_back, unanswered

READY = ("received", "acknowledged", "investigating", "reopened", "refused_by_user", "lapsed")


@dataclass(frozen=True, slots=True)
class Investigated:
    """What became of one complaint: the decision proposed, or "" if nobody is known."""

    complaint: Complaint
    decision: Decision | None
    ruling: ProposedDecision | None


def investigate_many(
    refs: Iterable[str], *, actor: Actor, now: datetime, undecided: bool = False
) -> list[Investigated]:
    """Investigate complaints together; each gets its own dossier and decision, and moves on.

    undecided  pass over what has been decided since `refs` were chosen: a job never replaces what
               a person has just decided
    """
    with transaction.atomic():
        wanted = Complaint.objects.select_for_update().filter(
            id__in=list(refs), state__in=READY, history=False, kind=Kind.COMPLAINT
        )
        if undecided:
            wanted = wanted.exclude(state="investigating", verdict__gt="")
        complaints = list(wanted.order_by("received_at", "id"))
        known = [
            item for item in complaints if item.subscriber and item.identity == Identity.VERIFIED
        ]
        _open_cases(known, actor, now)
        state_evidence({item.id: item.subscriber for item in known}, now)
        evidence = evidence_many(actor, [item.case for item in known], now=now)
        facts = with_incidents(known, evidence)
        matters = matters_of(known)
        papers = {
            item.id: dossier(
                matters[item.id],
                facts[item.id],
                evidence[item.case].coverage,
                on=day_in(item.jurisdiction, item.received_at),
                with_strip=False,
            )
            for item in known
        }
        under_way = _under_way(papers)
        results = {
            item.id: _decided(
                item,
                replace(matters[item.id], under_way_minor=under_way[item.id]),
                papers[item.id],
                actor,
                now,
            )
            for item in known
        }
        create(found.decision for found in results.values() if found.decision)
        move_many(
            [item for item in complaints if item.state != "investigating"],
            "investigate",
            actor=actor,
            now=now,
            fields=_DECIDED,
        )
        update(known, _DECIDED)
        return [results.get(item.id) or Investigated(item, None, None) for item in complaints]


_DECIDED = ("verdict", "amount_minor", "currency", "may_act_alone", "case", "product")


def dossier_now(complaint: Complaint, *, actor: Actor, now: datetime) -> Dossier:
    """The dossier from the ledger of this moment, with its time axis; a look like any other."""
    evidence = evidence_many(actor, [complaint.case], now=now)
    facts = with_incidents([complaint], evidence)[complaint.id]
    matter = matters_of([complaint])[complaint.id]
    return dossier(matter, facts, evidence[complaint.case].coverage)


def _open_cases(complaints: Sequence[Complaint], actor: Actor, now: datetime) -> None:
    without = [item for item in complaints if not item.case]
    cases = open_cases(
        actor,
        [
            NewCase(
                subscriber=item.subscriber,
                purpose="complaint",
                reference=item.id,
                start=item.received_at - LOOK_BACK,
                contact=item.channel,
            )
            for item in without
        ],
        now=now,
    )
    for item, case in zip(without, cases, strict=True):
        item.case = case
        if item.escalated_to:
            open_to_role([item], item.escalated_to, reason=GrantReason.ESCALATION, now=now)


def _under_way(papers: Mapping[str, Dossier]) -> dict[str, dict[str, int]]:
    """Complaint → charge → what is being refunded for something else and not among the facts."""
    given = given_back(entry.charge for each in papers.values() for entry in each.grounds)
    own = unanswered(f"complaint:{ref}" for ref in papers) if given else {}
    found: dict[str, dict[str, int]] = {}
    for ref, each in papers.items():
        held = {
            entry.charge: given.get(entry.charge, 0)
            - own.get((f"complaint:{ref}", entry.charge), 0)
            - entry.refunded_minor
            for entry in each.grounds
        }
        found[ref] = {charge: minor for charge, minor in held.items() if minor > 0}
    return found


def _decided(
    item: Complaint,
    matter: Matter,
    papers: Dossier,
    actor: Actor,
    now: datetime,
) -> Investigated:
    received_on = day_in(item.jurisdiction, item.received_at)
    with span("decide", complaint=item.id) as mark:
        ruling = decide(
            papers,
            matter,
            on=received_on,
            limits=operator_limits(item.jurisdiction, day_in(item.jurisdiction, now)),
        )
        mark({"verdict": ruling.verdict})
    amount = ruling.amount
    suggested = _suggested(ruling)
    item.verdict = ruling.verdict
    item.amount_minor = amount.minor if amount else int(suggested.get("amount_minor", 0))
    item.currency = amount.currency if amount else str(suggested.get("currency", ""))
    item.product = product_of(papers, item.service) or item.product
    item.may_act_alone = ruling.may_act_alone and not (
        _was_contradicted(item) or is_user(item.classified_by)
    )
    decision = Decision(
        complaint=item,
        at=now,
        by=actor.ref,
        verdict=ruling.verdict,
        amount_minor=item.amount_minor,
        currency=item.currency,
        rule=ruling.rule,
        strength=ruling.strength,
        alone=item.may_act_alone,
        matter=matter.as_dict(),
        dossier=papers.as_dict(),
        decision=ruling.as_dict(),
    )
    return Investigated(item, decision, ruling)


def _was_contradicted(item: Complaint) -> bool:
    """The complainant did not take the first answer: no rule gives it again without a person."""
    return item.reopened_count > 0 or item.state in ("refused_by_user", "lapsed")


def _suggested(ruling: ProposedDecision) -> Mapping[str, Any]:
    if ruling.suggestion is None:
        return {}
    return {
        "amount_minor": ruling.suggestion.amount_minor,
        "currency": ruling.suggestion.currency,
    }
