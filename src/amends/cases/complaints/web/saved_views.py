"""Saved views: an address of the inbox under a name, kept for its user on every device."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from amends.cases.complaints import queries
from amends.cases.complaints.actions.save_view import drop_view, save_view
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages


def read(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and addresses of the user's own views, in the order they were saved."""
    return queries.saved_views(actor_of(request).ref)


@require_POST
@requires("complaints.read")
@refusals_as_pages
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present address under a name; the same name again replaces it."""
    query = QueryDict(request.POST.get("address", ""), mutable=True)
    for name in ("after", "before", "search"):
        query.pop(name, None)
    save_view(
        request.POST.get("name", ""),
        query.urlencode(),
        team=request.POST.get("team", ""),
        actor=actor_of(request),
    )
    return redirect(f"{reverse('inbox')}?{query.urlencode()}")


@require_POST
@requires("complaints.read")
def forget(request: HttpRequest) -> HttpResponse:
    """Take a saved view away."""
    drop_view(request.POST.get("name", ""), actor=actor_of(request))
    return redirect("inbox")
