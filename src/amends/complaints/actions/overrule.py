"""Overrule: a person decides otherwise than the rules, or in their stead, with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from amends.access.actors import Actor
from amends.complaints.actions.matters import matters_of
from amends.complaints.models import Complaint, Decision, Event
from amends.complaints.rules.decide import PERSON, Reason, RemedyProposal
from amends.complaints.rules.decide import Decision as Ruling
from amends.kit.errors import BadInput, Refused
from amends.kit.money import Money

VERDICTS = ("upheld", "partly_upheld", "not_upheld")
MIN_REASON = 8


class UnableToOverrule(BadInput):
    """The reason, the verdict or the amount is missing or does not fit."""

    code = "unable_to_overrule"


class UnableToOverruleNow(Refused):
    """There is nothing to overrule in this state."""

    code = "unable_to_overrule_now"


def overrule(
    ref: str,
    *,
    verdict: str,
    amount_minor: int,
    currency: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Decision:
    """Replace the proposed decision of a complaint under investigation; it is not settled yet.

    The remedies the rules found are kept as far as the new amount covers them, the rest is a
    credit; the reason is shown to whoever reads the rule's record.
    """
    reason = reason.strip()
    _check(verdict, amount_minor, currency, reason)
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.state != "investigating":
            raise UnableToOverruleNow(
                "Only a complaint under investigation can be decided.",
                next_step="Open it again, then decide.",
            )
        before = complaint.decisions.order_by("-at", "-id").first()
        ruling = _ruling(before, verdict, amount_minor, currency, reason)
        decision = Decision.objects.create(
            complaint=complaint, at=now, by=actor.ref, verdict=verdict,
            amount_minor=amount_minor, currency=currency, rule=before.rule if before else "",
            strength="person", alone=False,
            matter=before.matter if before else matters_of([complaint])[ref].as_dict(),
            dossier=before.dossier if before else {},
            decision=ruling.as_dict(), overrules=before, reason=reason,
        )  # fmt: skip
        complaint.verdict, complaint.amount_minor = verdict, amount_minor
        complaint.currency, complaint.may_act_alone = currency, False
        complaint.save(update_fields=["verdict", "amount_minor", "currency", "may_act_alone"])
        Event.objects.create(
            complaint=complaint, at=now, verb="overruled", actor=actor.ref, reason=reason,
            details={"from": before.verdict if before else "", "to": verdict},
        )  # fmt: skip
    return decision


def _check(verdict: str, amount_minor: int, currency: str, reason: str) -> None:
    if verdict not in VERDICTS:
        raise UnableToOverrule("Choose a verdict: upheld, upheld in part, or not upheld.")
    if len(reason) < MIN_REASON:
        raise UnableToOverrule("Say why, in a sentence.", next_step="The reason stays on record.")
    if amount_minor < 0 or (verdict == "not_upheld" and amount_minor):
        raise UnableToOverrule("A complaint that is not upheld has no amount.")
    if amount_minor and len(currency) != 3:
        raise UnableToOverrule("The amount has no currency.")


def _ruling(
    before: Decision | None, verdict: str, amount_minor: int, currency: str, reason: str
) -> Ruling:
    found = Ruling.from_dict(before.decision) if before else None
    remedies = tuple(_remedies(found, amount_minor, currency, reason)) if amount_minor else ()
    shape = found or Ruling(
        verdict=PERSON, amount=None, remedies=(), reasons=(), rule="",
        strength="person", why_person="", may_act_alone=False,
    )  # fmt: skip
    return replace(
        shape,
        verdict=verdict,  # type: ignore[arg-type]
        amount=Money(amount_minor, currency or "CNY"),
        remedies=remedies,
        reasons=_reasons(found, verdict, reason),
        strength="person",
        why_person="",
        may_act_alone=False,
    )


def _reasons(found: Ruling | None, verdict: str, reason: str) -> tuple[Reason, ...]:
    """The person's reason first; what the rules found stays where it does not say the opposite."""
    agrees = found is not None and found.verdict in {verdict, PERSON}
    kept = found.reasons if found is not None and agrees else ()
    return (Reason("", zh=reason, en=reason), *kept)


def _remedies(
    found: Ruling | None, amount_minor: int, currency: str, reason: str
) -> list[RemedyProposal]:
    kept: list[RemedyProposal] = []
    left = amount_minor
    known = _known_remedies(found)
    for remedy in known:
        part = min(left, remedy.amount_minor)
        if part or not remedy.amount_minor:
            kept.append(replace(remedy, amount_minor=part))
            left -= part
    if left:
        kept.append(RemedyProposal("credit", left, currency, "", zh=reason, en=reason))
    return kept


def _known_remedies(found: Ruling | None) -> tuple[RemedyProposal, ...]:
    if found is None:
        return ()
    if found.remedies or found.suggestion is None:
        return found.remedies
    return found.suggestion.remedies
