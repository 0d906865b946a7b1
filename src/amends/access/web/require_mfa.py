"""People who work with Amends sign in with a second factor (TOTP), or set one up first."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

_OPEN = ("/account/", "/healthz")


class RequireMfa:
    """Send a signed-in user without a second factor to the page that sets one up.

    Works with `AMENDS_REQUIRE_MFA`; allauth asks for the factor at every sign-in once it is set up,
    so a session of a user who has one has passed it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not getattr(settings, "AMENDS_REQUIRE_MFA", False) or self._may_pass(request):
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            answer = HttpResponse(_("Set up your second factor first."), status=403)
            answer["HX-Redirect"] = reverse("mfa_index")
            return answer
        return redirect("mfa_index")

    def _may_pass(self, request: HttpRequest) -> bool:
        if not request.user.is_authenticated:
            return True
        if request.path.startswith((*_OPEN, settings.STATIC_URL)):
            return True
        return bool(is_mfa_enabled(request.user))
