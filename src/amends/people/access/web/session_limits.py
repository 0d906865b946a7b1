"""A session ends after a while without a request, after its hours, and by newer ones (ASVS 7.3)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from allauth.account.signals import user_logged_in as signed_in
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from amends.people.access.actions.security_log import note
from amends.people.access.models import User

_BEGAN, _SEEN = "signed_in_at_s", "last_request_at_s"
_NOTED_EVERY_S = 60
BACKGROUND = "X-Background"
"""Header of requests that a page makes by itself: they keep nobody signed in."""


class SessionLimits:
    """Sign a person out after `SESSION_IDLE_S` without a request or `SESSION_COOKIE_AGE` in all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The path first: who asks whether we live must not wait for a database that is away.
        if request.path.startswith("/healthz") or not request.user.is_authenticated:
            return self.get_response(request)
        answer = self._answered(request)
        if not request.user.is_authenticated:
            # The data of the pages is removed from the browser with the session (ASVS 14.3.1).
            answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def _answered(self, request: HttpRequest) -> HttpResponse:
        now = int(time.time())
        began = request.session.get(_BEGAN, now)
        seen = request.session.get(_SEEN, now)
        if now - seen > settings.SESSION_IDLE_S or now - began > settings.SESSION_COOKIE_AGE:
            return _sign_out(request, why="idle" if now - seen > settings.SESSION_IDLE_S else "age")
        if now - seen >= _NOTED_EVERY_S and BACKGROUND not in request.headers:
            request.session[_SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now()
            )
        return self.get_response(request)


def watch_sign_ins() -> None:
    """Note in the session when a person signs in, and end the oldest sessions beyond the limit."""
    user_logged_in.connect(_begin, dispatch_uid="amends.people.access.session_begins")
    signed_in.connect(_end_oldest, dispatch_uid="amends.people.access.oldest_sessions")
    for signal in (authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(_end_others, dispatch_uid=f"amends.people.access.factor.{id(signal)}")


def _begin(request: HttpRequest, **_signal: Any) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())


def _end_oldest(request: HttpRequest, user: User, **_signal: Any) -> None:
    """End the oldest sessions of an account beyond `SESSIONS_AT_ONCE`, never the new one."""
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=user.pk).first()
        other_sessions = [
            row
            for row in UserSession.objects.purge_and_list(user)
            if row.session_key != request.session.session_key
        ]
        other_sessions.sort(key=lambda row: (row.created_at, row.pk))
        ended = other_sessions[: max(0, len(other_sessions) + 1 - settings.SESSIONS_AT_ONCE)]
        end_sessions(request, ended)
    if ended:
        note(logging.INFO, "sessions ended", request, user, why="newer sign-in", count=len(ended))
        messages.info(
            request,
            _("Your oldest session was ended: an account has at most %(most)s at once.")
            % {"most": settings.SESSIONS_AT_ONCE},
        )


def _end_others(request: HttpRequest | None, user: User, **_signal: Any) -> None:
    """After a change of a second factor only the session that made it remains (ASVS 7.4.3).

    A change of the password ends the others by itself: Django binds each session to the password.
    """
    if request is None:
        return
    others = list(
        UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    )
    for session in others:
        session.end()
    if others:
        note(logging.INFO, "sessions ended", request, user, why="factor changed", count=len(others))
        messages.info(request, _("Your other sessions were ended."))


def _sign_out(request: HttpRequest, *, why: str) -> HttpResponse:
    note(logging.INFO, "session ended", request, request.user, why=why)
    logout(request)
    messages.info(
        request,
        _("You were signed out because nothing was done here for a while.")
        if why == "idle"
        else _("You were signed out because the session had lasted its hours."),
    )
    back = request.get_full_path() if request.method == "GET" else "/"
    url = f"{reverse('account_login')}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=403)
        answer["HX-Redirect"] = url
        return answer
    return redirect(url)
