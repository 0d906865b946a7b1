"""Orders of other systems: placed once under their key, and where they stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.queries import OrderView, order
from amends.entrances.portals.actions.clients import Client
from amends.entrances.portals.api.idempotency import hand_over
from amends.entrances.portals.api.shapes import NewOrderIn
from amends.people.subscribers.queries import SubscriberView, identify, subscriber
from amends.platform.kit.actors import system
from amends.platform.kit.errors import BadInput


def take_order(client: Client, new: NewOrderIn, key: str, *, now: datetime) -> dict[str, Any]:
    """Place the order, or find the one that stands under the key; the same key, the same order."""
    person = _person(client, new)
    with transaction.atomic():
        hand_over(client.id, f"order:{key}", new.model_dump_json(), now=now)
        placed = place(
            NewOrder(
                key=f"client-{client.id}:{key}",
                order=new.order,
                subscriber=person.pseudonym,
                offer=new.offer,
                service=new.service,
                initiator=new.initiator,
                channel=client.channel,
                agent=new.agent,
                campaign=new.campaign,
            ),
            actor=system(f"client-{client.id}"),
            now=now,
        )
    order_view = order(placed.id)
    if order_view is None:
        raise LookupError(placed.id)
    return shown(order_view)


def order_of(client: Client, ref: str) -> dict[str, Any] | None:
    """Where an order of this client stands; one of another system or brand is not there."""
    order_view = order(ref, brand=client.brand)
    if order_view is None or order_view.placed_by != f"client-{client.id}":
        return None
    return shown(order_view)


def shown(order_view: OrderView) -> dict[str, Any]:
    """An order as the interface shows it: nothing about the person."""
    return {
        "order": order_view.ref,
        "service": order_view.service,
        "state": order_view.state,
        "confirmed": len(order_view.confirmations),
        "needed": order_view.needed,
        "lapses_at": order_view.lapses_at,
    }


def _person(client: Client, new: NewOrderIn) -> SubscriberView:
    person = subscriber(new.subscriber) if new.subscriber else identify(phone=new.phone)
    if person is None or (client.brand and person.brand != client.brand):
        raise BadInput(
            "We do not know this person.",
            meaning="Nothing was stored.",
            next_step="Give the number on record, or our pseudonym.",
            code="person_unknown",
        )
    return person
