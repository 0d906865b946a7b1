"""The page behind the link of a question: the exact terms, yes or no."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.causes.confirmations.actions.answer import answer_by_link
from amends.causes.confirmations.queries import order_of_token
from amends.entrances.portals.public import words
from amends.entrances.portals.public.forms import LinkAnswerForm
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.public.service_words import shown_order
from amends.people.access.web.limits import WRONG_CODES

_NOT_OVER = ("wrong", "not_this_way")


@personal
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is asked; take the answer. Opening the page answers nothing."""
    now = timezone.now()
    if wait := WRONG_CODES.wait(request, now=now):
        message = ngettext(
            "Too many wrong codes came from your connection. Wait %(wait)s minute.",
            "Too many wrong codes came from your connection. Wait %(wait)s minutes.",
            wait,
        )
        return _page(request, problem=message % {"wait": wait}, status=429)
    order_and_form = order_of_token(token)
    if order_and_form is None:
        WRONG_CODES.count(request, now=now)
        return _page(request, problem=_("This link is not one of ours, or not whole."), status=404)
    order, kind = order_and_form
    by_click = kind == "yes" and "click" in order.methods
    form = LinkAnswerForm(request.POST if request.method == "POST" else None, by_click=by_click)
    context: dict[str, Any] = {
        "it": shown_order(order),
        "form": form,
        "over": not order.waits,
    }
    if request.method != "POST":
        return _page(request, **context)
    if not form.is_valid():
        return _page(request, **context, status=400)
    answered = answer_by_link(
        token,
        yes=not form.cleaned_data["no"],
        code=form.cleaned_data.get("digits", ""),
        now=now,
    )
    good, text = words.answered(answered.outcome)
    if answered.outcome in _NOT_OVER:
        WRONG_CODES.count(request, now=now)
        form.add_error(None if by_click else "digits", str(text))
        return _page(request, **context, status=409)
    context["over"] = True
    return _page(request, **context, said=str(text), good=good)


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "portals/confirm.html", context, status=status)
