"""A clerk takes an order: for whom, what, and whether the person is present."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.actions.prove_presence import confirm_in_person, record_presence
from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries import mine
from amends.causes.confirmations.web.words import ORDERS
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.subscribers.queries import SubscriberView, identify
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id
from amends.record.catalogue.queries import offer_name, offers

_FIELDS = ("key", "person", "order", "offer", "service", "document")


@dataclass(frozen=True, slots=True)
class Stopping:
    """A service that is about to be stopped, and what the form said."""

    subscriber: str
    name: str
    given: list[tuple[str, str]]


@requires("confirmations.place")
@refusals_as_pages
def take_order(request: HttpRequest) -> HttpResponse:
    """The form; a POST places the order and, with the person there, records the signature."""
    actor = actor_of(request)
    fields = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    error: BadInput | None = None
    stopping: Stopping | None = None
    if request.method == "POST":
        try:
            stopping = _stopping(request, actor, fields)
            if stopping is None:
                return _taken(request, actor, fields)
        except BadInput as refusal:
            error = refusal
    chinese = is_chinese(get_language() or "")
    context = {
        "given": fields | {"key": fields["key"] or random_id("take")},
        "error": error and refusal_text(error),
        "stopping": stopping,
        "orders": list(ORDERS.items()),
        "offers": [
            (
                offer.ref,
                offer.name_zh if chinese else offer.name_en,
                offer.price_minor,
                offer.currency,
            )
            for offer in offers(timezone.now())
        ],
        "may_sign": may(actor.roles, "confirmations.counter"),
    }
    return render(request, "desk/take_order.html", context, status=400 if error else 200)


def _stopping(request: HttpRequest, actor: Actor, fields: dict[str, str]) -> Stopping | None:
    """The running service a stop is about, before it is said what goes with it; None otherwise."""
    if fields["order"] != "stop" or "stop" in request.POST:
        return None
    person = _person(fields["person"], actor)
    for running_order in mine(person.pseudonym):
        if running_order.service == fields["service"] and running_order.until is None:
            chinese = is_chinese(get_language() or "")
            name = (
                offer_name(running_order.offer, timezone.now(), chinese=chinese)
                or running_order.kind
            )
            seen = [("seen", "1")] if "seen" in request.POST else []
            return Stopping(person.pseudonym, name, [*fields.items(), *seen])
    return None


def _taken(request: HttpRequest, actor: Actor, fields: dict[str, str]) -> HttpResponse:
    now, person = timezone.now(), _person(fields["person"], actor)
    present = "seen" in request.POST
    if present and not fields["document"]:
        raise BadInput(
            _("The signed paper is not named."),
            meaning=_("Nothing was stored."),
            next_step=_("Write its reference, or let the user answer the message."),
            code="order_not_taken",
        )
    with transaction.atomic():
        order = place(
            NewOrder(
                key=f"desk:{actor.ref}:{fields['key']}"[:120],
                order=fields["order"],
                subscriber=person.pseudonym,
                channel="counter",
                offer="" if fields["order"] == "stop" else fields["offer"],
                service="" if fields["order"] == "open" else fields["service"],
            ),
            actor=actor,
            now=now,
            ask_now=not present,
        )
        if present:
            _sign(order, person.pseudonym, fields["document"], actor)
    _add_message(request, Order.objects.get(id=order.id))
    if not may(actor.roles, "confirmations.read"):
        return redirect("day")
    return redirect("order", order.id)


def _person(number: str, actor: Actor) -> SubscriberView:
    subscriber_view = identify(phone=number) if number else None
    if subscriber_view is None or (actor.brand and subscriber_view.brand != actor.brand):
        raise BadInput(
            _("Nobody of ours has that number."),
            meaning=_("Nothing was stored."),
            next_step=_("Check the number with the person."),
            code="order_not_taken",
        )
    return subscriber_view


def _sign(order: Order, pseudonym: str, document: str, actor: Actor) -> None:
    now = timezone.now()
    presence = record_presence(pseudonym, actor=actor, now=now)
    signed = confirm_in_person(order.id, presence, actor=actor, now=now, document=document[:80])
    if signed.outcome not in ("executed", "confirmed", "on_hold", "asked_again"):
        raise BadInput(
            _("This order takes no signature."),
            meaning=_("Nothing was stored."),
            next_step=_("Take it without, and let the user answer the message."),
            code="order_not_taken",
        )


def _add_message(request: HttpRequest, order: Order) -> None:
    if order.state == Order.State.EXECUTED:
        messages.success(request, _("Signed and carried out."))
    elif order.state == Order.State.CONFIRMED:
        messages.success(request, _("Signed; it is carried out on its day."))
    else:
        messages.success(
            request, _("The order is taken. The user is asked by message to confirm it.")
        )
