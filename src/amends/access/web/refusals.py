"""A refusal becomes a page that says what happened, what it means, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from amends.kit.errors import AmendsError, BadInput, Unavailable


def status_of(error: AmendsError) -> int:
    """The HTTP status of a refusal: 400, 403, 404 or 503.

    >>> status_of(BadInput("The file is empty."))
    400
    """
    if error.code.endswith("_unknown"):
        return 404
    if isinstance(error, BadInput):
        return 400
    return 503 if isinstance(error, Unavailable) else 403


def refusals_as_pages(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Answer `AmendsError` with the page of refusals instead of the page of our own mistakes."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except AmendsError as error:
            return refused(request, error)

    return answered


def refused(request: HttpRequest, error: AmendsError) -> HttpResponse:
    """The page of a refusal."""
    return render(request, "desk/refused.html", {"error": error}, status=status_of(error))
