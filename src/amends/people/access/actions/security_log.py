"""Security log: who signed in, out and in vain, and what was refused to whom (ASVS 16.3).

Lines go to the logger `amends.security`, one JSON object each, whatever `AMENDS_LOG_LEVEL` says.
People are named by their `ref`, never by what somebody typed; `from` tells addresses apart and
names none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from amends.people.access.models import User
from amends.platform.vault.indexes import blind_index

log = logging.getLogger("amends.security")
_REFUSED = (401, 403, 429)


class LogRefusals:
    """Middleware: one line for each request that was refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in _REFUSED:
            match = getattr(request, "resolver_match", None)
            note(
                logging.WARNING,
                "request refused",
                request,
                getattr(request, "user", None),
                status=response.status_code,
                method=request.method,
                page=f"/{match.route}" if match else "?",
            )
        return response


def note(
    level: int, what: str, request: HttpRequest | None, user: Any = None, **details: Any
) -> None:
    """One line: what happened, to which person, from where."""
    log_fields = {"user": getattr(user, "ref", "") or "nobody", "from": _origin(request), **details}
    log.log(
        level, "%s: %s", what, " ".join(f"{name}={value}" for name, value in log_fields.items())
    )


def watch_signals() -> None:
    """Note what Django and allauth announce; called once when the app is ready."""
    for signal, receiver in (
        (account.user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _failed),
        (mfa.authentication_failed, _wrong_code),
        (account.password_changed, _changed("password changed")),
        (account.password_set, _changed("password set")),
        (mfa.authenticator_added, _changed("second factor added")),
        (mfa.authenticator_removed, _changed("second factor removed")),
        (mfa.authenticator_reset, _changed("recovery codes made anew")),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=f"amends.security.{id(signal)}")


def _signed_in(request: HttpRequest, user: Any, **_more: Any) -> None:
    records = get_authentication_records(request, user)
    methods = dict.fromkeys(str(record.get("method", "")) for record in records)
    note(logging.INFO, "signed in", request, user, by="+".join(methods))


def _signed_out(request: HttpRequest, user: Any, **_more: Any) -> None:
    if user is not None:
        note(logging.INFO, "signed out", request, user)


def _failed(
    credentials: Mapping[str, Any], request: HttpRequest | None = None, **_more: Any
) -> None:
    # The name that was typed may be a password, so only a name of somebody here is looked up.
    name = str(credentials.get("username", ""))
    user = User.objects.filter(username__iexact=name).first()
    note(logging.WARNING, "sign-in refused", request, user, why="wrong name or password")


def _wrong_code(request: HttpRequest, user: Any, **_more: Any) -> None:
    note(logging.WARNING, "sign-in refused", request, user, why="wrong second factor")


def _changed(what: str) -> Callable[..., None]:
    def noted(request: HttpRequest, user: Any, **_more: Any) -> None:
        note(logging.INFO, what, request, user)

    return noted


def _origin(request: HttpRequest | None) -> str:
    """A mark of the client's address; the same address has the same mark."""
    if request is None:
        return "command"
    try:
        address = str(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied):
        address = str(request.META.get("REMOTE_ADDR", ""))
    return blind_index("access.address", address)[:12]
