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
    said = Overruling(
        complaint=ref,
        verdict=verdict,
        amount_minor=amount_minor,
        currency=currency,
        reason=reason,
        customer_text=customer_text,
        seen=seen,
    )
    (decision,) = overrule_many([said], actor=actor, now=now)
    return decision


def overrule_many(
    overrulings: Iterable[Overruling], *, actor: Actor, now: datetime
) -> list[Decision]:
    """Overrule several, all or none; the decisions come in the order given. See `overrule`."""
    said = [_checked(overruling) for overruling in overrulings]
    with transaction.atomic():
        refs = [one.complaint for one in said]
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
        for one in said:
            refuse_money_for_nobody(complaints[one.complaint], one.amount_minor)
        before = newest_decisions(refs)
        _refuse_unread(said, before)
        without = [item for ref, item in complaints.items() if ref not in before]
        matters = matters_of(without) if without else {}
        said = [_in_currency(one, complaints[one.complaint]) for one in said]
        decisions = [
            _decision(
                complaints[one.complaint],
                before.get(one.complaint),
                one,
                matters.get(one.complaint),
                actor,
                now,
            )
            for one in said
        ]
        create(decisions)
        update(complaints.values(), [*_SHOWN, "approval_role"])
        create(_event(one, before.get(one.complaint), actor, now) for one in said)
    return decisions


def decide_by_hand(
    complaint: Complaint, said: Overruling, *, paid: bool, actor: Actor, now: datetime
) -> Decision:
    """Keep what a person decides on one complaint, which the caller has locked.

    paid  what was decided before was granted: the amount comes on top of it
    """
    said = _in_currency(_checked(said), complaint)
    refuse_money_for_nobody(complaint, said.amount_minor)
    before = newest_decisions([complaint.id]).get(complaint.id)
    matter = None if before else matters_of([complaint])[complaint.id]
    decision = _decision(complaint, before, said, matter, actor, now)
    if paid:
        decision.decision = _ruling(None, said).as_dict()
    create([decision])
    update([complaint], [*_SHOWN, "approval_role"])
    create([_event(said, before, actor, now)])
    return decision


def refuse_money_for_nobody(complaint: Complaint, amount_minor: int) -> None:
    """Money goes to a subscriber's account: without one, nothing is promised."""
    if amount_minor and not complaint.subscriber:
        raise UnableToOverruleNow(
            _("No subscriber is known, so no money can be paid."),
            meaning=_("Nothing was decided and nothing was promised."),
            next_step=_("Name the subscriber first, or decide without an amount."),
        )


def _refuse_unread(said: Iterable[Overruling], before: Mapping[str, Decision]) -> None:
    """Nobody replaces a decision they have not read."""
    for one in said:
        current = before.get(one.complaint)
        if one.seen is not None and one.seen != (current.id if current else ""):
            raise UnableToOverruleNow(
                _("It was decided otherwise since you opened it."),
                meaning=_("Nothing was decided."),
                next_step=_("Load the complaint again and read the current decision."),
            )


def _in_currency(said: Overruling, complaint: Complaint) -> Overruling:
    """Nothing granted is nothing in the complaint's own currency."""
    own = complaint.currency or pack_currency(complaint.jurisdiction)
    return said if said.currency else replace(said, currency=own)


def _decision(
    complaint: Complaint,
    before: Decision | None,
    said: Overruling,
    matter: Matter | None,
    actor: Actor,
    now: datetime,
) -> Decision:
    """The person's decision; the complaint shows it from now on."""
    complaint.verdict, complaint.amount_minor = said.verdict, said.amount_minor
    complaint.currency, complaint.may_act_alone = said.currency, False
    complaint.approval_role = ""
    return Decision(
        complaint=complaint,
        at=now,
        by=actor.ref,
        verdict=said.verdict,
        amount_minor=said.amount_minor,
        currency=said.currency,
        rule=before.rule if before else "",
        strength="person",
        alone=False,
        matter=before.matter if before else matter.as_dict() if matter else {},
        dossier=before.dossier if before else {},
        decision=_ruling(before, said).as_dict(),
        overrules=before,
        reason=said.reason,
        customer_text=said.customer_text,
    )


def _event(said: Overruling, before: Decision | None, actor: Actor, now: datetime) -> Event:
    return Event(
        complaint_id=said.complaint,
        at=now,
        verb="overruled",
        actor=actor.ref,
        reason=said.reason,
        details={"from": before.verdict if before else "", "to": said.verdict},
    )


def _checked(said: Overruling) -> Overruling:
    """The same with both texts as they are stored, or UnableToOverrule."""
    if said.verdict not in VERDICTS:
        raise UnableToOverrule(
            _("No verdict was chosen."),
            meaning=_("Nothing was decided."),
            next_step=_("Choose a verdict: upheld, upheld in part, or not upheld."),
        )
    reason = internal_reason(said.reason, UnableToOverrule)
    text = customer_reason(said.customer_text, UnableToOverrule)
    if said.amount_minor < 0 or (said.verdict == "not_upheld" and said.amount_minor):
        raise UnableToOverrule(
            _("A complaint that is not upheld has no amount."),
            next_step=_("Leave the amount empty, or choose another verdict."),
        )
    if said.amount_minor and len(said.currency) != 3:
        raise UnableToOverrule(
            _("The amount has no currency."),
            next_step=_("Name it with three letters, such as CNY."),
        )
    return replace(said, reason=reason, customer_text=text)


def _ruling(before: Decision | None, said: Overruling) -> ProposedDecision:
    found = ProposedDecision.from_dict(before.decision) if before else None
    remedies = tuple(_remedies(found, said)) if said.verdict != "not_upheld" else ()
    shape = found or ProposedDecision(
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
        verdict=said.verdict,  # type: ignore[arg-type]
        amount=Money(said.amount_minor, said.currency),
        remedies=remedies,
        reasons=_reasons(found, said.verdict, said.customer_text),
        strength="person",
        why_person="",
        may_act_alone=False,
    )


def _reasons(found: ProposedDecision | None, verdict: str, text: str) -> tuple[Reason, ...]:
    """What the person says to the complainant first; what the rules found stays where it agrees."""
    agrees = found is not None and found.verdict in {verdict, PERSON}
    kept = found.reasons if found is not None and agrees else ()
    return (Reason("", zh=text, en=text), *kept)


def _remedies(found: ProposedDecision | None, said: Overruling) -> list[RemedyProposal]:
    kept: list[RemedyProposal] = []
    left = said.amount_minor
    known = _known_remedies(found)
    for remedy in known:
        if remedy.amount_minor and remedy.currency != said.currency:
            continue
        part = min(left, remedy.amount_minor)
        if part or not remedy.amount_minor:
            kept.append(replace(remedy, amount_minor=part))
            left -= part
    if left:
        amount = format_money(left, said.currency)
        kept.append(
            RemedyProposal(
                kind="credit",
                amount_minor=left,
                currency=said.currency,
                charge="",
                zh=f"补偿{amount}",
                en=f"A credit of {amount}",
            )
        )
    return kept


def _known_remedies(found: ProposedDecision | None) -> tuple[RemedyProposal, ...]:
    if found is None:
        return ()
    if found.remedies or found.suggestion is None:
        return found.remedies
    return found.suggestion.remedies
