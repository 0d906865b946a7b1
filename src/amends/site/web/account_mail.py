"""Nothing of an account goes by mail: it has no mailbox, and an administrator sets passwords."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from amends.people.access.web.permission import public


@public
def by_mail(request: HttpRequest, more: str = "") -> HttpResponse:
    """Nothing is sent, whatever was asked; the sign-in page says who helps."""
    return redirect("account_login")
