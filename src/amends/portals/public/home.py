"""The first page: for the public two doors; who works here goes on to the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from amends.access.web.permission import public


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """File a complaint, or follow one."""
    if request.user.is_authenticated:
        return redirect("day")
    return render(request, "portals/home.html")
