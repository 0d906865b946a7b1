"""Headers every answer carries, and what no request may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    QueryDict,
)
from django.urls import Resolver404, resolve
from django.utils import translation

from amends.entrances.portals.api.refusals import problem
from amends.entrances.tmforum.web.answers import error_answer, no_such_address
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of
from amends.people.operator.queries import parts_off
from amends.platform import registry
from amends.site.web.errors import method_not_allowed, page_not_found, part_switched_off

POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


class ContentSecurityPolicy:
    """A strict policy: own origin only, no inline script or style, no frames, nothing in caches.

    Static files and what says itself how long it may be kept are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy())
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        return response


def _policy() -> str:
    """The policy; scripts may speak to the measurement server too, a worker by that of its file."""
    sources = f"connect-src 'self' {settings.SPEED_URL}".rstrip()
    return POLICY.replace("connect-src 'self'", sources)


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_INTERFACE = "/api/"
_OPEN_APIS = "/tmf-api/"
_PLAIN = "This interface answers over HTTPS alone."
_NUL = "\x00"
_NUL_IN_ADDRESS = "The address has a character that no reference has (NUL)."


class StraightToInterface:
    """The interface knows who calls by a token, and needs nothing of what serves pages.

    It passes by sessions, users, forms and messages. What else stands on the way is done here: the
    host is one of ours, the address has no NUL, language and headers are as everywhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        open_api = request.path_info.startswith(_OPEN_APIS)
        if not open_api and not request.path_info.startswith(_INTERFACE):
            return self.get_response(request)
        request.get_host()
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _as_everywhere(_plain_refused(open_api=open_api))
        if _has_nul(request):
            return _as_everywhere(_nul_refused(open_api=open_api))
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return _as_everywhere(no_such_address()) if open_api else self.get_response(request)
        request.resolver_match = match
        translation.activate(translation.get_language_from_request(request))
        return _as_everywhere(match.func(request, *match.args, **match.kwargs))


def _plain_refused(*, open_api: bool) -> HttpResponse:
    """No redirect: it would hide that a program sends its token without encryption."""
    if open_api:
        return error_answer("https_needed", _PLAIN, "Nothing was changed.", 403)
    problem_document = problem(
        "https_needed",
        _PLAIN,
        meaning="Nothing was changed, and the token was sent without encryption.",
        next_step="Use the https:// address, and have the token replaced.",
    )
    return JsonResponse(problem_document, status=403)


def _nul_refused(*, open_api: bool) -> HttpResponse:
    if open_api:
        return error_answer("bad_query", _NUL_IN_ADDRESS, "Nothing was changed.", 400)
    problem_document = problem(
        "bad_input",
        _NUL_IN_ADDRESS,
        meaning="Nothing was changed.",
        next_step="Write the address anew.",
    )
    return JsonResponse(problem_document, status=400)


def _as_everywhere(response: HttpResponse) -> HttpResponse:
    """The answer with the headers that pages get on their way."""
    headers = response.headers
    headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
    headers.setdefault("Content-Length", str(len(response.content)))
    headers.setdefault("Vary", "Accept-Language")
    headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
    return response


class WordedMethodNotAllowed:
    """Who opens or reloads the address of a form in a browser gets words, not a blank page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        blank = isinstance(response, HttpResponseNotAllowed) and not response.content
        if not blank or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page


class WithoutNul:
    """The character that PostgreSQL takes in no text.

    No address has it: one that does is refused. Nobody types it into a form: it is left out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            raise BadRequest(_NUL_IN_ADDRESS)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        """Leave it out of a form; a page that reads its form in its own way sees to it."""
        if request.method != "POST" or request.content_type not in _FORMS:
            return
        if getattr(view, "csrf_exempt", False):
            return
        if any(_NUL in text for texts in request.POST.lists() for text in _texts(texts)):
            cleaned = QueryDict(mutable=True)
            for name, texts in request.POST.lists():
                cleaned.setlist(name.replace(_NUL, ""), [text.replace(_NUL, "") for text in texts])
            request.POST = cleaned  # type: ignore[assignment]


def _has_nul(request: HttpRequest) -> bool:
    """Whether the address has the character, in its path or in what is asked."""
    request_texts = (request.path_info, *chain.from_iterable(request.GET.lists()))
    return any(_NUL in part for part in _texts(request_texts))


def _texts(parts: Iterable[Any]) -> Iterator[str]:
    """The texts among names and lists of values."""
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            yield from part


class PartsInUse:
    """Pages of a part that is switched off answer 404; staff read where it is switched on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer for a page of a part that is off; None lets the view answer."""
        part = registry.parts().get(registry.part_of(f"{view.__module__}."))
        is_desk = request.path.startswith("/desk/")
        if part is None or (part.desk_only and not is_desk) or part.name not in parts_off():
            return None
        roles = actor_of(request).roles if request.user.is_authenticated else ()
        if not roles:
            return page_not_found(request)
        return part_switched_off(request, part, may_switch=may(roles, "admin"))
