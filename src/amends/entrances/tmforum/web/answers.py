"""Answers of the Open APIs: JSON documents, errors in the shape of the specification, pages."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from amends.entrances.portals.actions.clients import (
    Client,
    UnableToUseScope,
    client_of_token,
    require_scope,
)
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import status_of
from amends.people.operator.queries import public_address
from amends.platform.database.failures import kind_of
from amends.platform.kit.errors import AmendsError, BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def json_answer(document: Any, status: int = 200) -> HttpResponse:
    """A document as JSON; times in UTC with milliseconds."""
    text = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/json;charset=utf-8")


def error_answer(code: str, reason: str, message: str, status: int) -> HttpResponse:
    """An error in the shape of the schema `Error`."""
    answer = json_answer(
        {
            "@type": "Error",
            "code": code,
            "reason": reason,
            "message": message,
            "status": str(status),
        },
        status,
    )
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def no_such_resource() -> HttpResponse:
    """404: an id that does not exist, or of another brand."""
    return error_answer("not_found", "There is no resource with this id.", "Check the id.", 404)


def no_such_address() -> HttpResponse:
    """404: no API of ours has this address."""
    return error_answer(
        "not_found", "There is nothing at this address.", "Check the version and the name.", 404
    )


def wrong_method(allowed: str, reason: str = "This address does not take this method.") -> View:
    """405 with the methods that the address takes."""

    def view(request: HttpRequest, **_arguments: str) -> HttpResponse:
        answer = error_answer("wrong_method", reason, f"Use {allowed}.", 405)
        answer.headers["Allow"] = allowed
        return answer

    return view


def open_api(view: View) -> View:
    """Answer every failure of a view in the shape of the specification.

    A view checks the token itself (`client_of`): no session or cookie opens an Open API.
    """

    @public
    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *arguments, **named)
        except UnableToUseScope as error:
            return error_answer(error.code, error.what, error.next_step, 403)
        except AmendsError as error:
            refused = 401 if error.code == "unauthorized" else 409
            status = status_of(error, refused=refused, unknown=400)
            message = " ".join(filter(None, (error.meaning, error.next_step)))
            return error_answer(error.code, error.what, message, status)
        except RequestDataTooBig:
            return error_answer("too_big", "The body is too large.", "Nothing was stored.", 400)
        except Exception as error:
            if kind_of(error):
                log.exception("The database failed during a request of an Open API.")
                return error_answer(
                    "unavailable",
                    "The database cannot be used at the moment.",
                    "Nothing was stored. Send the same again later.",
                    503,
                )
            log.exception("A request of an Open API failed.")
            return error_answer(
                "our_fault",
                "Something went wrong on our side.",
                "It is not known whether it was stored.",
                500,
            )

    return answered


def client_of(request: HttpRequest, scope: str) -> Client:
    """The client of the bearer token; UnableToUseScope where it lacks the scope."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    client = client_of_token(token.strip()) if scheme.lower() == "bearer" and token else None
    if client is None:
        raise Refused(
            _("The token is missing, unknown or revoked."),
            meaning=_("Nothing was done."),
            next_step=_("Send the token of a client as Authorization: Bearer."),
            code="unauthorized",
        )
    require_scope(client, scope)
    return client


def parameters_of(request: HttpRequest) -> dict[str, str]:
    """The parameters of the address; BadInput where one is repeated."""
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise BadInput(
                _("The parameter %(name)s is repeated."),
                meaning=_("Nothing was read."),
                next_step=_("Send it once, with its values separated by commas."),
                values={"name": name[:60]},
                code="bad_query",
            )
    return request.GET.dict()


def etag(document: Any) -> str:
    """A strong validator of a document."""
    text = json.dumps(document, cls=DjangoJSONEncoder, sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(request: HttpRequest, document: Any) -> None:
    """Refused where `If-Match` names another state of the document than the present one."""
    wanted = request.headers.get("If-Match", "").strip()
    tags = [tag.strip() for tag in wanted.split(",")]
    if wanted and wanted != "*" and etag(document) not in tags:
        raise Refused(
            _("The resource has changed since you read it."),
            meaning=_("Nothing was changed."),
            next_step=_("Read it again, and send the change with the new ETag."),
            code="resource_changed",
        )


def page_links(request: HttpRequest, *, offset: int, limit: int, total: int) -> str:
    """The Link header of a page by offset (RFC 8288): first, prev, next, last."""
    starts = {"first": 0, "last": max(0, (total - 1) // limit * limit) if limit else 0}
    if offset > 0:
        starts["prev"] = max(0, offset - limit)
    if limit and offset + limit < total:
        starts["next"] = offset + limit
    return ", ".join(
        f'<{_address(request, offset=start, limit=limit)}>; rel="{rel}"'
        for rel, start in starts.items()
    )


def cursor_links(request: HttpRequest, *, before: str, after: str) -> str:
    """The Link header of a page by cursor: prev and next."""
    links = {"prev": {"before": before}, "next": {"after": after}}
    return ", ".join(
        f'<{_address(request, **cursor)}>; rel="{rel}"'
        for rel, cursor in links.items()
        if all(cursor.values())
    )


def resource_address(path: str) -> str:
    """The public address of a path."""
    return f"{public_address()}{path}"


def _address(request: HttpRequest, **changes: object) -> str:
    kept = {
        name: value
        for name, value in request.GET.items()
        if name not in ("offset", "before", "after")
    }
    return f"{resource_address(request.path)}?{urlencode({**kept, **changes})}"
