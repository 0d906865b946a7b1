"""Name of the help centre's cookie, and the token in it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing

COOKIE = f"{settings.COOKIE_PREFIX}amends_help"


def visit_of(cookie: str) -> str:
    """The token in the cookie, "" where it is missing, forged or older than a day."""
    try:
        return str(signing.loads(cookie, salt=COOKIE, max_age=timedelta(hours=24)))
    except signing.BadSignature:
        return ""
