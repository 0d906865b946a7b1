"""At the counter of a shop: a user shows who they are by a code, then files, stops or asks.

Everything here is read in the user's presence: the code went to their contact on record. The
presence lasts half an hour, or until “Next person”.
"""

from __future__ import annotations

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
from amends.platform.kit.formats import is_chinese
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
        "key": random_id(),
        **(_shown(person.user, now) if person.user else {}),
    }
    status = 400 if any(form.errors for form in forms_by_name.values()) else 200
    return render(request, "selfservice/counter.html", context, status=status)


def _shown(user: IdentifiedUser, now: datetime) -> dict[str, Any]:
    return {
        "services": running(user, now=now),
        "offers": orderable(user, now=now),
        "reminders": reminders_of(user, now=now),
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
    does = request.POST.get("do", "")
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
    try:
        _business(request, person.user, does, now)
    except AmendsError as why:
        messages.error(request, str(refusal_text(why)))
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


def _business(request: HttpRequest, user: IdentifiedUser, does: str, now: datetime) -> None:
    """Order, confirm, stop, set a reminder: the actions of every channel."""
    form_data = request.POST
    if does == "stop":
        order_progress = stop_service(user, form_data.get("service", ""), now=now)
    elif does == "order":
        order_progress = order_offer(
            user, form_data.get("offer", ""), key=form_data.get("key", "")[:60], now=now
        )
        request.session["counter_order"] = order_progress.order
    elif does == "confirm":
        ref = str(request.session.get("counter_order", ""))
        order_progress = answer_order(user, ref, form_data.get("code", ""), now=now)
    elif does == "remind":
        wish = form_data.get("own", "").strip() or form_data.get("wish", "")
        set_reminder(user, form_data.get("duty", ""), wish, now=now)
        messages.success(request, _("The reminder is set."))
        return
    else:
        return
    messages.info(request, order_words(order_progress))
