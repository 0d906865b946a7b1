"""End sessions, so that what was open in a browser opens nothing any more."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from amends.people.access.models import User


def end_sessions_of(person: User) -> None:
    """End all sessions of an account: one that was stolen must not be open again later."""
    for session in UserSession.objects.filter(user=person):
        session.end()


def end_every_session() -> None:
    """End the sessions of all colleagues and subscribers."""
    UserSession.objects.all().delete()
    Session.objects.all().delete()
