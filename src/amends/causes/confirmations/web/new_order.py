"""A clerk takes an order: for whom, what, and whether the person is present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from amends.causes.confirmations.web.forms import OrderEntryForm
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.subscribers.queries import SubscriberView, identify
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import offer_name


@dataclass(frozen=True, slots=True)
class Stopping:
    """A service that is about to be stopped."""

    subscriber: str
    name: str


@requires("confirmations.place")
@refusals_as_pages
def take_order(request: HttpRequest) -> HttpResponse:
    """The form; a POST places the order and, with the person there, records the signature."""
    actor = actor_of(request)
    may_sign = may(actor.roles, "confirmations.counter")
    form = OrderEntryForm(request.POST or None, may_sign=may_sign)
    stopping: Stopping | None = None
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                person = _person(form.cleaned_data["person"], actor)
                stopping = _stopping(form.cleaned_data, person)
                if stopping is None:
                    return _taken(request, actor, person, form.cleaned_data)
                status = 200
            except BadInput as error:
                field = "person" if error.code == UNKNOWN_PERSON else None
                status = refuse_form(form, error, field)
    context = {"form": form, "stopping": stopping}
    if stopping:
        context["stop_form"] = OrderEntryForm(
            initial=form.cleaned_data | {"stop": True}, may_sign=may_sign
        )
        context["service"] = form.cleaned_data["service"]
    return render(request, "desk/take_order.html", context, status=status)


def _stopping(cleaned: dict[str, Any], person: SubscriberView) -> Stopping | None:
    """The running service of a stop, before the clerk has read what ends with it."""
    if cleaned["order"] != "stop" or cleaned["stop"]:
        return None
    for running_order in mine(person.pseudonym):
        if running_order.service == cleaned["service"] and running_order.until is None:
            chinese = is_chinese(get_language() or "")
            name = (
                offer_name(running_order.offer, timezone.now(), chinese=chinese)
                or running_order.kind
            )
            return Stopping(person.pseudonym, name)
    return None


def _taken(
    request: HttpRequest, actor: Actor, person: SubscriberView, cleaned: dict[str, Any]
) -> HttpResponse:
    now, present = timezone.now(), bool(cleaned.get("seen"))
    with transaction.atomic():
        order = place(
            NewOrder(
                key=f"desk:{actor.ref}:{cleaned['key']}"[:120],
                order=cleaned["order"],
                subscriber=person.pseudonym,
                channel="counter",
                offer="" if cleaned["order"] == "stop" else cleaned["offer"],
                service="" if cleaned["order"] == "open" else cleaned["service"],
            ),
            actor=actor,
            now=now,
            ask_now=not present,
        )
        if present:
            _sign(order, person.pseudonym, cleaned["document"], actor)
    _add_message(request, Order.objects.get(id=order.id))
    if not may(actor.roles, "confirmations.read"):
        return redirect("day")
    return redirect("order", order.id)


UNKNOWN_PERSON = "order_person_unregistered"


def _person(number: str, actor: Actor) -> SubscriberView:
    subscriber_view = identify(phone=number) if number else None
    if subscriber_view is None or (actor.brand and subscriber_view.brand != actor.brand):
        raise BadInput(
            _("Nobody of ours has that number."),
            meaning=_("Nothing was stored."),
            next_step=_("Check the number with the person."),
            code=UNKNOWN_PERSON,
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
