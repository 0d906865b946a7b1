"""Who has shown who they are: kept in the session, for one complaint, for an hour.

The session holds the complaint's reference and the hour, nothing about the person. What counts is
this browser: that a complaint was verified elsewhere opens nothing here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from amends.cases.complaints.actions.prove_identity import CODE, proof_needed
from amends.platform.kit.periods import from_ms, to_ms

SHOWN_FOR = timedelta(hours=1)
_KEY = "shown"


def is_shown(request: HttpRequest, ref: str, needed: str, *, now: datetime) -> bool:
    """Whether this browser may see and answer the complaint `ref`, which needs that proof.

    The way it was shown must be the one needed today: once a subscriber is known, the code that
    went to an address somebody typed opens nothing any more.
    """
    if needed == CODE:
        return True
    way, until_ms = request.session.get(_KEY, {}).get(ref, ("", 0))
    return bool(way == needed and from_ms(until_ms) > now)


def show(request: HttpRequest, ref: str, *, now: datetime) -> None:
    """The person of this browser has answered the code; the session gets a new name."""
    request.session.cycle_key()
    request.session[_KEY] = {ref: (proof_needed(ref), to_ms(now + SHOWN_FOR))}


def hide(request: HttpRequest) -> None:
    """Nobody in this browser has shown anything."""
    request.session.pop(_KEY, None)
