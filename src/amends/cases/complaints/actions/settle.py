"""Settle: turn a decision into remedies, a reply and the next state; alone or by a person.

Upheld whole: it is granted at once. Upheld in part: it is proposed, and the user decides. Not
upheld: the user is informed why and what they can do next. A person may overrule with a reason.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, draft_many, refuse_gaps, send_many
from amends.cases.complaints.actions.investigate_again import investigate_again
from amends.cases.complaints.actions.letters import decided
from amends.cases.complaints.actions.move import move_many
from amends.cases.complaints.actions.overrule import refuse_money_for_nobody
from amends.cases.complaints.models import Complaint, Decision, Event, Reply
from amends.engines.decisions.decide import PERSON, ProposedDecision, RemedyProposal
from amends.platform.database.rows import update
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.casework.actions.follow_up import customers_answered
from amends.work.remedies.actions.approve import agree, approve, turn_away
from amends.work.remedies.actions.propose import Proposal, UnableToPropose, propose
from amends.work.remedies.queries import remedies_of

log = logging.getLogger("amends.cases.complaints")


class UnableToSettle(Refused):
    """There is no decision to act on, it is another than was read, or this actor may not."""

    code = "unable_to_settle"


@dataclass(frozen=True, slots=True)
class _Case:
    """`first`: no decision was made on the complaint before this one."""

    complaint: Complaint
    decision: Decision
    ruling: ProposedDecision
    first: bool = True

    @property
    def cause(self) -> str:
        return f"complaint:{self.complaint.id}"


def settle_alone(refs: Iterable[str], *, now: datetime) -> list[str]:
    """Act on the decisions that rules may make alone; returns the complaints acted on.

    One that is refused (its charge is being refunded to another complaint) is left to a person,
    with the reason; the others are settled all the same. Reasons are kept as the catalogues know
    them and read in each reader's language.
    """
    wanted = list(refs)
    try:
        with transaction.atomic():
            cases = [case for case in _cases(wanted) if case.decision.alone]
            _settle(cases, actor=system("decide"), now=now, texts_by_ref={})
            return [case.complaint.id for case in cases]
    except UnableToPropose as refusal:
        too_much = {cause.removeprefix("complaint:") for cause in refusal.causes}
        if too_much:
            for ref in too_much:
                _leave_to_person(ref, refusal.what, now)
                _propose_the_rest(ref, now)
            return settle_alone([ref for ref in wanted if ref not in too_much], now=now)
        why = refusal.what
    except Refused as refusal:
        why = refusal.what
    if len(wanted) == 1:
        _leave_to_person(wanted[0], why, now)
        return []
    half = len(wanted) // 2
    return settle_alone(wanted[:half], now=now) + settle_alone(wanted[half:], now=now)


def _leave_to_person(ref: str, reason: str, now: datetime) -> None:
    with transaction.atomic():
        Complaint.objects.filter(id=ref).update(may_act_alone=False)
        Decision.objects.filter(complaint=ref, alone=True).update(alone=False)
        Event.objects.create(
            complaint_id=ref, at=now, verb="left_to_person", actor="decide", reason=reason
        )


def _propose_the_rest(ref: str, now: datetime) -> None:
    """Decide again with what is left of the charge; where that is refused, a person sees it."""
    try:
        investigate_again(ref, actor=system("decide"), now=now, verb="records_came")
    except Refused:
        log.warning("A complaint could not be decided again after its charge was refunded.")


def settle(
    ref: str,
    *,
    actor: Actor,
    now: datetime,
    body: str = "",
    subject: str = "",
    seen: str | None = None,
) -> None:
    """A person approves the current decision; `body` replaces the drafted reply.

    seen  the decision the person read (its id); None where nobody can say
    """
    read = None if seen is None else {ref: seen}
    with transaction.atomic():
        if not settle_many(
            [ref], actor=actor, now=now, texts_by_ref={ref: (subject, body)}, seen=read
        ):
            raise UnableToSettle(
                _("There is no decision to act on."), next_step=_("Let it be investigated first.")
            )


def settle_many(
    refs: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
    texts_by_ref: Mapping[str, tuple[str, str]] | None = None,
    seen: Mapping[str, str] | None = None,
) -> list[str]:
    """A person approves several decisions as they stand, all or none; returns the complaints.

    Complaints without a decision, or not under investigation any more, are passed over.

    seen  complaint → the decision that was read, and whose words leave: another made since then
          is not approved by it
    """
    with transaction.atomic():
        cases = _cases(refs)
        for case in cases:
            _check(case, (seen or {}).get(case.complaint.id, case.decision.id))
        edited = {ref: text for ref, text in (texts_by_ref or {}).items() if text[1]}
        _settle(cases, actor=actor, now=now, texts_by_ref=edited)
        return [case.complaint.id for case in cases]


def _check(case: _Case, seen: str) -> None:
    if case.decision.id != seen:
        raise UnableToSettle(
            _("It was decided otherwise since you opened it."),
            meaning=_("Nothing was approved and nothing was sent."),
            next_step=_("Load the complaint again and read the current decision."),
        )
    if case.decision.verdict == PERSON:
        raise UnableToSettle(
            _("The rules leave this one to you."),
            meaning=_("Nothing was decided."),
            next_step=_("Decide: choose a verdict and an amount, and say why."),
        )


def _cases(refs: Iterable[str]) -> list[_Case]:
    """Those under investigation with a decision; one made for another class does not count."""
    complaints = (
        Complaint.objects.select_for_update()
        .filter(id__in=list(refs), state="investigating")
        .exclude(verdict="")
    )
    by_id = {item.id: item for item in complaints.order_by("received_at", "id")}
    newest: dict[str, Decision] = {}
    earlier: set[str] = set()
    for decision in Decision.objects.filter(complaint__in=by_id).order_by("at", "id"):
        ref = decision.complaint_id
        if ref in newest:
            earlier.add(ref)
        decision.complaint = by_id[ref]
        newest[ref] = decision
    return [
        _Case(
            complaint=item,
            decision=newest[ref],
            ruling=ProposedDecision.from_dict(newest[ref].decision),
            first=ref not in earlier,
        )
        for ref, item in by_id.items()
        if ref in newest
    ]


def grant_ordered(complaint: Complaint, decision: Decision, *, actor: Actor, now: datetime) -> None:
    """Carry a decision out that somebody above the desk has made; the complaint is locked."""
    case = _Case(complaint, decision, ProposedDecision.from_dict(decision.decision), first=False)
    _settle([case], actor=actor, now=now, texts_by_ref={}, verb="order_remedy")


def _settle(
    cases: Sequence[_Case],
    *,
    actor: Actor,
    now: datetime,
    texts_by_ref: Mapping[str, tuple[str, str]],
    verb: str = "",
) -> None:
    """`verb`: the move to make, where the verdict does not say it."""
    for case in cases:
        case.decision.decided_by = case.decision.decided_with(actor.ref)
        case.decision.approved_by = actor.ref
    update([case.decision for case in cases], ["decided_by", "approved_by"])
    append([_decided(case, actor, now) for case in cases], now=now)
    _remedy(cases, actor, now)
    replies = draft_many([_draft(case, now) for case in cases], actor=actor, now=now)
    _edit(replies, texts_by_ref)
    send_many(replies, actor=actor, now=now)
    customers_answered("complaint", [case.complaint.id for case in cases], by=actor.ref, now=now)
    moves = {verb: list(cases)} if verb else _by_verb(cases)
    for move_verb, cases_to_move in moves.items():
        move_many([case.complaint for case in cases_to_move], move_verb, actor=actor, now=now)


def _by_verb(cases: Sequence[_Case]) -> dict[str, list[_Case]]:
    sorted_: dict[str, list[_Case]] = {}
    verbs = {"upheld": "grant", "partly_upheld": "propose", "not_upheld": "not_uphold"}
    for case in cases:
        sorted_.setdefault(verbs[case.decision.verdict], []).append(case)
    return sorted_


def _remedy(cases: Sequence[_Case], actor: Actor, now: datetime) -> None:
    """Grant what is upheld whole; offer what is upheld in part, agreed as far as a limit goes."""
    for case in cases:
        for remedy in case.ruling.remedies:
            refuse_money_for_nobody(case.complaint, remedy.amount_minor)
    decided_before = _withdraw_earlier(cases, actor, now)
    proposals = [
        _proposal(case, remedy, is_repeat=case.cause in decided_before)
        for case in cases
        for remedy in case.ruling.remedies
    ]
    proposed = propose(proposals, by=actor.ref, now=now)
    granted = {case.cause for case in cases if case.decision.verdict == "upheld"}
    fresh = {remedy.id for remedy in proposed if remedy.cause in granted}
    waiting = [
        remedy.id
        for remedies in remedies_of(granted).values()
        for remedy in remedies
        if remedy.id in fresh and remedy.state == "proposed"
    ]
    approve(waiting, actor=actor, now=now)
    agree([case.cause for case in cases if case.cause not in granted], actor=actor, now=now)


def _withdraw_earlier(cases: Sequence[_Case], actor: Actor, now: datetime) -> set[str]:
    """What an earlier decision proposed and nobody granted is replaced; the causes with any."""
    replaced_causes = [case.cause for case in cases if not case.first]
    if not replaced_causes:
        return set()
    turn_away(replaced_causes, actor=actor, reason="Replaced by a new decision.", now=now)
    return set(remedies_of(replaced_causes))


def _proposal(case: _Case, remedy: RemedyProposal, *, is_repeat: bool) -> Proposal:
    return Proposal(
        cause=case.cause,
        kind=remedy.kind,
        subscriber=case.complaint.subscriber,
        service=remedy.service,
        brand=case.complaint.brand,
        charge=remedy.charge,
        charge_minor=remedy.charge_minor,
        refunded_elsewhere_minor=remedy.refunded_minor,
        amount_minor=remedy.amount_minor,
        currency=remedy.currency,
        reason_zh=remedy.zh,
        reason_en=remedy.en,
        rule=case.ruling.rule,
        by=case.decision.by,
        anew=case.decision.id if is_repeat else "",
        offered=case.decision.verdict == "partly_upheld",
    )


def _draft(case: _Case, now: datetime) -> ReplyDraft:
    kind, fields = decided(case.complaint, case.decision, case.ruling, now=now)
    return ReplyDraft(case.complaint, kind, fields)


def _edit(replies: Sequence[Reply], texts_by_ref: Mapping[str, tuple[str, str]]) -> None:
    edited = [reply for reply in replies if reply.complaint_id in texts_by_ref]
    for reply in edited:
        subject, body = texts_by_ref[reply.complaint_id]
        refuse_gaps(subject, body)
        reply.subject, reply.body = subject or reply.subject, body
    update(edited, ["subject_sealed", "body_sealed"])


def _decided(case: _Case, actor: Actor, now: datetime) -> Fact:
    decision = case.decision
    payload: dict[str, str | int] = {
        "complaint": case.complaint.id,
        "verdict": decision.verdict,
        "rule": decision.rule,
        "by": actor.ref,
        "amount_minor": decision.amount_minor,
        "currency": decision.currency,
    }
    if decision.overrules_id:
        payload["overrules"] = decision.overrules_id
    return Fact(
        kind="DecisionMade",
        subscriber=case.complaint.subscriber,
        subject=case.complaint.id,
        happened_at=now,
        source="desk",
        payload=payload,
    )
