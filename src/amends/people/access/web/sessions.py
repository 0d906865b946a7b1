"""Sessions in the database, found by a question that is kept: every page of the desk asks it."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from amends.platform.database.prepared_queries import PreparedQuery

_KEPT = PreparedQuery(lambda key: Session.objects.filter(session_key=key))


class SessionStore(db.SessionStore):
    """Django's; the end of a session is looked at here instead of in the database."""

    def _get_session_from_db(self) -> Session | None:
        stored_session = _KEPT.first(str(self.session_key))
        if isinstance(stored_session, Session) and stored_session.expire_date > timezone.now():
            return stored_session
        self._session_key = None
        return None


def clear_expired() -> None:
    """Forget sessions that are over: a job."""
    SessionStore.clear_expired()
