"""Requests of people about their own data: the queue by clock, and one request."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.privacy.actions.rights_requests import answer, extend, words_of
from amends.causes.privacy.models import RightsRequest
from amends.causes.privacy.queries import rights_queue, rights_request
from amends.causes.privacy.queries.clocks import terms_on
from amends.causes.privacy.texts.rights import RIGHTS
from amends.causes.privacy.web.forms import RightsRequestForm
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.errors import AmendsError


@requires("privacy.requests")
@require_safe
def requests_page(request: HttpRequest) -> HttpResponse:
    """Open requests by their clocks, or those answered."""
    is_done = request.GET.get("state") == "done"
    rows = rights_queue(now=timezone.now(), brand=actor_of(request).brand, only_answered=is_done)
    return render(request, "desk/privacy_requests.html", {"rows": rows, "done": is_done})


@requires("privacy.requests")
@require_safe
def request_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One request: what the person wrote, its clock with the source, and the answer."""
    row = rights_request(ref, brand=actor_of(request).brand)
    if row is None:
        raise Http404
    return _request_page(request, row, RightsRequestForm())


def _request_page(
    request: HttpRequest, row: RightsRequest, form: RightsRequestForm, status: int = 200
) -> HttpResponse:
    term = terms_on(row.received_at).get(row.kind)
    context = {
        "it": row,
        "form": form,
        "title": RIGHTS[row.kind],
        "words": words_of(row),
        "term": term,
        "may_extend": bool(term and term.extension and not row.extended_because),
        "late": row.state == "open" and row.due_at < timezone.now(),
        "who": people([row.answered_by]).get(row.answered_by, row.answered_by),
    }
    return render(request, "desk/privacy_request.html", context, status=status)


@require_POST
@requires("privacy.requests")
@refusals_as_pages
def act_on_request(request: HttpRequest, ref: str) -> HttpResponse:
    """Carry out, refuse, or extend."""
    actor, now = actor_of(request), timezone.now()
    row = rights_request(ref, brand=actor.brand)
    if row is None:
        raise Http404
    form, status = RightsRequestForm(request.POST), 400
    if form.is_valid():
        do, text = form.cleaned_data["do"], form.cleaned_data["words"]
        try:
            if do == "extend":
                extend(ref, because=text, actor=actor, now=now)
                messages.success(request, _("The term is extended; the person reads why."))
            else:
                answer(ref, is_granted=do == "done", text=text, actor=actor, now=now)
                messages.success(request, _("The request is answered."))
        except AmendsError as error:
            status = refuse_form(form, error, "words")
        else:
            return redirect("privacy_request", ref)
    return _request_page(request, row, form, status)
