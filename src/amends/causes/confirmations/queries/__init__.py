"""What other apps may ask: what runs for somebody, and whether a confirmation covers it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from amends.causes.confirmations.models import (
    Audit,
    AuditFinding,
    Challenge,
    Confirmation,
    Order,
    Presence,
    RunningService,
)
from amends.causes.confirmations.rules.answers import link_digest
from amends.people.subscribers.queries import services_of
from amends.people.subscribers.queries.counts import of_brand, of_whom, services_by
from amends.platform.kit.batches import slices

__all__ = [
    "ConfirmationView",
    "MineView",
    "OrderView",
    "ServiceConfirmation",
    "audit_of",
    "audits",
    "found_by",
    "found_states",
    "mine",
    "numbered_services",
    "order",
    "order_of_token",
    "orders",
    "orders_placed_by",
    "present_subscriber",
    "standing_of",
    "standings",
    "state_counts",
    "uncovered",
    "uncovered_count",
    "unrecorded_count",
    "waiting_for",
]

REPORTED_FROM = 501
"""The number of the first service that another system reported; those of Amends count from 1."""


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """One yes: which step, how, where, when, and the fact that says so."""

    step: int
    method: str
    channel: str
    given_at: datetime
    taken_by: str
    fact: str
    evidence_hash: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its terms, and what it still needs."""

    ref: str
    order: str
    subscriber: str
    service: str
    kind: str
    offer: str
    before: str
    name_zh: str
    name_en: str
    price_minor: int
    currency: str
    term_months: int
    provider: str
    agent: str
    campaign: str
    initiator: str
    channel: str
    placed_by: str
    placed_at: datetime
    lapses_at: datetime
    not_before: datetime | None
    state: str
    state_words: str
    settled_at: datetime | None
    needed: int
    methods: tuple[str, ...]
    rules: tuple[str, ...]
    versions: tuple[str, ...]
    exception: str
    exception_reference: str
    exception_by: str
    confirmations: tuple[ConfirmationView, ...]

    @property
    def waits(self) -> bool:
        """Whether the user may still answer."""
        return self.state in (Order.State.WAITING, Order.State.CONFIRMED) and not self.exception


@dataclass(frozen=True, slots=True)
class ServiceConfirmation:
    """Whether a service may run and be charged, as far as confirmations go.

    state  confirmed; excepted (runs under a named exception); stopped; uncovered (runs, and no
           confirmation covers it); unknown (we have no record of it)
    """

    service: str
    state: str
    offer: str = ""
    since: datetime | None = None
    order: str = ""

    @property
    def may_charge(self) -> bool:
        """Whether a charge for the time after `since` rests on the user's word."""
        return self.state == "confirmed"


@dataclass(frozen=True, slots=True)
class MineView:
    """A service as its subscriber sees it; `price_minor` None where we do not know it.

    recorded  false for a service only the register knows: nothing says whether it was confirmed
    """

    service: str
    kind: str
    offer: str
    name_zh: str
    name_en: str
    price_minor: int | None
    currency: str
    provider: str
    since: datetime
    until: datetime | None
    covered: bool
    confirmations: tuple[ConfirmationView, ...]
    order: str
    recorded: bool = True


def order(ref: str, *, brand: str = "") -> OrderView | None:
    """One order with its confirmations; None if there is none, or it is of another brand.

    brand   the brand an actor or client is confined to, "" for every brand
    """
    order_row = _of_brand(brand, Order.objects.filter(id=ref)).first()
    return _views([order_row])[0] if order_row else None


def orders(state: str = "", *, limit: int = 100, brand: str = "") -> list[OrderView]:
    """Orders in a state, those that wait oldest first, what is settled newest first."""
    rows = _of_brand(brand, Order.objects.all())
    rows = rows.filter(state=state) if state else rows
    waits = state in (Order.State.WAITING, Order.State.CONFIRMED)
    return _views(list(rows.order_by("placed_at" if waits else "-placed_at", "id")[:limit]))


def state_counts(*, brand: str = "") -> dict[str, int]:
    """State → number of orders."""
    rows = _of_brand(brand, Order.objects.order_by("state"))
    return dict(rows.values_list("state").annotate(number=Count("id")))


def waiting_for(subscriber: str) -> list[OrderView]:
    """The orders a subscriber may still answer, newest first."""
    rows = Order.objects.filter(
        subscriber=subscriber, exception="", state__in=(Order.State.WAITING, Order.State.CONFIRMED)
    )
    return _views(list(rows.order_by("-placed_at", "id")))


def orders_placed_by(ref: str, *, limit: int = 20) -> list[Order]:
    """The orders that a user placed and that still wait, first to lapse first."""
    rows = Order.objects.filter(state=Order.State.WAITING, placed_by=ref)
    return list(rows.order_by("lapses_at", "id")[:limit])


def order_of_token(token: str) -> tuple[OrderView, str] | None:
    """The order behind a link and the form of its question; None for a link that is not ours."""
    challenge_row = (
        Challenge.objects.select_related("order").filter(link_print=link_digest(token)).first()
    )
    return (_views([challenge_row.order])[0], challenge_row.form) if challenge_row else None


def standing_of(service: str) -> ServiceConfirmation:
    """Whether one service may run and be charged. A withdrawal shows at the next question."""
    return standings([service])[service]


def standings(services: Iterable[str], *, brand: str = "") -> dict[str, ServiceConfirmation]:
    """`standing_of` for many services, in a query each 900: what a gate asks before it acts.

    With a brand, services of another are unknown.

    Read straight from the rows an order's transaction wrote: no copy, no delay.
    """
    wanted = list(dict.fromkeys(services))
    standing_by_ref = {ref: ServiceConfirmation(ref, "unknown") for ref in wanted}
    for part in slices(wanted):
        rows = _of_brand(brand, RunningService.objects.filter(service__in=part))
        for row in rows.select_related("order").order_by("since", "id"):
            standing_by_ref[row.service] = ServiceConfirmation(
                service=row.service,
                state=_state(row),
                offer=row.offer,
                since=row.until or row.since,
                order=row.order_id or "",
            )
    return standing_by_ref


def mine(subscriber: str) -> list[MineView]:
    """What runs, or ran, for a subscriber, what runs first; with who confirmed it and when.

    Services the operator's systems know and we never carried out are listed like the others.
    """
    recorded = list(RunningService.objects.filter(subscriber=subscriber).order_by("-since", "id"))
    confirmations_by_order = _given([row.order_id for row in recorded if row.order_id])
    views = [
        MineView(
            service=row.service,
            kind=row.kind,
            offer=row.offer,
            name_zh=row.name_zh,
            name_en=row.name_en,
            price_minor=row.price_minor,
            currency=row.currency,
            provider=row.provider,
            since=row.since,
            until=row.until,
            covered=row.covered,
            confirmations=confirmations_by_order.get(row.order_id or "", ()),
            order=row.order_id or "",
        )
        for row in recorded
    ]
    recorded_services = {row.service for row in recorded}
    views += [
        MineView(
            service=service.ref,
            kind=service.kind,
            offer=service.offer,
            name_zh="",
            name_en="",
            price_minor=None,
            currency="",
            provider=service.provider,
            since=service.started_at,
            until=service.stopped_at,
            covered=False,
            confirmations=(),
            order="",
            recorded=False,
        )
        for service in services_of(subscriber)
        if service.ref not in recorded_services
    ]
    return sorted(views, key=lambda view: (view.until is not None, -view.since.timestamp()))


def numbered_services(subscriber: str) -> dict[int, RunningService]:
    """Running services of a person by a number that never changes.

    Services opened by Amends count from 1, those reported by other systems from `REPORTED_FROM`.
    """
    rows = RunningService.objects.filter(subscriber=subscriber).order_by("id")
    opened = rows.filter(origin=RunningService.Origin.AMENDS, order__order="open")
    reported = rows.filter(origin=RunningService.Origin.OBSERVED)
    running = {row.service: row for row in rows if row.until is None}
    services_by_number: dict[int, RunningService] = {}
    for number, row in (*enumerate(opened, start=1), *enumerate(reported, start=REPORTED_FROM)):
        if row.service in running:
            services_by_number[number] = running.pop(row.service)
    return services_by_number


def present_subscriber(ref: str, *, now: datetime) -> str:
    """Whose presence a reference proves now; "" where it was not shown, or too long ago."""
    row = Presence.objects.filter(id=ref, shown_at__isnull=False, valid_until__gt=now).first()
    return row.subscriber if row else ""


def uncovered(*, limit: int = 200, brand: str = "") -> list[RunningService]:
    """Running services without a confirmation, oldest first."""
    return list(_uncovered(brand).order_by("since", "id")[:limit])


def uncovered_count(*, brand: str = "") -> int:
    """How many services run without a confirmation behind them."""
    return _uncovered(brand).count()


def unrecorded_count(*, now: datetime, brand: str = "") -> int:
    """How many running services the register alone knows: confirmed or not, nothing says."""
    rows = _of_brand(brand, RunningService.objects.filter(until__isnull=True))
    return max(services_by("", at=now, brand=brand)[""] - rows.count(), 0)


def _uncovered(brand: str) -> QuerySet[RunningService]:
    return _of_brand(brand, RunningService.objects.filter(Q(covered=False), until__isnull=True))


def _of_brand(brand: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows about subscribers of a brand; "" for every brand."""
    return rows.filter(subscriber__in=of_brand(brand)) if brand else rows


def _state(row: RunningService) -> str:
    if row.until is not None:
        return "stopped"
    if row.covered:
        return "confirmed"
    return "excepted" if row.order is not None and row.order.exception else "uncovered"


def _given(order_ids: Iterable[str]) -> dict[str, tuple[ConfirmationView, ...]]:
    confirmations_by_order: dict[str, list[ConfirmationView]] = {}
    ids = list(dict.fromkeys(order_ids))
    for part in slices(ids):
        rows = Confirmation.objects.filter(order__in=part)
        for row in rows.order_by("step"):
            confirmations_by_order.setdefault(row.order_id, []).append(
                ConfirmationView(
                    step=row.step,
                    method=row.method,
                    channel=row.channel,
                    given_at=row.given_at,
                    taken_by=row.taken_by,
                    fact=row.fact,
                    evidence_hash=row.evidence_hash,
                )
            )
    return {ref: tuple(rows) for ref, rows in confirmations_by_order.items()}


def _views(rows: list[Order]) -> list[OrderView]:
    confirmations_by_order = _given([row.id for row in rows])
    return [
        OrderView(
            ref=row.id,
            order=row.order,
            subscriber=row.subscriber,
            service=row.service,
            kind=row.kind,
            offer=row.offer,
            before=row.before,
            name_zh=row.name_zh,
            name_en=row.name_en,
            price_minor=row.price_minor,
            currency=row.currency,
            term_months=row.term_months,
            provider=row.provider,
            agent=row.agent,
            campaign=row.campaign,
            initiator=row.initiator,
            channel=row.channel,
            placed_by=row.placed_by,
            placed_at=row.placed_at,
            lapses_at=row.lapses_at,
            not_before=row.not_before,
            state=row.state,
            state_words=row.get_state_display(),
            settled_at=row.settled_at,
            needed=row.needed,
            methods=_listed(row.methods),
            rules=_listed(row.rules),
            versions=_listed(row.versions),
            exception=row.exception,
            exception_reference=row.exception_reference,
            exception_by=row.exception_by,
            confirmations=confirmations_by_order.get(row.id, ()),
        )
        for row in rows
    ]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def audits(*, limit: int = 50, brand: str = "") -> list[Audit]:
    """Audits of the past, newest first; with a brand, those of that brand alone."""
    rows = Audit.objects.filter(brand=brand) if brand else Audit.objects.all()
    return list(rows.order_by("-made_at", "-id")[:limit])


def audit_of(ref: str, *, brand: str = "") -> Audit | None:
    """An audit of the past; None where there is none, or it covers another brand or several."""
    rows = Audit.objects.filter(id=ref)
    return (rows.filter(brand=brand) if brand else rows).first()


def found_by(audit: str, *, limit: int | None = 100) -> list[dict[str, Any]]:
    """What an audit found, the largest amounts first; references only."""
    rows = AuditFinding.objects.filter(audit=audit).order_by("-amount_minor", "id")
    names = (
        "service",
        "offer",
        "partner",
        "campaign",
        "agent",
        "verdict",
        "charges",
        "amount_minor",
        "currency",
        "state",
    )
    return list(rows.values(*names)[:limit])


def found_states(audit: str) -> dict[str, int]:
    """State of a finding → how many services."""
    rows = AuditFinding.objects.filter(audit=audit).order_by("state").values_list("state")
    return dict(rows.annotate(number=Count("id")))


ORDERED_BY = ("channel", "product", "partner", "area", "brand")


def orders_by(dimension: str, *, start: datetime, end: datetime, brand: str = "") -> dict[str, int]:
    """Value of `dimension` (see `ORDERED_BY`) → orders taken in `[start, end)`; area and brand are
    those of who ordered."""
    rows = Order.objects.filter(placed_at__gte=start, placed_at__lt=end).order_by()
    rows = _of_brand(brand, rows)
    unit_field = {"product": "offer", "partner": "provider"}.get(dimension, dimension)
    if dimension in ("area", "brand"):
        rows, unit_field = rows.annotate(unit=of_whom(dimension)), "unit"
    return {unit or "": n for unit, n in rows.values_list(unit_field).annotate(n=Count("id"))}
