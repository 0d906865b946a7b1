"""What a browser has measured itself: kept in a signed cookie, which scripts cannot read."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from amends.network.quality.queries import OWN_COOKIE, OWN_FOR, own_codes, own_cookie


def is_own(request: HttpRequest, code: str) -> bool:
    """Whether this browser began the series, or ran the test."""
    return bool(code) and code in own_codes(request.COOKIES.get(OWN_COOKIE, ""))


def remember_own(request: HttpRequest, response: HttpResponseBase, code: str) -> None:
    """This browser has made `code`; other sites cannot send the cookie along."""
    response.set_cookie(
        OWN_COOKIE,
        own_cookie(request.COOKIES.get(OWN_COOKIE, ""), code),
        max_age=int(OWN_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
