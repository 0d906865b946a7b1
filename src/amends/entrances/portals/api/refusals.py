"""The one shape of every refusal, whatever refused: our rules, the framework, the database."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from amends.entrances.portals.actions.clients import UnableToUseScope
from amends.people.access.web.refusals import status_of
from amends.people.operator.queries import public_address
from amends.platform.database.failures import kind_of
from amends.platform.kit.errors import AmendsError, BadInput

log = logging.getLogger(__name__)
_TROUBLE = {
    "full": "The disk is full: nothing can be stored at the moment.",
    "read-only": "The database cannot be written at the moment.",
    "absent": "The database does not answer.",
}
_TROUBLE_CODE = {"full": "disk_full", "read-only": "read_only", "absent": "unavailable"}
_SAME_KEY = "Send the same again with the same key; it is stored once."
_TROUBLE_NEXT = {
    "full": f"Have the operator make room on the disk. {_SAME_KEY}",
    "read-only": f"Have the operator look at the file system. {_SAME_KEY}",
    "absent": "Send the same again with the same key.",
}


def problem(error: str, what: str, *, meaning: str = "", next_step: str = "") -> dict[str, str]:
    """The shape."""
    return {"error": error, "what": what, "meaning": meaning, "next_step": next_step}


def add_error_handlers(api: NinjaAPI) -> None:
    """Let `api` answer every failure in the one shape."""

    def answer(request: HttpRequest, status: int, body: dict[str, str]) -> HttpResponse:
        response = api.create_response(request, body, status=status)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if status == 503:
            response.headers["Retry-After"] = "5"
        return response

    @api.exception_handler(AmendsError)
    def _refused(request: HttpRequest, error: AmendsError) -> HttpResponse:
        refused = 403 if isinstance(error, UnableToUseScope) else 409
        # An id in a body that does not exist makes the body unusable; in an address it is 404.
        unknown = 400 if isinstance(error, BadInput) else refused
        status = status_of(error, refused=refused, unknown=unknown)
        return answer(request, status, error.as_dict())

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return answer(request, 422, _first_fault(error.errors[0]))

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        body = problem(
            "unauthorized",
            "The token is missing, unknown or revoked.",
            meaning="Nothing was done.",
            next_step=f"Ask the operator of {public_address()} for a token.",
        )
        return answer(request, 401, body)

    @api.exception_handler(HttpError)
    def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        body = problem(
            "bad_input",
            "The body is not JSON that can be read.",
            meaning="Nothing was stored.",
            next_step="Send one JSON document in UTF-8; the schema is at /api/v1/openapi.json.",
        )
        return answer(request, error.status_code, body)

    @api.exception_handler(RequestDataTooBig)
    def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        max_megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        body = problem(
            "too_big",
            f"The body is larger than {max_megabytes} MB.",
            meaning="Nothing was stored.",
            next_step="Send it in smaller batches.",
        )
        return answer(request, 413, body)

    @api.exception_handler(Http404)
    def _absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, NO_SUCH_ADDRESS)

    def trouble(request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer where disk or database fail; None where the fault is ours."""
        kind = kind_of(error)
        if not kind:
            return None
        log.error("A request of the interface failed: %s", _TROUBLE[kind], exc_info=error)
        body = problem(
            _TROUBLE_CODE[kind],
            _TROUBLE[kind],
            meaning="Nothing was stored.",
            next_step=_TROUBLE_NEXT[kind],
        )
        return answer(request, 503, body)

    @api.exception_handler(Exception)
    def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
        if answered := trouble(request, error):
            return answered
        log.exception("A request of the interface failed.")
        body = problem(
            "our_fault",
            "Something went wrong on our side.",
            meaning="It is not known to be stored.",
            next_step="Send the same again with the same key; it is stored once.",
        )
        return answer(request, 500, body)


NO_SUCH_ADDRESS = problem(
    "not_found",
    "There is nothing at this address.",
    next_step="The addresses are listed at /api/v1/openapi.json.",
)
WRONG_METHOD = problem(
    "wrong_method",
    "This address does not take this method.",
    meaning="Nothing was done.",
    next_step="The methods are listed at /api/v1/openapi.json.",
)


def _first_fault(fault: dict[str, Any]) -> dict[str, str]:
    """The first thing to correct, with its place; values that were sent are never repeated."""
    location = [str(part) for part in fault["loc"][1:]]
    if location and location[0] in {"complaint", "complaints", "booked"}:
        location = location[1:]
    where = ".".join(location) or "body"
    message = f"{fault['msg']}."
    return problem(
        "bad_input",
        f"{where}: {message}",
        meaning="Nothing was stored.",
        next_step="Correct the request; the schema is at /api/v1/openapi.json.",
    )
