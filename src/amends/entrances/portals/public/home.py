"""The first page of the public site: two doors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amends.people.access.web.permission import public
from amends.people.operator.queries import parts_off


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """File a complaint, or follow one."""
    return render(request, "portals/home.html", {"parts_off": sorted(parts_off())})
