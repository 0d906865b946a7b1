"""Public pages: subscribe to notices of known problems, confirm, end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amends.people.access.web.limits import SENDING, WRONG_CODES, source_of, too_much
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import refusals_as_pages
from amends.work.knowledge.actions.subscribe import (
    check_end_link,
    confirm,
    is_confirmed,
    subscribe,
    unsubscribe,
)
from amends.work.knowledge.web.forms import AddressCodeForm, SubscriptionForm


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Subscribe: a code is sent to the address."""
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if wait := SENDING.take(request, now=now):
            return _wait(wait)
        language = (get_language() or "zh")[:2]
        address = form.cleaned_data["email"]
        row = subscribe(address, language, source=source_of(request), now=now)
        return redirect("help:notice", row.ref)
    status = 400 if form.errors else 200
    return render(request, "help/notices.html", {"form": form}, status=status)


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, ref: str) -> HttpResponse:
    """One request: enter its code. It is the same page whether the address was known or not."""
    now, confirmed = timezone.now(), is_confirmed(ref)
    form = AddressCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if wait := WRONG_CODES.take(request, now=now):
            return _wait(wait)
        confirm(ref, form.cleaned_data["code"], now=now)
        messages.success(request, _("You will receive notices of known problems."))
        return redirect("help:notice", ref)
    context = {"form": form, "confirmed": confirmed}
    return render(request, "help/notice.html", context)


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def end_notices(request: HttpRequest, ref: str, token: str) -> HttpResponse:
    """End a subscription by its mailed link; a press of the button ends it, no program's visit."""
    if request.method == "POST":
        unsubscribe(ref, token)
        messages.success(request, _("You receive no more notices; the address is deleted."))
        return redirect("help:notices")
    check_end_link(ref, token)
    return render(request, "help/notice_end.html")


def _wait(minutes: int) -> HttpResponse:
    return HttpResponse(too_much(minutes), status=429, content_type="text/plain; charset=utf-8")
