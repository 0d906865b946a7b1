"""Reference data that several parts of a page need is read once for each request.

Areas, offers and the names of colleagues are read by every panel that shows them. While a page is
read (GET or HEAD), the first answer of a decorated query serves the others; in forms, jobs and
commands, which may change what they read, every call reads the database.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from copy import copy
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

_ANSWERS: ContextVar[dict[Any, Any] | None] = ContextVar("amends_answers", default=None)


def answers_of_request(name: str) -> dict[Any, Any]:
    """What was read under this name for the present request; a new dictionary outside of one."""
    answers = _ANSWERS.get()
    if answers is None:
        return {}
    of_name: dict[Any, Any] = answers.setdefault(name, {})
    return of_name


def once_per_request(query: Callable[P, R]) -> Callable[P, R]:
    """A query that runs once for each request and arguments; these must be hashable.

    Each caller receives a shallow copy, which it may change.
    """
    name = f"{query.__module__}.{query.__qualname__}"
    signature = inspect.signature(query)

    @functools.wraps(query)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        answers, key = answers_of_request(name), (bound.args, *sorted(bound.kwargs.items()))
        if key not in answers:
            answers[key] = query(*args, **kwargs)
        answer: R = copy(answers[key])
        return answer

    return answered


class OncePerRequest:
    """Middleware that begins and ends the cache of `once_per_request`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        token = _ANSWERS.set({})
        try:
            return self.get_response(request)
        finally:
            _ANSWERS.reset(token)
