"""Services and orders as their subscriber reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from amends.causes.confirmations.queries import ConfirmationView, MineView, OrderView
from amends.entrances.portals.public.words import pick
from amends.people.partners.queries import partner
from amends.platform.kit.packs import pack
from amends.record.catalogue.queries import offer

Words: TypeAlias = str | Promise
One = TypeVar("One", MineView, OrderView)

METHODS: dict[str, Words] = {
    "sms_reply": pgettext_lazy("confirmed", "by text message"),
    "code": pgettext_lazy("confirmed", "by a one-time code"),
    "click": pgettext_lazy("confirmed", "by the link we sent"),
    "signature": pgettext_lazy("confirmed", "by signature at a shop"),
    "voice": pgettext_lazy("confirmed", "by word of mouth"),
}
ORDERS: dict[str, Words] = {
    "open": gettext_lazy("To be opened"),
    "change": gettext_lazy("To be changed to"),
    "stop": gettext_lazy("To be stopped"),
}


@dataclass(frozen=True, slots=True)
class ShownService(Generic[One]):
    """A service or order with its names in the reader's language."""

    view: One
    name: str
    provider: str
    price_minor: int | None
    currency: str
    given: list[tuple[ConfirmationView, Words]]
    doing: Words = ""


def shown_service(view: MineView, now: datetime) -> ShownService[MineView]:
    """A service; name and price of the published offer where its order does not say them."""
    name, price, currency = pick(view.name_zh, view.name_en), view.price_minor, view.currency
    if not name or price is None:
        offer_view = offer(view.offer, now) if view.offer else None
        if offer_view is not None:
            name = name or pick(offer_view.name_zh, offer_view.name_en)
            price, currency = offer_view.price_minor, offer_view.currency
    return ShownService(
        view=view,
        name=name or view.offer or view.kind,
        provider=_provider(view.provider),
        price_minor=price,
        currency=currency or pack(settings.JURISDICTION, timezone.localdate(now)).currency,
        given=_given(view.confirmations),
    )


def shown_order(view: OrderView) -> ShownService[OrderView]:
    """An order that waits for the subscriber's word."""
    return ShownService(
        view=view,
        name=pick(view.name_zh, view.name_en),
        provider=_provider(view.provider),
        price_minor=view.price_minor,
        currency=view.currency,
        given=_given(view.confirmations),
        doing=ORDERS.get(view.order, view.order),
    )


def _provider(ref: str) -> str:
    partner_view = partner(ref) if ref else None
    return pick(partner_view.name_zh, partner_view.name_en) if partner_view else ref


def _given(rows: tuple[ConfirmationView, ...]) -> list[tuple[ConfirmationView, Words]]:
    return [(row, METHODS.get(row.method, row.method)) for row in rows]
