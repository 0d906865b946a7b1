"""What everybody is told about faults that hit many: the newest first, every version kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amends.access.web.permission import public
from amends.emergencies.queries import public_statements


@public
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The page; it names nobody."""
    return render(request, "portals/statements.html", {"rows": public_statements()})
