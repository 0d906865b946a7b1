"""What every page of the public site declares: open to everybody, kept and indexed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from amends.people.access.web.permission import public

View = Callable[..., HttpResponseBase]


def personal(view: View) -> View:
    """A page that may show something about a person: no cache keeps it, no engine lists it."""

    @wraps(view)
    def unlisted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return public(never_cache(unlisted))
