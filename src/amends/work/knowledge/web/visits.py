"""The cookie of the help centre: a random token for a day, so that we know what was read before."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from amends.platform.kit.ids import random_id
from amends.work.knowledge.queries.visit_cookie import COOKIE, visit_of

LIFETIME = timedelta(hours=24)


def visit_for(request: HttpRequest) -> str:
    """The token of the visitor, a new one where there is none."""
    return visit_of(request.COOKIES.get(COOKIE, "")) or random_id("vst")


def remember(response: HttpResponse, visit: str) -> None:
    """Give the browser the token, signed and unreadable for scripts."""
    response.set_cookie(
        COOKIE,
        signing.dumps(visit, salt=COOKIE),
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
