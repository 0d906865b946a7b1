"""People who work with Amends sign in with a second factor (TOTP), or set one up first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from amends.people.access.oidc.adapter import has_strong_claims

_OPEN = ("/account/", "/healthz")
_SET_UP_HERE = "amends_second_factor_set_up"
_SEEN_AT_PROVIDER = "amends_second_factor_at_provider"


class RequireMfa:
    """Let a signed-in person in only after a second factor in this session.

    Without one set up, the way leads to the page that sets it up; with one that this session has
    not shown (a session older than the factor), to the page that asks for it. Works with
    `AMENDS_REQUIRE_MFA`; place it after allauth's own middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not getattr(settings, "AMENDS_REQUIRE_MFA", False) or _is_open(request):
            return self.get_response(request)
        if request.session.get(_SEEN_AT_PROVIDER):
            return self.get_response(request)
        if not is_mfa_enabled(request.user):
            return _go(request, reverse("mfa_activate_totp"))
        if not _shown_in(request):
            back = urlencode({"next": request.get_full_path()})
            return _go(request, f"{reverse('mfa_reauthenticate')}?{back}")
        return self.get_response(request)


def remember_set_up(request: HttpRequest | None, **_signal: Any) -> None:
    """The session that sets a factor up has just proved it holds one."""
    if request is not None:
        request.session[_SET_UP_HERE] = True


def remember_provider(request: HttpRequest, sociallogin: Any = None, **_signal: Any) -> None:
    """The session of somebody whose provider saw a second factor, where its word counts."""
    request.session[_SEEN_AT_PROVIDER] = bool(sociallogin) and has_strong_claims(sociallogin)


def watch_set_up() -> None:
    """Note in the session when a second factor is set up in it, or was seen by the provider."""
    authenticator_added.connect(remember_set_up, dispatch_uid="amends.people.access.second_factor")
    user_logged_in.connect(remember_provider, dispatch_uid="amends.people.access.provider_factor")


def _is_open(request: HttpRequest) -> bool:
    # The path first: who asks whether we live must not wait for a database that is away.
    if request.path.startswith((*_OPEN, settings.STATIC_URL)):
        return True
    return not request.user.is_authenticated


def _shown_in(request: HttpRequest) -> bool:
    methods = {record.get("method") for record in get_authentication_records(request, request.user)}
    return "mfa" in methods or bool(request.session.get(_SET_UP_HERE))


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(_("A second factor is needed."), status=403)
        answer["HX-Redirect"] = url
        return answer
    return redirect(url)
