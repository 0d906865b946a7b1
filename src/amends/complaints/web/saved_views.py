"""Saved views: an address of the inbox under a name, kept on the person's own device."""

from __future__ import annotations

import json

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from amends.access.web.permission import requires

COOKIE = "amends_views"
MOST = 8
_SALT = "amends.complaints.saved_views"


def read(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and addresses, in the order they were saved; a damaged cookie counts as none."""
    try:
        text = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
        return [(str(name), str(address)) for name, address in json.loads(text)]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def _answer(views: list[tuple[str, str]], address: str) -> HttpResponse:
    response = redirect(f"{reverse('inbox')}?{address}")
    response.set_cookie(
        COOKIE,
        signing.dumps(json.dumps(views[-MOST:], ensure_ascii=False), salt=_SALT),
        max_age=365 * 86_400,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@require_POST
@requires("complaints.read")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present address under a name; the same name again replaces it."""
    query = QueryDict(request.POST.get("address", ""), mutable=True)
    for name in ("after", "before"):
        query.pop(name, None)
    address = query.urlencode()
    name = request.POST.get("name", "").strip()[:40]
    views = [view for view in read(request) if view[0] != name]
    if name:
        views.append((name, address))
    return _answer(views, address)


@require_POST
@requires("complaints.read")
def forget(request: HttpRequest) -> HttpResponse:
    """Take a saved view away."""
    name = request.POST.get("name", "")
    return _answer([view for view in read(request) if view[0] != name], "")
