"""The first page: to one's day, to the first steps where nobody is set up, or to sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amends.access.queries import anybody
from amends.access.web.permission import public


@public
def front(request: HttpRequest) -> HttpResponse:
    """Where a person who types only the host belongs."""
    if request.user.is_authenticated:
        return redirect("day")
    if anybody():
        return redirect("account_login")
    return render(request, "amends/first_run.html")
