"""Carry an order out: change the service, record it, and notify the user."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.challenge import contact_of, send
from amends.causes.confirmations.actions.sale_freeze import UnableToSell, refuse_frozen
from amends.causes.confirmations.models import Order, RunningService
from amends.causes.confirmations.queries.order_details import (
    SOURCE,
    demand_of,
    fact_of,
    fields_of,
    is_overtaken,
    language_of,
)
from amends.people.access.actions.reach import UnableToReach
from amends.people.partners.queries import out_of_contract, stopped_partners
from amends.people.subscribers.actions.open_services import (
    NewService,
    change_service,
    open_services,
    stop_service,
)
from amends.people.subscribers.queries import service
from amends.platform.kit.errors import AmendsError, Refused
from amends.platform.kit.formats import format_moment
from amends.platform.kit.packs import zone_of
from amends.record.catalogue.queries import freezes
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

log = logging.getLogger("amends.causes.confirmations")

State = Order.State


class UnableToExecute(Refused):
    """The order lacks a confirmation, or its days of notice are not over."""

    code = "order_not_confirmed"


def execute(order_id: str, *, by: str, now: datetime) -> Order:
    """Carry out one confirmed order; twice is the same as once.

    One whose service has ended, or was changed, since it was put to the user is cancelled.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=order_id)
        if order.state in (State.WAITING, State.CONFIRMED) and is_overtaken(order):
            close_locked(order, State.CANCELLED, by=by, now=now)
        elif order.state != State.EXECUTED:
            execute_locked(order, by=by, now=now)
        return order


def execute_due(*, now: datetime, limit: int = 100) -> int:
    """Carry out what is confirmed, or excepted, and whose days of notice are over.

    What is taken from sale waits until the freeze is lifted, or lapses (`lapse_due`).
    """
    due_orders = _not_frozen(Order.objects.filter(Q(not_before__lte=now) | Q(not_before=None)), now)
    confirmed = due_orders.filter(state=State.CONFIRMED)
    excepted = due_orders.filter(state=State.WAITING, not_before__lte=now).exclude(exception="")
    ids = [*confirmed.values_list("id", flat=True)[:limit]]
    ids += excepted.values_list("id", flat=True)[: limit - len(ids)]
    executed_count = 0
    for order_id in ids:
        try:
            order = execute(order_id, by="schedule", now=now)
        except UnableToSell:
            continue  # frozen since the question was put a moment ago
        except AmendsError:
            log.exception("An order that is due could not be carried out.")
            continue  # one order holds up no other
        executed_count += order.state == State.EXECUTED
    return executed_count


def _not_frozen(due_orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    frozen, stopped = freezes(), stopped_partners(now) | out_of_contract(now)
    offers = [freeze.ref for freeze in frozen if freeze.kind in ("offer", "launch")]
    campaigns = [freeze.ref for freeze in frozen if freeze.kind == "campaign"]
    frozen_orders = Q(offer__in=offers) | Q(campaign__in=campaigns)
    frozen_orders |= Q(provider__in=stopped) | Q(agent__in=stopped)
    return due_orders.exclude(frozen_orders & ~Q(order="stop"))


def execute_locked(order: Order, *, by: str, now: datetime) -> None:
    """`execute` for a caller that holds the order's row. The database checks it once more."""
    refuse_frozen(order, now=now, done_text=_("Nothing was carried out."))
    order.state, order.settled_at, order.settled_by = State.EXECUTED, now, by[:64]
    try:
        with transaction.atomic():
            order.save(update_fields=["state", "settled_at", "settled_by"])
    except IntegrityError as error:
        order.refresh_from_db()
        raise UnableToExecute(
            _("The order lacks a confirmation, or its days of notice are not over."),
            meaning=_("Nothing was carried out."),
            next_step=_("Wait for the user's answer and for the days of notice."),
        ) from error
    append([_DOING[order.order](order, now)], now=now)
    _notify_result(order, now)


def hold_locked(order: Order, *, now: datetime) -> None:
    """Keep a confirmed order whose offer is taken from sale, and tell the user that it waits."""
    order.state = State.CONFIRMED
    order.save(update_fields=["state"])
    try:
        contact = contact_of(order, now=now)
    except UnableToReach:
        return
    send(
        order,
        contact,
        key=f"held:{order.id}",
        text="on_hold",
        fields=fields_of(order),
        now=now,
        duty="order_told",
    )


def _open(order: Order, now: datetime) -> Fact:
    if service(order.service) is None:
        open_services(
            [
                NewService(
                    subscriber=order.subscriber,
                    kind=order.kind,
                    started_at=now,
                    offer=order.offer,
                    offer_version=order.offer_version,
                    provider=order.provider,
                    ref=order.service,
                )
            ]
        )
    _record(order, now)
    stated = {"initiator": order.initiator, "offer_version": order.offer_version}
    return fact_of("ServiceActivated", order, now, **stated)


def _change(order: Order, now: datetime) -> Fact:
    if _is_recorded(order):
        change_service(
            order.service, before=order.before, offer=order.offer, offer_version=order.offer_version
        )
    _end(order, now)
    _record(order, now)
    _cancel_overtaken(order, now)
    return fact_of(
        "ServiceChanged",
        order,
        now,
        from_offer=order.before,
        to_offer=order.offer,
        initiator=order.initiator,
    )


def _stop(order: Order, now: datetime) -> Fact:
    if _is_recorded(order):
        stop_service(order.service, at=now)
    _end(order, now)
    _cancel_overtaken(order, now)
    stated = {"initiator": order.initiator}
    if order.exception:
        stated["reason"] = order.exception
    return fact_of("ServiceStopped", order, now, **stated)


_DOING = {"open": _open, "change": _change, "stop": _stop}


def _is_recorded(order: Order) -> bool:
    """Whether the service runs in our own records; else only another system has reported it."""
    recorded_service = service(order.service)
    return recorded_service is not None and recorded_service.stopped_at is None


def _cancel_overtaken(order: Order, now: datetime) -> None:
    """End the other orders about a service that is no longer what they were put to the user for.

    One that is being answered at this moment is left: it finds out by itself.
    """
    other_orders = Order.objects.select_for_update(skip_locked=True).filter(
        service=order.service, state__in=(State.WAITING, State.CONFIRMED)
    )
    for other_order in other_orders.exclude(id=order.id).order_by("id"):
        if is_overtaken(other_order):
            close_locked(other_order, State.CANCELLED, by=order.id, now=now)


def _end(order: Order, now: datetime) -> None:
    RunningService.objects.filter(service=order.service, until__isnull=True).update(
        until=now, ended_by=order.id
    )


def _record(order: Order, now: datetime) -> None:
    RunningService.objects.create(
        service=order.service,
        subscriber=order.subscriber,
        kind=order.kind,
        offer=order.offer,
        offer_version=order.offer_version,
        name_zh=order.name_zh,
        name_en=order.name_en,
        price_minor=order.price_minor,
        currency=order.currency,
        provider=order.provider,
        agent=order.agent,
        campaign=order.campaign,
        origin=RunningService.Origin.AMENDS,
        source=SOURCE,
        source_ref=order.id,
        covered=not order.exception,
        order=order,
        since=now,
        recorded_at=now,
    )


def _notify_result(order: Order, now: datetime) -> None:
    """The user is notified where the rules require it, and always after a stop or change."""
    if order.order == "open" and not demand_of(order).success_message:
        return
    try:
        contact = contact_of(order, now=now)
    except UnableToReach:
        return
    zone = zone_of(order.pack)
    when = format_moment(now, language_of(order.subscriber), zone)
    send(
        order,
        contact,
        key=f"done:{order.id}",
        text=f"done_{order.order}",
        fields=fields_of(order) | {"when": when, "word": _keyword(order)},
        now=now,
        duty="order_told",
    )


def notify_not_done(order: Order, *, text: str, now: datetime) -> None:
    """Tell that an order is not carried out, and why: `refused`, `lapsed`, `lapsed_on_hold`."""
    try:
        contact = contact_of(order, now=now)
    except UnableToReach:
        return
    send(
        order,
        contact,
        key=f"not_done:{order.id}",
        text=text,
        fields=fields_of(order),
        now=now,
        duty="order_told",
    )


def _keyword(order: Order) -> str:
    """The word that stops what was opened; numbers count what a person's orders ever opened."""
    opened = RunningService.objects.filter(
        subscriber=order.subscriber, origin=RunningService.Origin.AMENDS, order__order="open"
    )
    return f"TD{opened.count()}"


def lapse_due(*, now: datetime, limit: int = 500) -> int:
    """Silence is no: what nobody answered in time lapses, and its open question with it.

    Who ordered it, or said yes to what is still off sale, is notified that it was not done; who
    was only asked gets no message.
    """
    waiting = (State.WAITING, State.CONFIRMED)
    stale = Order.objects.filter(state__in=waiting, exception="", lapses_at__lte=now)
    # A confirmed order waits for its days of notice; a job that was late must not void a yes.
    ids = list(
        stale.exclude(state=State.CONFIRMED, lapses_at__gt=now - timedelta(days=7)).values_list(
            "id", flat=True
        )[:limit]
    )
    for order_id in ids:
        with transaction.atomic():
            order = Order.objects.select_for_update().get(id=order_id)
            if order.state in waiting:
                was_confirmed = order.state == State.CONFIRMED
                close_locked(order, State.LAPSED, by="schedule", now=now)
                if was_confirmed or order.initiator == "subscriber":
                    text = "lapsed_on_hold" if was_confirmed else "lapsed"
                    notify_not_done(order, text=text, now=now)
    return len(ids)


def close_locked(order: Order, state: str, *, by: str, now: datetime) -> None:
    """End an order that is not carried out; the caller holds its row."""
    order.challenges.filter(answer="").update(answer="expired", answered_at=now)
    order.state, order.settled_at, order.settled_by = state, now, by[:64]
    order.save(update_fields=["state", "settled_at", "settled_by"])
