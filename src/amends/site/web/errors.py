"""Error pages: what happened, that nothing was lost, what to do; styled, in the reader's language.

They need neither the database nor a signed-in person, so that they show when those fail.
"""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amends.platform.database.failures import kind_of
from amends.platform.registry import Part


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    return render(request, "amends/error.html", {"status": status, **context}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form cannot be read."""
    return _page(
        request,
        400,
        what=_("This request cannot be read"),
        meaning=_("Something in the address or the form is not as expected. Nothing was changed."),
        next_step=_("Go back, check what you entered, and send it again."),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: understood, and not allowed."""
    return _page(
        request,
        403,
        what=_("This page is not open to you"),
        meaning=_("Your account does not have the role it needs. Nothing was changed."),
        next_step=_("Ask the person who looks after accounts, or sign in with another account."),
        sign_in=True,
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or one this person may not know of."""
    return _page(
        request,
        404,
        what=_("There is nothing at this address"),
        meaning=_("It may have moved, or the address is missing a piece. Nothing was lost."),
        next_step=_("Check the address, or start again from the first page."),
    )


def part_switched_off(request: HttpRequest, part: Part, *, may_switch: bool) -> HttpResponse:
    """404 for staff: a page of a part that this installation does not use."""
    return _page(
        request,
        404,
        what=_("“%(part)s” is switched off") % {"part": part.title},
        meaning=_("This installation does not use it. Its records are stored as before."),
        next_step=_("Switch it on under Settings, Parts in use.")
        if may_switch
        else _("An administrator switches it on under Settings, Parts in use."),
        page=reverse("parts") if may_switch else "",
    )


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405: the address of a form, opened like a page."""
    return _page(
        request,
        405,
        what=_("This page cannot be opened by its address"),
        meaning=_("It is shown once, after a form is sent. Nothing was changed."),
        next_step=_("Go back to the page with the form, and send it again if you still need to."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our mistake; 503 where disk or database are in trouble, and it can be tried again."""
    if kind := kind_of(sys.exc_info()[1]):
        return _trouble(request, kind)
    return _page(
        request,
        500,
        what=_("Something went wrong on our side"),
        meaning=_(
            "This step was not done. Everything saved before is safe, and the fault was written "
            "down."
        ),
        next_step=_("Wait a minute and try again. If it happens again, tell the operator when."),
    )


def _trouble(request: HttpRequest, kind: str) -> HttpResponse:
    page = _page(
        request,
        503,
        what=_("Our records cannot be reached at the moment")
        if kind == "absent"
        else _("Nothing can be saved at the moment"),
        meaning=_(
            "This step was not done, and nothing was left half done. Everything saved before is "
            "safe."
        ),
        next_step=_("Wait a minute and send it again; what you typed is still in the page before."),
    )
    page["Retry-After"] = "30"
    return page


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose protection has run out."""
    return _page(
        request,
        403,
        what=_("This form has been open too long"),
        meaning=_("For your safety it was not sent. What you typed is still on the previous page."),
        next_step=_("Go back, copy what you wrote, load the page again, and send it once more."),
    )
