"""Headers every answer carries, and what no request may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from amends.portals.api.refusals import problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'"
)


class ContentSecurityPolicy:
    """A strict policy: own origin only, no inline script or style, no frames."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        return response


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NUL = "\x00"


class WithoutNul:
    """The character that PostgreSQL takes in no text.

    No address has it: one that does is refused. Nobody types it into a form: it is left out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = (request.path_info, *chain.from_iterable(request.GET.lists()))
        if not any(_NUL in part for part in _texts(asked)):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            said = problem(
                "bad_input",
                "The address has a character that no reference has (NUL).",
                meaning="Nothing was changed.",
                next_step="Write the address anew.",
            )
            return JsonResponse(said, status=400)
        raise BadRequest("The address has a character that no reference has (NUL).")

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        """Leave it out of a form; a page that reads its form in its own way sees to it."""
        if request.method != "POST" or request.content_type not in _FORMS:
            return
        if getattr(view, "csrf_exempt", False):
            return
        if any(_NUL in text for texts in request.POST.lists() for text in _texts(texts)):
            kept = QueryDict(mutable=True)
            for name, texts in request.POST.lists():
                kept.setlist(name.replace(_NUL, ""), [text.replace(_NUL, "") for text in texts])
            request.POST = kept  # type: ignore[assignment]


def _texts(parts: Iterable[Any]) -> Iterator[str]:
    """The texts among names and lists of values."""
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            yield from part
