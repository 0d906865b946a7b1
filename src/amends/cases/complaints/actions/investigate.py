"""Investigate: open the case, read the evidence, answer the questions, propose a decision.

A complainant who has not shown who they are gets no dossier: the clock runs, a person must decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.cases.complaints.actions.build_matter import LOOK_BACK, matters_of
from amends.cases.complaints.actions.incidents import with_incidents
from amends.cases.complaints.actions.limits import operator_limits
from amends.cases.complaints.actions.move import move_many
from amends.cases.complaints.actions.open_to_role import open_to_role
from amends.cases.complaints.models import Complaint, Decision, Identity, Kind
from amends.cases.complaints.queries.support import open_complaints
from amends.cases.complaints.rules.product import product_of
from amends.engines.classification.taxonomy import taxonomy
from amends.engines.decisions.decide import ProposedDecision, charge_months, decide, reads_record
from amends.engines.decisions.dossier import Dossier, dossier, record
from amends.engines.decisions.evidence import Matter, add_months
from amends.network.quality.actions.judge_lines import judge_lines
from amends.people.access.actions.evidence import evidence_many
from amends.people.access.actions.open_case import NewCase, open_cases
from amends.people.access.queries import GrantReason
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor, is_user
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.kit.traces import span
from amends.platform.registry import SupportRequest, supports
from amends.record.ledger.queries import Coverage, StoredFact
from amends.work.remedies.queries import given_back, unanswered

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
        with_subscriber = [
            item for item in complaints if item.subscriber and item.identity == Identity.VERIFIED
        ]
        _open_cases(with_subscriber, actor, now)
        judge_lines({item.id: item.subscriber for item in with_subscriber}, now)
        evidence = evidence_many(actor, [item.case for item in with_subscriber], now=now)
        facts = with_incidents(with_subscriber, evidence)
        matters = matters_of(with_subscriber)
        papers = {
            item.id: dossier(
                matters[item.id],
                facts[item.id],
                evidence[item.case].coverage,
                on=day_in(item.jurisdiction, item.received_at),
                with_strip=False,
            )
            for item in with_subscriber
        }
        matters = _with_under_way(matters, papers)
        rulings = {
            item.id: _ruling(item, matters[item.id], papers[item.id], now)
            for item in with_subscriber
        }
        rejected = [item for item in with_subscriber if reads_record(rulings[item.id])]
        if rejected:
            books = {item.id: evidence[item.case].coverage for item in rejected}
            papers |= _with_records(rejected, matters, papers, facts, books, now)
            matters = _with_under_way(matters, {item.id: papers[item.id] for item in rejected})
            for item in rejected:
                rulings[item.id] = _ruling(item, matters[item.id], papers[item.id], now)
        results = {
            item.id: _decided(item, matters[item.id], papers[item.id], rulings[item.id], actor, now)
            for item in with_subscriber
        }
        create(outcome.decision for outcome in results.values() if outcome.decision)
        move_many(
            [item for item in complaints if item.state != "investigating"],
            "investigate",
            actor=actor,
            now=now,
            fields=_DECIDED,
        )
        update(with_subscriber, _DECIDED)
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
    refunded = given_back(charge for each in papers.values() for charge in _charges(each))
    own = unanswered(f"complaint:{ref}" for ref in papers) if refunded else {}
    minor_by_charge: dict[str, dict[str, int]] = {}
    for ref, each in papers.items():
        amounts = {
            charge: refunded.get(charge, 0)
            - own.get((f"complaint:{ref}", charge), 0)
            - refunded_minor
            for charge, refunded_minor in _charges(each).items()
        }
        minor_by_charge[ref] = {charge: minor for charge, minor in amounts.items() if minor > 0}
    return minor_by_charge


def _charges(papers: Dossier) -> dict[str, int]:
    """Charge → what was refunded of it, of the grounds of a dossier and of its record."""
    grounds = (*papers.grounds, *(papers.record.grounds if papers.record else ()))
    return {entry.charge: entry.refunded_minor for entry in grounds}


def _ruling(item: Complaint, matter: Matter, papers: Dossier, now: datetime) -> ProposedDecision:
    with span("decide", complaint=item.id) as mark:
        ruling = decide(
            papers,
            matter,
            on=day_in(item.jurisdiction, item.received_at),
            limits=operator_limits(item.jurisdiction, day_in(item.jurisdiction, now)),
            titles={
                code: (category.zh, category.en) for code, category in taxonomy().codes.items()
            },
        )
        mark({"verdict": ruling.verdict})
    return ruling


def _with_records(
    rejected: Sequence[Complaint],
    matters: Mapping[str, Matter],
    papers: Mapping[str, Dossier],
    facts: Mapping[str, Sequence[StoredFact]],
    coverage: Mapping[str, Sequence[Coverage]],
    now: datetime,
) -> dict[str, Dossier]:
    """The dossiers of complaints that a rule is about to reject, with all else on record."""
    requests = [_support_request(item, matters[item.id]) for item in rejected]
    supports_by_ref = supports(requests, now)
    refs = {item.id for item in rejected}
    for ref, complaint_supports in open_complaints(requests, rejected=refs, now=now).items():
        supports_by_ref.setdefault(ref, []).extend(complaint_supports)
    return {
        item.id: replace(
            papers[item.id],
            record=record(
                matters[item.id],
                facts[item.id],
                coverage[item.id],
                read=papers[item.id],
                on=day_in(item.jurisdiction, item.received_at),
                supports=supports_by_ref.get(item.id, ()),
            ),
        )
        for item in rejected
    }


def _support_request(item: Complaint, matter: Matter) -> SupportRequest:
    until = matter.period.end or item.received_at
    months = charge_months(matter.place, day_in(item.jurisdiction, item.received_at))
    return SupportRequest(
        complaint=item.id,
        subscriber=item.subscriber,
        area=item.area,
        since=from_ms(add_months(to_ms(item.received_at), -months, matter.zone)),
        until=until,
        classes=frozenset({item.code, item.code2, *(matter.plausible or ())}),
    )


def _with_under_way(
    matters: Mapping[str, Matter], papers: Mapping[str, Dossier]
) -> dict[str, Matter]:
    """The matters, those of `papers` with what is being refunded of the charges in question."""
    amounts_by_ref = _under_way(papers)
    return {
        ref: replace(matter, under_way_minor=amounts_by_ref[ref])
        if ref in amounts_by_ref
        else matter
        for ref, matter in matters.items()
    }


def _decided(
    item: Complaint,
    matter: Matter,
    papers: Dossier,
    ruling: ProposedDecision,
    actor: Actor,
    now: datetime,
) -> Investigated:
    amount = ruling.amount
    suggested = _suggested(ruling)
    item.verdict = ruling.verdict
    item.amount_minor = amount.minor if amount else int(suggested.get("amount_minor", 0))
    item.currency = amount.currency if amount else str(suggested.get("currency", ""))
    item.product = product_of(papers, item.service, matter.named) or item.product
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
