"""Approve or reject remedies, by amount and role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum

from amends.access.actors import Actor
from amends.database.rows import update
from amends.kit.errors import Refused
from amends.remedies.models import Remedy, RemedyState
from amends.remedies.rules.approval import approval_limits, may_approve
from amends.vault.unsaying import without_person


class UnableToApprove(Refused):
    """The amount or the state does not let this person approve."""

    code = "unable_to_approve"


_REASONS = {
    "no_role": ("Your role approves no money.", "Ask a senior handler or a manager."),
    "above_limit": ("The amount is above your limit.", "Ask a senior handler or a manager."),
    "second_person": ("You proposed this yourself.", "Ask a colleague to approve it."),
}


def approve(remedy_ids: Sequence[str], *, actor: Actor, now: datetime) -> list[Remedy]:
    """Approve all of them or none; the limit holds for the sum of one cause."""
    with transaction.atomic():
        remedies = _lock(remedy_ids, brand=actor.brand)
        whole = _sums({remedy.cause for remedy in remedies})
        for remedy in remedies:
            refusal = _refusal(remedy, whole[remedy.cause], actor=actor, now=now)
            if refusal:
                what, next_step = _REASONS[refusal]
                raise UnableToApprove(what, meaning="Nothing was approved.", next_step=next_step)
        for remedy in remedies:
            remedy.state = RemedyState.APPROVED
            remedy.approved_at = now
            remedy.approved_by = actor.ref
        update(remedies, ["state", "approved_at", "approved_by"])
        return remedies


def reject(remedy_ids: Sequence[str], *, actor: Actor, reason: str, now: datetime) -> None:
    """Reject proposals that are not yet exported; the charge is free again."""
    if not reason.strip():
        raise UnableToApprove("A rejection needs a reason.", next_step="Write why in a sentence.")
    with transaction.atomic():
        remedies = _lock(
            remedy_ids, states=(RemedyState.PROPOSED, RemedyState.APPROVED), brand=actor.brand
        )
        for remedy in remedies:
            remedy.state = RemedyState.REJECTED
            remedy.rejected_reason = without_person(reason.strip())
            remedy.approved_by = actor.ref
            remedy.approved_at = now
        update(remedies, ["state", "rejected_reason", "approved_by", "approved_at"])


def _lock(
    remedy_ids: Sequence[str], states: Sequence[str] = (RemedyState.PROPOSED,), *, brand: str = ""
) -> list[Remedy]:
    """The remedies, locked; of another brand than the actor's none is there."""
    remedies = list(
        _of(brand, Remedy.objects.select_for_update()).filter(id__in=set(remedy_ids)).order_by("id")
    )
    stale = [remedy for remedy in remedies if remedy.state not in states]
    if stale or len(remedies) != len(set(remedy_ids)):
        raise UnableToApprove(
            "A remedy of this list is not waiting any more.",
            meaning="Nothing was changed.",
            next_step="Load the list again.",
        )
    return remedies


def _of(brand: str, rows: QuerySet[Remedy]) -> QuerySet[Remedy]:
    return rows.filter(brand=brand) if brand else rows


def _sums(causes: set[str]) -> dict[str, int]:
    """Cause → minor units of all its remedies that stand."""
    rows = (
        Remedy.objects.filter(cause__in=causes)
        .exclude(state__in=(RemedyState.REJECTED, RemedyState.FAILED))
        .order_by("cause")
        .values_list("cause")
        .annotate(minor=Sum("amount_minor"))
    )
    return dict(rows)


def _refusal(remedy: Remedy, whole: int, *, actor: Actor, now: datetime) -> str:
    """The first reason why none of the actor's roles may approve, "" if one may."""
    limits = approval_limits(remedy.currency, now.date())
    roles = ("system",) if actor.kind == "system" else tuple(actor.roles)
    refusals = [
        may_approve(
            amount_minor=whole,
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
