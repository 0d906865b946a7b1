"""What several actions need of an order: its terms, demand, words and facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from amends.causes.confirmations.models import Order, RunningService
from amends.causes.confirmations.rules.requirements import Demand, demand
from amends.causes.confirmations.rules.terms import OrderTerms
from amends.causes.confirmations.rules.texts import in_words
from amends.people.operator.queries import public_address
from amends.people.partners.queries import partner
from amends.people.subscribers.queries import ServiceView, service, subscriber
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import day_in
from amends.record.catalogue.queries import offer_name
from amends.record.facts.fact import Fact

SOURCE = "confirmations"


def terms_of(order: Order) -> OrderTerms:
    """The exact terms, as the user was asked about them."""
    return OrderTerms(
        order=order.order,
        subscriber=order.subscriber,
        service=order.service,
        kind=order.kind,
        offer=order.offer,
        offer_version=order.offer_version,
        before=order.before,
        price_minor=order.price_minor,
        currency=order.currency,
        term_months=order.term_months,
        provider=order.provider,
    )


def demand_of(order: Order) -> Demand:
    """What the rules of the order's own day ask of it."""
    return demand(
        order.pack,
        order=order.order,
        kind=order.kind,
        initiator=order.initiator,
        on=day_in(order.pack, order.placed_at),
    )


def running_service(ref: str) -> ServiceView | None:
    """A service while it runs: as recorded here, or only as another system reports it."""
    service_view = service(ref)
    if service_view is not None and service_view.stopped_at is None:
        return service_view
    row = RunningService.objects.filter(service=ref, until__isnull=True).first()
    if row is None:
        return None
    return ServiceView(
        ref=row.service,
        subscriber=row.subscriber,
        kind=row.kind,
        offer=row.offer,
        offer_version=row.offer_version,
        provider=row.provider,
        area="",
        started_at=row.since,
        stopped_at=None,
    )


def is_overtaken(order: Order) -> bool:
    """Whether the service is no longer what the terms say: it ended, or goes on as another offer.

    What a law orders stopped is stopped whatever the offer is by then.
    """
    if order.order == "open":
        return False
    running = running_service(order.service)
    if running is None or running.subscriber != order.subscriber:
        return True
    if order.exception:
        return False
    was = order.before if order.order == "change" else order.offer
    return was not in (running.offer, running.offer or running.ref)


def language_of(pseudonym: str) -> str:
    """The language a subscriber is written to in."""
    subscriber_view = subscriber(pseudonym)
    return subscriber_view.language if subscriber_view else settings.LANGUAGE_CODE


def provider_name(ref: str, language: str) -> str:
    """A provider as the reader knows it; "" for the operator itself."""
    partner_view = partner(ref) if ref else None
    if partner_view is None:
        return ref
    return partner_view.name_zh if is_chinese(language) else partner_view.name_en


def fields_of(order: Order) -> dict[str, str]:
    """The fields of a message about an order, in the subscriber's language."""
    language = language_of(order.subscriber)
    chinese = is_chinese(language)
    return in_words(
        terms_of(order),
        language,
        name=order.name_zh if chinese else order.name_en,
        before=offer_name(order.before, order.placed_at, chinese=chinese),
        provider=provider_name(order.provider, language),
        mine=f"{public_address()}/mine/",
    ) | {"home": public_address()}


def fact_of(kind: str, order: Order, at: datetime, **payload: Any) -> Fact:
    """A fact about an order; `payload` adds to the order's reference, offer and price."""
    stated: dict[str, str | int] = {"order": order.id, "offer": order.offer}
    if kind in ("ServiceOrdered", "ConfirmationAsked", "ConfirmationGiven"):
        stated |= {"price_minor": order.price_minor, "currency": order.currency}
    if kind in ("ServiceOrdered", "ServiceActivated", "ServiceChanged"):
        named = {"campaign": order.campaign, "partner": order.agent or order.provider}
        if kind != "ServiceChanged":
            named["claim"] = order.claim
        stated |= {name: value for name, value in named.items() if value}
    if kind in ("ServiceChanged", "ServiceStopped"):
        stated.pop("offer")
    return Fact(
        kind=kind,
        subscriber=order.subscriber,
        subject=order.service,
        happened_at=at,
        source=SOURCE,
        payload=stated | payload,
    )
