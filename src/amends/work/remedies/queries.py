"""Questions other apps may ask about remedies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Expression, QuerySet, Sum
from django.db.models.expressions import Combinable

from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.work.remedies.models import ChargeBalance, Remedy, RemedyState
from amends.work.remedies.rules.approval import approval_limits, currencies, payment_days

_OF_CAUSES = PreparedQueryForKeys(
    lambda causes: Remedy.objects.filter(cause__in=causes).order_by("proposed_at", "id")
)


@dataclass(frozen=True, slots=True)
class RemedyView:
    """A remedy as other apps see it."""

    id: str
    cause: str
    kind: str
    charge: str
    service: str
    amount_minor: int
    currency: str
    state: str
    reason_zh: str
    reason_en: str
    rule: str
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None
    approved_by: str
    acknowledged_at: datetime | None


def _view(remedy: Remedy) -> RemedyView:
    return RemedyView(
        id=remedy.id,
        cause=remedy.cause,
        kind=remedy.kind,
        charge=remedy.balance_id or "",
        service=remedy.service,
        amount_minor=remedy.amount_minor,
        currency=remedy.currency,
        state=remedy.state,
        reason_zh=remedy.reason_zh,
        reason_en=remedy.reason_en,
        rule=remedy.rule,
        proposed_at=remedy.proposed_at,
        proposed_by=remedy.proposed_by,
        approved_at=remedy.approved_at,
        approved_by=remedy.approved_by,
        acknowledged_at=remedy.acknowledged_at,
    )


def remedies_of(causes: Iterable[str]) -> dict[str, list[RemedyView]]:
    """The remedies of each cause, oldest first."""
    remedies_by_cause: dict[str, list[RemedyView]] = {}
    for remedy in _OF_CAUSES.rows(list(causes)):
        remedies_by_cause.setdefault(remedy.cause, []).append(_view(remedy))
    return remedies_by_cause


def waiting(*, limit: int = 100) -> list[RemedyView]:
    """Proposals that wait for approval, oldest first."""
    rows = Remedy.objects.filter(state=RemedyState.PROPOSED).order_by("proposed_at", "id")[:limit]
    return [_view(remedy) for remedy in rows]


def listed(state: str, *, limit: int = 100, brand: str = "") -> list[RemedyView]:
    """Remedies in one state: those that still wait oldest first, what is settled newest first.

    brand   the brand an actor is confined to, "" for every brand
    """
    waits = state in (RemedyState.OFFERED, RemedyState.PROPOSED, RemedyState.APPROVED)
    order = ("proposed_at", "id") if waits else ("-proposed_at", "-id")
    rows = of_brand(brand).filter(state=state).order_by(*order)[:limit]
    return [_view(remedy) for remedy in rows]


def of_brand(brand: str, rows: QuerySet[Remedy] | None = None) -> QuerySet[Remedy]:
    """The remedies an actor or client confined to a brand may meet; "" for every brand."""
    rows = Remedy.objects.all() if rows is None else rows
    return rows.filter(brand=brand) if brand else rows


def causes_under_way(causes: Iterable[str]) -> set[str]:
    """Those of the causes with a remedy that is still to be approved, booked or answered."""
    active_causes: set[str] = set()
    for part in slices(list(dict.fromkeys(causes))):
        rows = Remedy.objects.filter(cause__in=part, state__in=_UNFINISHED)
        active_causes.update(rows.order_by().values_list("cause", flat=True))
    return active_causes


def unfinished(cause: Expression | Combinable) -> QuerySet[Remedy]:
    """For `Exists`: what of a cause, named by an expression, is still to be approved, booked or
    answered.
    """
    return Remedy.objects.order_by().filter(cause=cause, state__in=_UNFINISHED)


_UNFINISHED = (
    RemedyState.OFFERED,
    RemedyState.PROPOSED,
    RemedyState.APPROVED,
    RemedyState.EXPORTED,
)


def given_back(charges: Iterable[str]) -> dict[str, int]:
    """Charge → minor units given back or proposed so far; one never touched here is absent."""
    minor_by_charge: dict[str, int] = {}
    wanted = list(dict.fromkeys(charges))
    for part in slices(wanted):
        rows = ChargeBalance.objects.filter(charge__in=part)
        for charge, here, elsewhere in rows.values_list(
            "charge", "refunded_minor", "refunded_elsewhere_minor"
        ):
            minor_by_charge[charge] = here + elsewhere
    return minor_by_charge


def unanswered(causes: Iterable[str]) -> dict[tuple[str, str], int]:
    """Cause and charge → minor units proposed or offered, which a new decision replaces."""
    minor_by_cause_charge: dict[tuple[str, str], int] = {}
    for part in slices(list(causes)):
        rows = Remedy.objects.filter(
            cause__in=part, state__in=(RemedyState.OFFERED, RemedyState.PROPOSED)
        ).exclude(balance=None)
        for cause, charge, minor in rows.values_list("cause", "balance_id", "amount_minor"):
            minor_by_cause_charge[cause, charge] = (
                minor_by_cause_charge.get((cause, charge), 0) + minor
            )
    return minor_by_cause_charge


def refunds_of(causes: Iterable[str], charges: Iterable[str]) -> list[RemedyView]:
    """What other causes than these give back or have given back of the charges, newest first."""
    rows = Remedy.objects.filter(balance__in=list(charges)).exclude(cause__in=list(causes))
    rows = rows.exclude(state__in=(RemedyState.REJECTED, RemedyState.FAILED))
    return [_view(remedy) for remedy in rows.order_by("-proposed_at", "-id")]


@dataclass(frozen=True, slots=True)
class Granted:
    """A remedy somebody approved, with whose it is (a pseudonym)."""

    id: str
    cause: str
    subscriber: str
    amount_minor: int
    currency: str
    reason_zh: str
    reason_en: str
    rule: str


def granted(app: str, *, since: datetime, limit: int = 5_000) -> list[Granted]:
    """What was approved since a moment of the causes of an app (`notice`), oldest first."""
    rows = Remedy.objects.filter(
        cause__startswith=f"{app}:", approved_at__gte=since, state__in=_STANDS
    ).order_by("approved_at", "id")[:limit]
    return [
        Granted(
            id=row.id,
            cause=row.cause,
            subscriber=row.subscriber,
            amount_minor=row.amount_minor,
            currency=row.currency,
            reason_zh=row.reason_zh,
            reason_en=row.reason_en,
            rule=row.rule,
        )
        for row in rows
    ]


_STANDS = (RemedyState.APPROVED, RemedyState.EXPORTED, RemedyState.ACKNOWLEDGED)


def paid_by_cause(*, since: datetime) -> dict[str, int]:
    """Cause → what billing has acknowledged, in minor units, of remedies proposed since then."""
    rows = Remedy.objects.filter(
        state=RemedyState.ACKNOWLEDGED, proposed_at__gte=since, amount_minor__gt=0
    )
    return dict(rows.order_by().values_list("cause").annotate(minor=Sum("amount_minor")))


def paid_for(causes: Sequence[str]) -> dict[str, int]:
    """Cause → what billing has acknowledged for it, in minor units; of these causes alone."""
    minor_by_cause: dict[str, int] = {}
    for part in slices(causes):
        rows = Remedy.objects.filter(
            state=RemedyState.ACKNOWLEDGED,
            cause__in=part,
            amount_minor__gt=0,
        )
        minor_by_cause.update(
            rows.order_by().values_list("cause").annotate(minor=Sum("amount_minor"))
        )
    return minor_by_cause


def acknowledged_since(moment: datetime) -> list[str]:
    """Causes of remedies that billing has acknowledged since then."""
    rows = Remedy.objects.filter(acknowledged_at__gte=moment).order_by().values_list("cause")
    return [cause for (cause,) in rows.distinct()]


def totals(*, brand: str = "") -> dict[str, tuple[int, int]]:
    """State → (number, sum in minor units) over all remedies (of a brand)."""
    rows = (
        of_brand(brand)
        .order_by("state")
        .values_list("state")
        .annotate(number=Count("id"), minor=Sum("amount_minor"))
    )
    return {state: (number, minor or 0) for state, number, minor in rows}


def system_limits(on: date) -> dict[str, int]:
    """Currency → the largest amount, in minor units, that a rule may grant alone."""
    return {
        currency: limits.limit_minor["system"]
        for currency in currencies(on)
        if "system" in (limits := approval_limits(currency, on)).limit_minor
    }


def paid_within(on: date) -> timedelta:
    """How long the operator promises to take until approved money is with the user."""
    return timedelta(days=payment_days(on))


# From the lowest limit to the highest: who is asked first.
_LADDER = ("handler", "senior_handler", "manager")


def may_approve_amount(roles: Iterable[str], amount_minor: int, currency: str, on: date) -> bool:
    """Whether the limit of any of the roles covers an amount; a deed costs nothing."""
    limits = approval_limits(currency, on).limit_minor
    return not amount_minor or any(amount_minor <= limits.get(role, -1) for role in roles)


def roles_for(amount_minor: int, currency: str, on: date) -> tuple[str, ...]:
    """The roles whose limit covers an amount, the lowest first."""
    limits = approval_limits(currency, on).limit_minor
    return tuple(role for role in _LADDER if amount_minor <= limits.get(role, -1))


@dataclass(frozen=True, slots=True)
class Approver:
    """Whose limit an amount needs; `role` is "" where it is above every limit.

    limit_below_minor  the limit of the role below, which the amount exceeds; None for the lowest
    """

    role: str
    limit_below_minor: int | None


def approver_of(amount_minor: int, currency: str, on: date) -> Approver:
    """The lowest role whose limit on a day covers an amount."""
    limits = approval_limits(currency, on).limit_minor
    below: int | None = None
    for role in _LADDER:
        if role in limits and amount_minor <= limits[role]:
            return Approver(role, below)
        below = limits.get(role, below)
    return Approver("", below)
