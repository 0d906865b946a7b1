"""Overrule: a person decides otherwise than the rules, or in their stead, with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.build_matter import matters_of
from amends.cases.complaints.actions.internal_reason import customer_reason, internal_reason
from amends.cases.complaints.models import Complaint, Decision, Event
from amends.cases.complaints.queries.status import newest_decisions
from amends.engines.decisions.clocks import pack_currency
from amends.engines.decisions.decide import PERSON, ProposedDecision, Reason, RemedyProposal
from amends.engines.decisions.evidence import Matter
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import format_money
from amends.platform.kit.money import Money

VERDICTS = ("upheld", "partly_upheld", "not_upheld")
_SHOWN = ("verdict", "amount_minor", "currency", "may_act_alone")


class UnableToOverrule(BadInput):
    """The reason, the verdict or the amount is missing or does not fit."""

    code = "unable_to_overrule"


class UnableToOverruleNow(Refused):
    """There is nothing to overrule in this state."""

    code = "unable_to_overrule_now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruling:
    """What a person decides on one complaint: a verdict, an amount in minor units, and why.

    reason         for colleagues: it stays at the desk
    customer_text  for the complainant, in their language: it is part of the letter
    seen           the decision that was read (its id), "" where there was none; None where nobody
                   can say
    """

    complaint: str
    verdict: str
    amount_minor: int
    currency: str
    reason: str
    customer_text: str
    seen: str | None = None


def overrule(
    ref: str,
    *,
    verdict: str,
    amount_minor: int,
    currency: str,
    reason: str,
    customer_text: str,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Decision:
    """Replace the proposed decision of a complaint under investigation; it is not settled yet.

    The remedies the rules found are kept as far as the new amount covers them, the rest is a
    credit. See `Overruling` for `reason` and `customer_text`.
    """
    overruling = Overruling(
        complaint=ref,
        verdict=verdict,
        amount_minor=amount_minor,
        currency=currency,
        reason=reason,
        customer_text=customer_text,
        seen=seen,
    )
    (decision,) = overrule_many([overruling], actor=actor, now=now)
    return decision


def overrule_many(
    overrulings: Iterable[Overruling], *, actor: Actor, now: datetime
) -> list[Decision]:
    """Overrule several, all or none; the decisions come in the order given. See `overrule`."""
    checked = [_checked(overruling) for overruling in overrulings]
    with transaction.atomic():
        refs = [overruling.complaint for overruling in checked]
        rows = Complaint.objects.select_for_update().filter(id__in=refs)
        complaints = {item.id: item for item in rows}
        if any(item.history for item in complaints.values()):
            raise UnableToOverruleNow(
                _("This complaint came in as history: it stays as the former desk left it."),
                meaning=_("Nothing was changed."),
                next_step=_("If it is not settled, take it down as a new complaint."),
            )
        if {item.state for item in complaints.values()} - {"investigating"} or (
            len(complaints) < len(refs)
        ):
            raise UnableToOverruleNow(
                _("Only a complaint under investigation can be decided."),
                next_step=_("Open it again, then decide."),
            )
        for checked_overruling in checked:
            refuse_money_for_nobody(
                complaints[checked_overruling.complaint], checked_overruling.amount_minor
            )
        before = newest_decisions(refs)
        _refuse_unread(checked, before)
        without = [item for ref, item in complaints.items() if ref not in before]
        matters = matters_of(without) if without else {}
        checked = [
            _in_currency(overruling, complaints[overruling.complaint]) for overruling in checked
        ]
        decisions = [
            _decision(
                complaints[overruling.complaint],
                before.get(overruling.complaint),
                overruling,
                matters.get(overruling.complaint),
                actor,
                now,
            )
            for overruling in checked
        ]
        create(decisions)
        update(complaints.values(), [*_SHOWN, "approval_role"])
        create(
            _event(overruling, before.get(overruling.complaint), actor, now)
            for overruling in checked
        )
    return decisions


def decide_by_hand(
    complaint: Complaint, overruling: Overruling, *, paid: bool, actor: Actor, now: datetime
) -> Decision:
    """Keep what a person decides on one complaint, which the caller has locked.

    paid  what was decided before was granted: the amount comes on top of it
    """
    overruling = _in_currency(_checked(overruling), complaint)
    refuse_money_for_nobody(complaint, overruling.amount_minor)
    before = newest_decisions([complaint.id]).get(complaint.id)
    matter = None if before else matters_of([complaint])[complaint.id]
    decision = _decision(complaint, before, overruling, matter, actor, now)
    if paid:
        decision.decision = _ruling(None, overruling).as_dict()
    create([decision])
    update([complaint], [*_SHOWN, "approval_role"])
    create([_event(overruling, before, actor, now)])
    return decision


def refuse_money_for_nobody(complaint: Complaint, amount_minor: int) -> None:
    """Money goes to a subscriber's account: without one, nothing is promised."""
    if amount_minor and not complaint.subscriber:
        raise UnableToOverruleNow(
            _("No subscriber is known, so no money can be paid."),
            meaning=_("Nothing was decided and nothing was promised."),
            next_step=_("Name the subscriber first, or decide without an amount."),
        )


def _refuse_unread(overrulings: Iterable[Overruling], before: Mapping[str, Decision]) -> None:
    """Nobody replaces a decision they have not read."""
    for overruling in overrulings:
        current = before.get(overruling.complaint)
        if overruling.seen is not None and overruling.seen != (current.id if current else ""):
            raise UnableToOverruleNow(
                _("It was decided otherwise since you opened it."),
                meaning=_("Nothing was decided."),
                next_step=_("Load the complaint again and read the current decision."),
            )


def _in_currency(overruling: Overruling, complaint: Complaint) -> Overruling:
    """Nothing granted is nothing in the complaint's own currency."""
    own = complaint.currency or pack_currency(complaint.jurisdiction)
    return overruling if overruling.currency else replace(overruling, currency=own)


def _decision(
    complaint: Complaint,
    before: Decision | None,
    overruling: Overruling,
    matter: Matter | None,
    actor: Actor,
    now: datetime,
) -> Decision:
    """The person's decision; the complaint shows it from now on."""
    complaint.verdict, complaint.amount_minor = overruling.verdict, overruling.amount_minor
    complaint.currency, complaint.may_act_alone = overruling.currency, False
    complaint.approval_role = ""
    return Decision(
        complaint=complaint,
        at=now,
        by=actor.ref,
        verdict=overruling.verdict,
        amount_minor=overruling.amount_minor,
        currency=overruling.currency,
        rule=before.rule if before else "",
        strength="person",
        alone=False,
        matter=before.matter if before else matter.as_dict() if matter else {},
        dossier=before.dossier if before else {},
        decision=_ruling(before, overruling).as_dict(),
        overrules=before,
        reason=overruling.reason,
        customer_text=overruling.customer_text,
    )


def _event(overruling: Overruling, before: Decision | None, actor: Actor, now: datetime) -> Event:
    return Event(
        complaint_id=overruling.complaint,
        at=now,
        verb="overruled",
        actor=actor.ref,
        reason=overruling.reason,
        details={"from": before.verdict if before else "", "to": overruling.verdict},
    )


def _checked(overruling: Overruling) -> Overruling:
    """The same with both texts as they are stored, or UnableToOverrule."""
    if overruling.verdict not in VERDICTS:
        raise UnableToOverrule(
            _("No verdict was chosen."),
            meaning=_("Nothing was decided."),
            next_step=_("Choose a verdict: upheld, upheld in part, or not upheld."),
        )
    reason = internal_reason(overruling.reason, UnableToOverrule)
    text = customer_reason(overruling.customer_text, UnableToOverrule)
    if overruling.amount_minor < 0 or (
        overruling.verdict == "not_upheld" and overruling.amount_minor
    ):
        raise UnableToOverrule(
            _("A complaint that is not upheld has no amount."),
            next_step=_("Leave the amount empty, or choose another verdict."),
        )
    if overruling.amount_minor and len(overruling.currency) != 3:
        raise UnableToOverrule(
            _("The amount has no currency."),
            next_step=_("Name it with three letters, such as CNY."),
        )
    return replace(overruling, reason=reason, customer_text=text)


def _ruling(before: Decision | None, overruling: Overruling) -> ProposedDecision:
    proposal = ProposedDecision.from_dict(before.decision) if before else None
    remedies = tuple(_remedies(proposal, overruling)) if overruling.verdict != "not_upheld" else ()
    shape = proposal or ProposedDecision(
        verdict=PERSON,
        amount=None,
        remedies=(),
        reasons=(),
        rule="",
        strength="person",
        why_person="",
        may_act_alone=False,
    )
    return replace(
        shape,
        verdict=overruling.verdict,  # type: ignore[arg-type]  # `_checked` has compared it
        amount=Money(overruling.amount_minor, overruling.currency),
        remedies=remedies,
        reasons=_reasons(proposal, overruling.verdict, overruling.customer_text),
        strength="person",
        why_person="",
        may_act_alone=False,
    )


def _reasons(
    proposed_decision: ProposedDecision | None, verdict: str, text: str
) -> tuple[Reason, ...]:
    """What the person says to the complainant first; what the rules found stays where it agrees."""
    agrees = proposed_decision is not None and proposed_decision.verdict in {verdict, PERSON}
    earlier_reasons = proposed_decision.reasons if proposed_decision is not None and agrees else ()
    return (Reason("", zh=text, en=text), *earlier_reasons)


def _remedies(
    proposed_decision: ProposedDecision | None, overruling: Overruling
) -> list[RemedyProposal]:
    kept_remedies: list[RemedyProposal] = []
    left = overruling.amount_minor
    known_remedies = _known_remedies(proposed_decision)
    for remedy in known_remedies:
        if remedy.amount_minor and remedy.currency != overruling.currency:
            continue
        part = min(left, remedy.amount_minor)
        if part or not remedy.amount_minor:
            kept_remedies.append(replace(remedy, amount_minor=part))
            left -= part
    if left:
        amount = format_money(left, overruling.currency)
        kept_remedies.append(
            RemedyProposal(
                kind="credit",
                amount_minor=left,
                currency=overruling.currency,
                charge="",
                zh=f"补偿{amount}",
                en=f"A credit of {amount}",
            )
        )
    return kept_remedies


def _known_remedies(proposed_decision: ProposedDecision | None) -> tuple[RemedyProposal, ...]:
    if proposed_decision is None:
        return ()
    if proposed_decision.remedies or proposed_decision.suggestion is None:
        return proposed_decision.remedies
    return proposed_decision.suggestion.remedies
