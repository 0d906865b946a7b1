"""Show that it is you: a code is sent, and typed in again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.actions.identify import UnableToIdentify
from amends.cases.complaints.actions.prove_identity import request_proof, take_proof
from amends.channels.queries.capabilities import codes_can_leave
from amends.entrances.portals.public.follow import Followed, followed
from amends.entrances.portals.public.forms import CodeRequestForm, ProofForm
from amends.entrances.portals.public.identity_session import show
from amends.people.access.web.limits import SENDING, WRONG_CODES, source_of


@followed()
def identity(request: HttpRequest, it: Followed) -> HttpResponse:
    """Ask for a code, or enter it."""
    if it.shown:
        return redirect("public:followed", it.code)
    if request.method != "POST":
        return _page(request, it, ProofForm())
    request_form = CodeRequestForm(request.POST)
    if request_form.is_valid() and request_form.cleaned_data["ask"]:
        return _ask(request, it)
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _page(request, it, form, was_asked=True)
    return _answer(request, it, form)


def _ask(request: HttpRequest, it: Followed) -> HttpResponse:
    if wait := SENDING.wait(request, now=it.now):
        message = ngettext(
            "Many codes were asked for from your connection. Wait %(wait)s minute.",
            "Many codes were asked for from your connection. Wait %(wait)s minutes.",
            wait,
        )
        return _page(request, it, ProofForm(), problem=message % {"wait": wait}, status=429)
    SENDING.count(request, now=it.now)
    # One page in one time whether there is a contact on record or given, or none, or it has had
    # its five codes: who only has a tracking code learns nothing about the person.
    request_proof(it.ref, source=source_of(request), now=it.now)
    return _page(request, it, ProofForm(), was_asked=True, has_asked=True)


def _answer(request: HttpRequest, it: Followed, form: ProofForm) -> HttpResponse:
    if wait := WRONG_CODES.wait(request, now=it.now):
        message = ngettext(
            "Too many wrong codes came from your connection. Wait %(wait)s minute.",
            "Too many wrong codes came from your connection. Wait %(wait)s minutes.",
            wait,
        )
        return _page(request, it, form, problem=message % {"wait": wait}, status=429)
    try:
        take_proof(it.ref, form.cleaned_data["digits"], now=it.now)
    except UnableToIdentify:
        WRONG_CODES.count(request, now=it.now)
        form.add_error(
            "digits",
            _("This is not the code we sent, or it is too old. Look at the newest message."),
        )
        return _page(request, it, form, was_asked=True)
    show(request, it.ref, now=it.now)
    return redirect("public:followed", it.code)


def _page(
    request: HttpRequest,
    it: Followed,
    form: ProofForm,
    *,
    was_asked: bool = False,
    has_asked: bool = False,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "portals/identity.html",
        {
            "it": it,
            "form": form,
            "was_asked": was_asked,
            "is_held": has_asked and not codes_can_leave(),
            "problem": problem,
        },
        status=status,
    )
