"""Payments above the limit of one person: requested when proposed, approved by somebody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import overtake
from amends.work.approvals.actions.second_person import request_for
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import approvals_on
from amends.work.remedies.models import Remedy, RemedyKind, RemedyState
from amends.work.remedies.rules.approval import approval_limits

PAY = "remedies.pay"
COUNTED = timedelta(days=30)
"""How long one person's credits to one subscriber count towards their limit."""


def is_large(remedy: Remedy, cause_minor: int, now: datetime) -> bool:
    """Whether the sum of a cause is above the amount that one person may pay."""
    limits = approval_limits(remedy.currency, timezone.localdate(now))
    return 0 < limits.two_people_above_minor < cause_minor


def sums_of_causes(causes: Collection[str]) -> dict[str, int]:
    """Cause → minor units of all its remedies that apply."""
    rows = (
        Remedy.objects.filter(cause__in=causes)
        .exclude(state__in=(RemedyState.REJECTED, RemedyState.FAILED))
        .order_by("cause")
        .values_list("cause")
        .annotate(minor=Sum("amount_minor"))
    )
    return dict(rows)


def credited_elsewhere(
    remedies: Sequence[Remedy], *, actor: Actor, now: datetime
) -> dict[str, int]:
    """Credit → minor units of the actor's credits to its subscriber for other complaints.

    Refunds are bounded by their charges; the amount of a credit is only a person's decision. The
    credits of the last 30 days count, and the others of `remedies`, so that nobody divides an
    amount above their limit among several complaints. A rule (`system`) is not counted. Another
    approval of credits to these subscribers waits until the transaction ends.
    """
    credits = [
        remedy for remedy in remedies if remedy.kind == RemedyKind.CREDIT and remedy.subscriber
    ]
    if actor.kind == "system" or not credits:
        return {}
    advisory_lock("credits", {credit.subscriber for credit in credits})
    earlier = Remedy.objects.filter(
        kind=RemedyKind.CREDIT,
        subscriber__in={credit.subscriber for credit in credits},
        approved_by=actor.ref,
        proposed_at__gt=now - COUNTED,
    ).exclude(state__in=(RemedyState.REJECTED, RemedyState.FAILED))
    counted = {credit.id: credit for credit in (*earlier, *credits)}.values()
    return {
        credit.id: sum(
            other_credit.amount_minor
            for other_credit in counted
            if other_credit.subscriber == credit.subscriber
            and other_credit.cause != credit.cause
            and other_credit.currency == credit.currency
        )
        for credit in credits
    }


def payment_terms(remedies: Sequence[Remedy], amount_minor: int) -> dict[str, Any]:
    """Subject, reason, payload and brands of the request to pay the remedies of one cause."""
    first = remedies[0]
    app, _colon, ref = first.cause.partition(":")
    return {
        "subject": Subject(
            kind="payment",
            key=first.cause,
            title=first.cause,
            path=f"/desk/complaints/{ref}/" if app == "complaint" else "/desk/remedies/",
        ),
        "reason": f"{len(remedies)} × {first.kind} ({first.rule or first.cause})",
        "payload": {
            "remedies": sorted(remedy.id for remedy in remedies),
            "amount_minor": amount_minor,
            "currency": first.currency,
        },
        "brands": sorted({remedy.brand for remedy in remedies} - {""}),
    }


def request_large(remedies: Sequence[Remedy], *, now: datetime) -> None:
    """Request the approval of proposed remedies whose cause is above the limit of one person."""
    by_cause: dict[str, list[Remedy]] = {}
    for remedy in remedies:
        if remedy.state == RemedyState.PROPOSED:
            by_cause.setdefault(remedy.cause, []).append(remedy)
    large = {
        cause: rows
        for cause, rows in by_cause.items()
        if is_large(rows[0], sum(row.amount_minor for row in rows), now)
    }
    if not large:
        return
    sums = sums_of_causes(large)
    for cause, rows in large.items():
        if not approvals_on("payment", cause):
            request_for(
                PAY,
                prepared_by=sorted({row.proposed_by for row in rows}),
                now=now,
                **payment_terms(rows, sums[cause]),
            )


def overtake_payments(causes: Collection[str], *, actor: Actor, now: datetime) -> None:
    """End the requests to pay causes of which a remedy was rejected."""
    for cause in causes:
        overtake("payment", cause, actor=actor, now=now)
