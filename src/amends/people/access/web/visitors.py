"""The subscriber who was identified in this browser by a code."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from amends.platform.kit.periods import from_ms

SESSION_KEY = "mine"
"""Key in the session: subscriber, the presence that proves it, end (ms)."""


def identified_visitor(request: HttpRequest, *, now: datetime) -> str:
    """The pseudonym of the subscriber; "" without a code entered in the last half hour."""
    subscriber, _presence, until_ms = request.session.get(SESSION_KEY, ("", "", 0))
    return str(subscriber) if subscriber and from_ms(until_ms) > now else ""
