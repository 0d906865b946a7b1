"""Every page says who may open it: `@requires("complaints.handle")`, `@public` or `@signed_in`.

A test walks the URL map and fails for a view that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.queries.staff import actor_of_user
from amends.people.access.rules.decide import may_open_page
from amends.platform.kit.actors import Actor

View = Callable[..., HttpResponseBase]
PUBLIC = "public"
SIGNED_IN = "signed_in"


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page; a request of a dialog leads the window that sent it there."""
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    address = redirect_to_login(page._replace(scheme="", netloc="").geturl() or "/").url
    return HttpResponse(status=403, headers={"HX-Redirect": address})


def requires(page: str) -> Callable[[View], View]:
    """Let in the roles that hold the permission `page`; others are refused (403) or sign in."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            rules = rules_on(timezone.localdate())
            if not may_open_page(actor_of(request).roles, page, rules):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return permits(guarded, page)

    return guard


def signed_in(view: View) -> View:
    """Let in everybody who has signed in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return permits(guarded, SIGNED_IN)


def public(view: View) -> View:
    """A page for everybody, said aloud."""
    return permits(view, PUBLIC)


def declared(view: Any) -> str:
    """The permission a view declares, "" if it says nothing."""
    return str(getattr(view, "amends_permission", ""))


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in user as an actor; somebody put out of service has no roles."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return Actor("user", "")
    return actor_of_user(user)


def permits(view: View, page: str) -> View:
    """Declare the permission of a view that checks it by itself."""
    view.amends_permission = page  # type: ignore[attr-defined]
    return view
