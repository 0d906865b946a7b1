"""End sessions, so that what was open in a browser opens nothing any more."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from amends.people.access.models import User


def end_sessions_of(person: User) -> int:
    """End all sessions of an account: one that was stolen must not be open again later."""
    rows = UserSession.objects.filter(user=person)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


def end_every_session() -> int:
    """End the sessions of all colleagues and subscribers."""
    UserSession.objects.all().delete()
    ended, _by_model = Session.objects.all().delete()
    return ended
