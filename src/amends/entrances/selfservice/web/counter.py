"""At the counter of a shop: a user shows who they are by a code, then files, stops or asks.

Everything here is read in the user's presence: the code went to their contact on record. The
presence lasts half an hour, or until “Next person”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.queries import StateView, state_names, states_of_subscriber
from amends.causes.confirmations.actions.prove_presence import answer_presence, request_presence
from amends.entrances.selfservice.actions.answer_text import order_words, usage_words
from amends.entrances.selfservice.actions.order import answer_order, order_offer
from amends.entrances.selfservice.actions.set_reminder import set_reminder
from amends.entrances.selfservice.actions.stop import stop_service
from amends.entrances.selfservice.queries import (
    IdentifiedUser,
    OrderableOffer,
    identified_by,
    orderable,
    reminders_of,
    running,
    usage_of,
)
from amends.people.access.web.limits import WRONG_CODES, too_much
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_money, is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.vault.masks import mask_phone

CHANNEL = "counter"
_KEY = "counter"


class CounterPersonForm(forms.Form):
    """Whose account it is."""

    number = CleanTextField(
        label=gettext_lazy("Phone number of the person"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


class CounterCodeForm(forms.Form):
    """The code the person reads out."""

    code = CleanTextField(
        label=gettext_lazy("Code the person reads out"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ComplaintForm(forms.Form):
    """The complaint as written down; `key` makes a second submission the same one."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    text = CleanTextField(
        label=gettext_lazy("What the person said, in their words"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write down what the person said.")},
    )


class CounterActionForm(forms.Form):
    """What was pressed; each has a form of its own."""

    do = forms.ChoiceField(
        choices=[
            (name, name)
            for name in ("next", "number", "code", "file", "stop", "order", "confirm", "remind")
        ]
    )


class CounterStopForm(forms.Form):
    """A running service to stop."""

    service = forms.CharField(max_length=80, widget=forms.HiddenInput)


class CounterOrderForm(forms.Form):
    """An offer to order; `key` makes a second submission the same order."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    offer = forms.ChoiceField(label=gettext_lazy("Offer"))

    def __init__(self, *args: Any, offers: Sequence[OrderableOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"] = forms.ChoiceField(
            label=self.fields["offer"].label,
            choices=[
                (offer.ref, f"{offer.name} · {format_money(offer.price_minor, offer.currency)}")
                for offer in offers
            ],
        )


class OrderCodeForm(forms.Form):
    """The code of an order."""

    code = CleanTextField(
        label=gettext_lazy("Code of the order, from the person's phone"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class CounterReminderForm(forms.Form):
    """One reminder: an amount of the person's own, or on or off."""

    duty = forms.CharField(max_length=80, widget=forms.HiddenInput)
    own = CleanTextField(
        label=gettext_lazy("Amount"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    wish = forms.ChoiceField(choices=[("on", "on"), ("off", "off")], required=False)


_ERROR_FIELDS = {"stop": None, "order": "offer", "confirm": "code", "remind": "own"}
"""Where a refusal of an action appears."""


@dataclass(frozen=True, slots=True)
class AtCounter:
    """The person at the counter, as far as they have shown who they are."""

    asked: str
    masked: str
    user: IdentifiedUser | None


def _person(request: HttpRequest, actor: Actor, now: datetime) -> AtCounter:
    presence_ref, masked = request.session.get(_KEY, ("", ""))
    user = (
        identified_by(presence_ref, channel=CHANNEL, now=now, brand=actor.brand)
        if presence_ref
        else None
    )
    return AtCounter(presence_ref, masked, user)


@never_cache
@requires("complaints.handle")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """Ask for the code, or everything that can be done for the person who has answered it."""
    actor, now = actor_of(request), timezone.now()
    person = _person(request, actor, now)
    forms_by_name: dict[str, forms.Form] = {}
    if request.method == "POST":
        answered = _done(request, actor, person, forms_by_name, now)
        if answered is not None:
            return answered
    context = {
        "person": person,
        "number_form": forms_by_name.get("number") or CounterPersonForm(),
        "code_form": forms_by_name.get("code") or CounterCodeForm(),
        "form": forms_by_name.get("file") or ComplaintForm(initial={"key": random_id()}),
        **(_shown(person.user, forms_by_name, now) if person.user else {}),
    }
    status = 400 if any(form.errors for form in forms_by_name.values()) else 200
    return render(request, "selfservice/counter.html", context, status=status)


def _shown(user: IdentifiedUser, invalid: dict[str, forms.Form], now: datetime) -> dict[str, Any]:
    offers = orderable(user, now=now)
    refused = invalid.get("remind")
    return {
        "services": running(user, now=now),
        "stop_form": invalid.get("stop"),
        "order_form": invalid.get("order")
        or CounterOrderForm(offers=offers, initial={"key": random_id()}),
        "confirm_form": invalid.get("confirm") or OrderCodeForm(auto_id="id_confirm_%s"),
        "remind_form": refused,
        "reminders": [
            (
                reminder,
                refused
                if refused and refused["duty"].value() == reminder.duty
                else CounterReminderForm(
                    initial={"duty": reminder.duty}, auto_id=f"id_{reminder.duty}_%s"
                ),
            )
            for reminder in reminders_of(user, now=now)
        ],
        "usage": usage_words(usage_of(user, now=now)),
        "complaints": [_state(state) for state in states_of_subscriber(user.subscriber)],
    }


def _state(state_view: StateView) -> tuple[StateView, str]:
    zh, en = state_names()[state_view.state]
    return state_view, zh if is_chinese(get_language() or "") else en


def _done(
    request: HttpRequest,
    actor: Actor,
    person: AtCounter,
    invalid: dict[str, forms.Form],
    now: datetime,
) -> HttpResponse | None:
    """Do what was pressed; None where the page is shown again with what is missing."""
    action = CounterActionForm(request.POST)
    does = action.cleaned_data["do"] if action.is_valid() else ""
    if does == "next":
        request.session.pop(_KEY, None)
        return redirect("counter")
    if does == "number":
        return _ask(request, actor, invalid, now)
    if does == "code":
        return _take_code(request, person, invalid, now)
    if person.user is None:
        messages.error(request, _("The half hour is over: ask for a code again."))
        return redirect("counter")
    if does == "file":
        return _file(request, actor, person, invalid, now)
    if does in _ERROR_FIELDS:
        return _business(request, person.user, does, invalid, now)
    return redirect("counter")


def _ask(
    request: HttpRequest, actor: Actor, invalid: dict[str, forms.Form], now: datetime
) -> HttpResponse | None:
    form = CounterPersonForm(request.POST)
    if not form.is_valid():
        invalid["number"] = form
        return None
    number = form.cleaned_data["number"]
    presence_ref = request_presence(number, brand=actor.brand, now=now)
    request.session[_KEY] = (presence_ref, mask_phone(number))
    return redirect("counter")


def _take_code(
    request: HttpRequest, person: AtCounter, invalid: dict[str, forms.Form], now: datetime
) -> HttpResponse | None:
    form = CounterCodeForm(request.POST)
    if form.is_valid():
        if wait := WRONG_CODES.wait(request, now=now, who=actor_of(request).ref):
            form.add_error("code", too_much(wait))
        elif answer_presence(person.asked, form.cleaned_data["code"], now=now):
            return redirect("counter")
        else:
            WRONG_CODES.count(request, now=now, who=actor_of(request).ref)
            form.add_error("code", _("This is not the code we sent, or it is too old."))
    invalid["code"] = form
    return None


def _file(
    request: HttpRequest,
    actor: Actor,
    person: AtCounter,
    invalid: dict[str, forms.Form],
    now: datetime,
) -> HttpResponse | None:
    form, user = ComplaintForm(request.POST), person.user
    if user is None or not form.is_valid():
        invalid["file"] = form
        return None
    received = receive(
        Submission(
            channel=CHANNEL,
            key=f"counter:{actor.ref}:{form.cleaned_data['key']}",
            text=form.cleaned_data["text"],
            received_at=now,
            subscriber=user.subscriber,
            identity="challenge",
            brand=user.brand,
            by=actor.ref,
        ),
        now=now,
    )
    context = {
        "code": received.tracking_code,
        "due_at": received.due_at,
        "complaint": received.complaint,
        "person": person,
        "now": now,
    }
    return render(request, "selfservice/counter_receipt.html", context)


def _business(
    request: HttpRequest,
    user: IdentifiedUser,
    does: str,
    invalid: dict[str, forms.Form],
    now: datetime,
) -> HttpResponse | None:
    """Stop, order, confirm, set a reminder; a refusal appears beside its field."""
    form = _business_form(request, user, does, now)
    if form.is_valid():
        try:
            problem = _carry_out(request, user, does, form.cleaned_data, now)
        except AmendsError as why:
            problem = str(refusal_text(why))
        if not problem:
            return redirect("counter")
        form.add_error(_ERROR_FIELDS[does], problem)
    invalid[does] = form
    return None


def _business_form(
    request: HttpRequest, user: IdentifiedUser, does: str, now: datetime
) -> forms.Form:
    if does == "order":
        return CounterOrderForm(request.POST, offers=orderable(user, now=now))
    if does == "confirm":
        return OrderCodeForm(request.POST, auto_id="id_confirm_%s")
    if does == "remind":
        return CounterReminderForm(request.POST)
    return CounterStopForm(request.POST)


def _carry_out(
    request: HttpRequest, user: IdentifiedUser, does: str, cleaned: dict[str, str], now: datetime
) -> str:
    """Do it by the actions of every channel; returns why a code was refused, "" otherwise."""
    if does == "remind":
        set_reminder(user, cleaned["duty"], cleaned["own"] or cleaned["wish"], now=now)
        messages.success(request, _("The reminder is set."))
        return ""
    if does == "stop":
        order_progress = stop_service(user, cleaned["service"], now=now)
    elif does == "order":
        order_progress = order_offer(user, cleaned["offer"], key=cleaned["key"], now=now)
        request.session["counter_order"] = order_progress.order
    else:
        ref = str(request.session.get("counter_order", ""))
        order_progress = answer_order(user, ref, cleaned["code"], now=now)
        if order_progress.outcome in ("wrong", "spent"):
            return order_words(order_progress)
    messages.info(request, order_words(order_progress))
    return ""
