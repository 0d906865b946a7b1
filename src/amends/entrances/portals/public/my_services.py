"""My services: what runs on my number, what it costs, who confirmed it; stop it in two clicks.

A code goes to the contact on record; the session then holds the reference of that presence, for
half an hour. A number nobody has meets the same pages in the same time, and no code ever fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amends.causes.confirmations.actions.answer import answer_code, refuse
from amends.causes.confirmations.actions.challenge import UnableToAsk, ask
from amends.causes.confirmations.actions.prove_presence import (
    answer_presence,
    request_presence,
)
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.queries import MineView, mine, waiting_for
from amends.causes.confirmations.queries.receipts import receipt
from amends.causes.notices.queries.accounts import AccountEntry, LineAccount, accounts_of
from amends.causes.notices.texts.accounts import change_words
from amends.entrances.portals.public import words
from amends.entrances.portals.public.forms import (
    OrderAnswerForm,
    PresenceForm,
    ProofForm,
    ServicesNumberForm,
)
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.public.service_words import ShownService, shown_order, shown_service
from amends.entrances.selfservice.actions.answer_text import usage_words
from amends.entrances.selfservice.queries import IdentifiedUser, usage_of
from amends.people.access.queries import looks_at
from amends.people.access.web.limits import SENDING, WRONG_CODES, source_of
from amends.people.access.web.refusals import refusal_text
from amends.people.access.web.visitors import SESSION_KEY, identified_visitor
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.periods import from_ms, to_ms
from amends.record.ledger.refusals import UnableToProve

_KEY, _ASKED = SESSION_KEY, "mine_asked"
_FOR_MS = 30 * 60_000
LOOKS = 200
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Me:
    """The subscriber of this browser, and the presence that shows it."""

    subscriber: str
    presence: str
    now: datetime


def shown_only(view: View) -> View:
    """A page for somebody who has answered the code; others are asked for their number."""

    @personal
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        subscriber, presence, until_ms = request.session.get(_KEY, ("", "", 0))
        if not subscriber or from_ms(until_ms) <= now:
            return redirect("public:mine")
        return view(request, Me(subscriber, presence, now), *args, **kwargs)

    return guarded


@personal
def my_number(request: HttpRequest) -> HttpResponse:
    """Which number it is, then the code; who has answered it goes on to the services."""
    now = timezone.now()
    if identified_visitor(request, now=now):
        return redirect("public:my_services")
    if request.method != "POST":
        return _number_page(request, ServicesNumberForm())
    form = ServicesNumberForm(request.POST)
    if not form.is_valid():
        return _number_page(request, form)
    if wait := SENDING.wait(request, now=now):
        message = ngettext(
            "Many codes were asked for from your connection. Wait %(wait)s minute.",
            "Many codes were asked for from your connection. Wait %(wait)s minutes.",
            wait,
        )
        form.add_error("number", message % {"wait": wait})
        return _number_page(request, form, status=429)
    SENDING.count(request, now=now)
    request.session[_ASKED] = request_presence(
        form.cleaned_data["number"], source=source_of(request), now=now
    )
    return _number_page(request, ServicesNumberForm(), proof=PresenceForm())


@personal
def my_code(request: HttpRequest) -> HttpResponse:
    """The code that was sent; the right one opens the services."""
    now = timezone.now()
    if request.method != "POST" or identified_visitor(request, now=now):
        return redirect("public:mine")
    form = PresenceForm(request.POST)
    if not form.is_valid():
        return _number_page(request, ServicesNumberForm(), proof=form)
    if wait := WRONG_CODES.wait(request, now=now):
        message = ngettext(
            "Too many wrong codes came from your connection. Wait %(wait)s minute.",
            "Too many wrong codes came from your connection. Wait %(wait)s minutes.",
            wait,
        )
        form.add_error("digits", message % {"wait": wait})
        return _number_page(request, ServicesNumberForm(), proof=form, status=429)
    ref = str(request.session.get(_ASKED, ""))
    subscriber = answer_presence(ref, form.cleaned_data["digits"], now=now) if ref else ""
    if not subscriber:
        WRONG_CODES.count(request, now=now)
        form.add_error(
            "digits",
            _("This is not the code we sent, or it is too old. Look at the newest message."),
        )
        return _number_page(request, ServicesNumberForm(), proof=form)
    request.session.cycle_key()
    request.session.pop(_ASKED, None)
    request.session[_KEY] = (subscriber, ref, to_ms(now) + _FOR_MS)
    return redirect("public:my_services")


def _number_page(
    request: HttpRequest,
    form: ServicesNumberForm,
    *,
    proof: ProofForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "proof": proof}
    return render(request, "portals/mine_number.html", context, status=status)


@shown_only
@require_safe
def my_services(request: HttpRequest, me: Me) -> HttpResponse:
    """What runs on my number, what waits for my word, what ran before."""
    return _services_page(request, me)


def _services_page(
    request: HttpRequest, me: Me, answer: OrderAnswerForm | None = None, *, order: str = ""
) -> HttpResponse:
    """My services; `answer` is what was typed for `order` and refused."""
    everything = [shown_service(own_service, me.now) for own_service in mine(me.subscriber)]
    context = {
        "waiting": [
            (
                shown_order(waiting_order),
                answer
                if answer and waiting_order.ref == order
                else OrderAnswerForm(auto_id=f"id_{waiting_order.ref}_%s"),
            )
            for waiting_order in waiting_for(me.subscriber)
        ],
        "running": [service_row for service_row in everything if service_row.view.until is None],
        "ended": [service_row for service_row in everything if service_row.view.until is not None],
        "accounts": [
            _shown_account(account, everything)
            for account in accounts_of(me.subscriber, now=me.now)
        ],
        "usage": [
            (line, usage_words([line]))
            for line in usage_of(IdentifiedUser(me.subscriber, "web", me.presence), now=me.now)
        ],
        "now": me.now,
    }
    return render(request, "portals/mine.html", context, status=400 if answer else 200)


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """The balance of a line and what was bought on it, in the reader's words."""

    view: LineAccount
    name: str
    entries: list[tuple[AccountEntry, str, str]]


def _shown_account(account: LineAccount, services: list[ShownService[MineView]]) -> ShownAccount:
    name = next((each.name for each in services if each.view.service == account.service), "")
    entries = [
        (
            entry,
            *change_words(entry.kind, entry.counter, entry.amount, entry.plan, account.currency),
        )
        for entry in account.entries
    ]
    return ShownAccount(account, name, entries)


@shown_only
def stop_mine(request: HttpRequest, me: Me, service: str) -> HttpResponse:
    """The second click: what will be stopped, and the button that does it."""
    service_row = _own(me, service)
    if service_row.view.until is not None:
        return redirect("public:my_services")
    problem = ""
    if request.method == "POST":
        try:
            stop_order = stop_at_once(
                service, subscriber=me.subscriber, presence=me.presence, now=me.now
            )
        except AmendsError as why:
            problem = refusal_text(why).what
        else:
            if stop_order.outcome == "executed":
                message = _("%(name)s is stopped. No further monthly fee is charged.")
                messages.success(request, message % {"name": service_row.name})
                return redirect("public:my_services")
            problem = _("It could not be stopped just now. Try again, or complain to us.")
    context = {"it": service_row, "problem": problem, "subscriber": me.subscriber}
    return render(request, "portals/mine_stop.html", context, status=409 if problem else 200)


@shown_only
@require_POST
def answer_mine(request: HttpRequest, me: Me, order: str) -> HttpResponse:
    """Answer an order that waits: no, send me the code, or the code."""
    if order not in {waiting_order.ref for waiting_order in waiting_for(me.subscriber)}:
        raise Http404
    form = OrderAnswerForm(request.POST, auto_id=f"id_{order}_%s")
    if not form.is_valid():
        return _services_page(request, me, form, order=order)
    if form.cleaned_data["no"]:
        refuse(order, channel="web", by=me.subscriber, now=me.now)
        messages.success(request, _("It is not ordered, and nothing is charged."))
    elif form.cleaned_data["ask"]:
        try:
            ask(order, now=me.now)
        except UnableToAsk as why:
            form.add_error("digits", str(refusal_text(why)))
            return _services_page(request, me, form, order=order)
        messages.info(request, _("The question is on its way to your contact on record."))
    else:
        code_answer = answer_code(
            order, form.cleaned_data["digits"], now=me.now, by=me.subscriber, channel="web"
        )
        good, text = words.answered(code_answer.outcome)
        if code_answer.outcome == "wrong":
            form.add_error("digits", str(text))
            return _services_page(request, me, form, order=order)
        (messages.success if good else messages.error)(request, str(text))
    return redirect("public:my_services")


@shown_only
@require_safe
def my_receipt(request: HttpRequest, me: Me, order: str) -> HttpResponse:
    """The receipt of a confirmation, to keep: it verifies without us."""
    if order not in {own_service.order for own_service in mine(me.subscriber)}:
        raise Http404
    try:
        text = receipt(order)
    except UnableToProve:
        messages.info(request, _("The receipt is ready within a minute. Try again shortly."))
        return redirect("public:my_services")
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="receipt-{order[:12]}.json"'},
    )


@shown_only
@require_safe
def my_looks(request: HttpRequest, me: Me) -> HttpResponse:
    """Who looked at my data."""
    all_looks = looks_at(me.subscriber)
    rows = [words.look_in_words(look, own_case="") for look in all_looks[:LOOKS]]
    context = {"rows": rows, "more": max(len(all_looks) - LOOKS, 0), "pack": settings.JURISDICTION}
    return render(request, "portals/mine_looks.html", context)


@personal
@require_POST
def leave_mine(request: HttpRequest) -> HttpResponse:
    """On a shared device: nobody after me reads this."""
    request.session.pop(_KEY, None)
    request.session.pop(_ASKED, None)
    return redirect("public:home")


def _own(me: Me, service: str) -> ShownService[MineView]:
    for own_service in mine(me.subscriber):
        if own_service.service == service:
            return shown_service(own_service, me.now)
    raise Http404
