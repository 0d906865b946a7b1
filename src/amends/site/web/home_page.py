"""The first page: to one's day, to the first steps where nobody is set up, or to the public."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amends.entrances.portals.public.home import home
from amends.people.access.queries.colleagues import anybody
from amends.people.access.web.permission import actor_of, public
from amends.site.web.setup import first_steps_wait


@public
def home_page(request: HttpRequest) -> HttpResponse:
    """Where a person who types only the host belongs."""
    if request.user.is_authenticated:
        return redirect("setup" if first_steps_wait(actor_of(request)) else "day")
    if anybody():
        return home(request)
    return render(request, "amends/first_run.html")
