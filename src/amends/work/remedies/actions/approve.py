"""Approve or reject remedies, by amount and role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.platform.database.rows import update
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import format_money
from amends.platform.kit.texts import says_why
from amends.platform.registry import DecisionAct
from amends.platform.vault.redaction import redact_person
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.approvals.actions.second_person import approve_or_request
from amends.work.remedies.actions.large_payments import (
    PAY,
    credited_elsewhere,
    is_large,
    overtake_payments,
    payment_terms,
    request_large,
    sums_of_causes,
)
from amends.work.remedies.models import Remedy, RemedyState
from amends.work.remedies.queries import of_brand
from amends.work.remedies.rules.approval import approval_limits, may_approve


class UnableToApprove(Refused):
    """The amount or the state does not let this person approve."""

    code = "unable_to_approve"


_REASONS = {
    "no_role": (_("Your role approves no money."), _("Ask a senior handler or a manager.")),
    "above_limit": (_("The amount is above your limit."), _("Ask a senior handler or a manager.")),
    "above_limit_with_earlier": (
        _("With your other credits to this customer in the last 30 days it is above your limit."),
        _("Ask a colleague with a higher limit."),
    ),
    "second_person": (_("You proposed this yourself."), _("Ask a colleague to approve it.")),
}


_FOR_MANY = ("affected:",)
"""Beginnings of causes of proposals that one person makes for many people at once.

The limits hold for one person's sum, so another colleague approves these, whatever the amount.
"""


def approve(remedy_ids: Sequence[str], *, actor: Actor, now: datetime) -> list[Remedy]:
    """Approve all of them or none; the limit applies to the sum of one cause.

    A cause above the limit of one person is approved through `amends.work.approvals`: never by
    whoever proposed it. Each is stated as granted: a `RemedyGranted` fact.
    """
    with transaction.atomic():
        remedies = _lock(remedy_ids, brand=actor.brand)
        sums_by_cause = sums_of_causes({remedy.cause for remedy in remedies})
        credited = credited_elsewhere(remedies, actor=actor, now=now)
        for remedy in remedies:
            refusal = _refusal(
                remedy,
                sums_by_cause[remedy.cause],
                elsewhere=credited.get(remedy.id, 0),
                actor=actor,
                now=now,
            )
            if refusal:
                what, next_step = _REASONS[refusal]
                raise UnableToApprove(what, meaning=_("Nothing was approved."), next_step=next_step)
        large = [
            proposed_remedy
            for proposed_remedy in remedies
            if is_large(proposed_remedy, sums_by_cause[proposed_remedy.cause], now)
        ]
        small = [proposed_remedy for proposed_remedy in remedies if proposed_remedy not in large]
        _grant(small, {remedy.id: actor.ref for remedy in small}, now, alone=True)
        for cause in dict.fromkeys(remedy.cause for remedy in large):
            _approve_payment(
                [proposed_remedy for proposed_remedy in large if proposed_remedy.cause == cause],
                sums_by_cause[cause],
                actor,
                now,
            )
        if not large:
            return remedies
        rows = {
            row.id: row
            for row in Remedy.objects.filter(
                id__in=[proposed_remedy.id for proposed_remedy in remedies]
            )
        }
        return [rows[remedy.id] for remedy in remedies]


def _approve_payment(
    remedies: Sequence[Remedy], amount_minor: int, actor: Actor, now: datetime
) -> None:
    approve_or_request(
        PAY,
        prepared_by=sorted({remedy.proposed_by for remedy in remedies}),
        actor=actor,
        now=now,
        **payment_terms(remedies, amount_minor),
    )


def perform_payment(act: DecisionAct) -> None:
    """Grant the remedies of an approved payment; a sum that changed since is refused."""
    remedies = _lock(act.payload["remedies"], brand=act.actor.brand)
    sums_by_cause = sums_of_causes({act.subject})
    if sums_by_cause.get(act.subject) != act.payload["amount_minor"]:
        raise UnableToApprove(
            _("The amount changed after this was requested."),
            meaning=_("Nothing was approved."),
            next_step=_("Load the list of remedies and approve the present amount."),
        )
    _grant(remedies, {remedy.id: act.actor.ref for remedy in remedies}, act.now)


def within_limit(act: DecisionAct, actor: Actor) -> bool:
    """Whether one of the actor's roles may approve the amount of a payment."""
    limits = approval_limits(act.payload["currency"], timezone.localdate(act.now))
    amount = act.payload["amount_minor"]
    return any(amount <= limits.limit_minor.get(role, -1) for role in actor.roles)


def payment_preview(act: DecisionAct) -> list[tuple[str, str]]:
    """The amount and the number of remedies of a payment."""
    amount = format_money(act.payload["amount_minor"], act.payload["currency"])
    return [
        (gettext("Amount"), amount),
        (gettext("Remedies"), str(len(act.payload["remedies"]))),
    ]


def agree(causes: Iterable[str], *, actor: Actor, now: datetime) -> None:
    """Approve beforehand what is offered, as far as the actor's limit goes.

    What is above it waits for somebody with a higher one once the user has taken it up.
    """
    with transaction.atomic():
        remedies = _offered(causes)
        sums_by_cause = sums_of_causes({remedy.cause for remedy in remedies})
        credited = credited_elsewhere(remedies, actor=actor, now=now)
        agreed = [
            remedy
            for remedy in remedies
            if not is_large(remedy, sums_by_cause[remedy.cause], now)
            and not _refusal(
                remedy,
                sums_by_cause[remedy.cause],
                elsewhere=credited.get(remedy.id, 0),
                actor=actor,
                now=now,
            )
        ]
        for remedy in agreed:
            remedy.approved_by = actor.ref
        update(agreed, ["approved_by"])


def take_up(causes: Iterable[str], *, now: datetime) -> None:
    """The user accepts what is offered: what was agreed is granted, the rest waits for approval."""
    with transaction.atomic():
        remedies = _offered(causes)
        agreed = {remedy.id: remedy.approved_by for remedy in remedies if remedy.approved_by}
        granted = [remedy for remedy in remedies if remedy.id in agreed]
        _grant(granted, agreed, now, alone=True)
        waiting = [remedy for remedy in remedies if remedy.id not in agreed]
        for remedy in waiting:
            remedy.state = RemedyState.PROPOSED
        update(waiting, ["state"])
        request_large(waiting, now=now)


def turn_away(causes: Iterable[str], *, actor: Actor, reason: str, now: datetime) -> None:
    """What is offered is not taken up, or replaced by something else; the charges are free again.

    What waits for approval is dropped too; what was granted stands.
    """
    with transaction.atomic():
        waiting = Remedy.objects.filter(
            cause__in=list(causes), state__in=(RemedyState.OFFERED, RemedyState.PROPOSED)
        )
        ids = list(waiting.order_by("id").values_list("id", flat=True))
        if ids:
            reject(ids, actor=actor, reason=reason, now=now)


def _offered(causes: Iterable[str]) -> list[Remedy]:
    rows = Remedy.objects.select_for_update().filter(
        cause__in=list(causes), state=RemedyState.OFFERED
    )
    return list(rows.order_by("id"))


def _grant(
    remedies: Sequence[Remedy], by: Mapping[str, str], now: datetime, *, alone: bool = False
) -> None:
    """These are approved, by whom `by` names for each; a fact says so.

    alone  by one person or a rule within the limits, whose version is recorded
    """
    for remedy in remedies:
        if alone:
            rules = approval_limits(remedy.currency, timezone.localdate(now)).rules
            remedy.approval_rule = rules
        remedy.state = RemedyState.APPROVED
        remedy.approved_at = now
        remedy.approved_by = by[remedy.id]
    update(remedies, ["state", "approved_at", "approved_by", "approval_rule"])
    append([_granted(remedy, now) for remedy in remedies], now=now)


def _granted(remedy: Remedy, now: datetime) -> Fact:
    payload: dict[str, str | int] = {
        "remedy": remedy.id,
        "remedy_kind": remedy.kind,
        "amount_minor": remedy.amount_minor,
        "currency": remedy.currency,
    }
    app, _, ref = remedy.cause.partition(":")
    if app == "complaint":
        payload["complaint"] = ref
    elif remedy.rule:
        payload["rule"] = remedy.rule
    if remedy.balance_id:
        payload["charge"] = remedy.balance_id
    return Fact(
        kind="RemedyGranted",
        subscriber=remedy.subscriber,
        subject=ref,
        happened_at=now,
        source="desk",
        payload=payload,
    )


def reject(remedy_ids: Sequence[str], *, actor: Actor, reason: str, now: datetime) -> None:
    """Reject proposals that are not yet exported; the charge is free again."""
    if not says_why(reason):
        raise UnableToApprove(
            _("A rejection needs a reason."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Say why, in a few words: at least six letters or three Chinese characters."
            ),
        )
    with transaction.atomic():
        remedies = _lock(remedy_ids, states=_NOT_EXPORTED, brand=actor.brand)
        for remedy in remedies:
            remedy.state = RemedyState.REJECTED
            remedy.rejected_reason = redact_person(reason.strip())
            remedy.approved_by = actor.ref
            remedy.approved_at = now
        update(remedies, ["state", "rejected_reason", "approved_by", "approved_at"])
        overtake_payments({remedy.cause for remedy in remedies}, actor=actor, now=now)


_NOT_EXPORTED = (RemedyState.OFFERED, RemedyState.PROPOSED, RemedyState.APPROVED)


def _lock(
    remedy_ids: Sequence[str], states: Sequence[str] = (RemedyState.PROPOSED,), *, brand: str = ""
) -> list[Remedy]:
    """The remedies, locked; of another brand than the actor's none is there."""
    remedies = list(
        of_brand(brand, Remedy.objects.select_for_update())
        .filter(id__in=set(remedy_ids))
        .order_by("id")
    )
    if any(remedy.state == RemedyState.OFFERED for remedy in remedies) and (
        RemedyState.OFFERED not in states
    ):
        raise UnableToApprove(
            _("The user was asked whether they take this, and has not answered yet."),
            meaning=_("Nothing was changed."),
            next_step=_("Wait for the answer; what is accepted is granted, or comes to this list."),
        )
    stale = [remedy for remedy in remedies if remedy.state not in states]
    if stale or len(remedies) != len(set(remedy_ids)):
        raise UnableToApprove(
            _("A remedy of this list is not waiting any more."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the list again."),
        )
    return remedies


def _refusal(
    remedy: Remedy, total_minor: int, *, elsewhere: int = 0, actor: Actor, now: datetime
) -> str:
    """The first reason why none of the actor's roles may approve, "" if one may.

    total_minor  minor units of the cause
    elsewhere    minor units of credits that the actor granted the subscriber for other causes
    """
    refusal = _refusal_of_sum(remedy, total_minor, actor=actor, now=now)
    if not refusal and elsewhere:
        in_all = _refusal_of_sum(remedy, total_minor + elsewhere, actor=actor, now=now)
        return "above_limit_with_earlier" if in_all else ""
    return refusal


def _refusal_of_sum(remedy: Remedy, total_minor: int, *, actor: Actor, now: datetime) -> str:
    if remedy.cause.startswith(_FOR_MANY) and remedy.proposed_by == actor.ref:
        return "second_person"
    limits = approval_limits(remedy.currency, timezone.localdate(now))
    roles = ("system",) if actor.kind == "system" else tuple(actor.roles)
    refusals = [
        may_approve(
            amount_minor=total_minor,
            role=role,
            proposed_by=remedy.proposed_by,
            approver=actor.ref,
            limits=limits,
        )
        for role in roles
    ] or ["no_role"]
    if "" in refusals:
        return ""
    ranked = ("second_person", "above_limit", "no_role")
    return next(reason for reason in ranked if reason in refusals)
