"""Shared by the resources of all Open APIs: bodies in, documents and pages out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from amends.entrances.tmforum.queries.pages import ResourcePage
from amends.entrances.tmforum.rules.faces import Document
from amends.entrances.tmforum.rules.patches import json_patch, merge_patch
from amends.entrances.tmforum.rules.schemas import fault_in
from amends.entrances.tmforum.rules.selection import PageQuery, select_fields
from amends.entrances.tmforum.web.answers import (
    cursor_links,
    etag,
    json_answer,
    page_links,
    resource_address,
)
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import read_json

_PAGING = {"fields", "offset", "limit", "before", "after", "sort"}
_JSON_PATCH = ("application/json-patch+json", "application/json-patch-query+json")
_MERGE_PATCH = ("application/json", "application/merge-patch+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One version of one resource.

    api       name of the interface in addresses, such as `troubleTicket`
    name      name of the resource in addresses
    create    schema of a body that creates; `update` of one that changes
    read      makes a document of ours from a body
    show      makes a shown document from one of ours
    always    attributes that an answer has whatever `fields` selects
    left_out  attributes of a body that are ignored, whatever they are
    """

    api: str
    name: str
    version: str
    schema_file: str
    create: str
    update: str
    read: Callable[[Document], Document]
    show: Callable[[Document], Document]
    always: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def filters_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters that are filters: all but those of pages and `fields`."""
    return {name: value for name, value in parameters.items() if name not in _PAGING}


def page_answer(
    request: HttpRequest, face: Face, page: ResourcePage, query: PageQuery
) -> HttpResponse:
    """A page of resources, with its counts and links."""
    answer = json_answer([selected(request, face, face.show(row)) for row in page.documents])
    if query.before or query.after:
        answer.headers["Link"] = cursor_links(
            request,
            before=page.first.cursor() if page.first else "",
            after=page.last.cursor() if page.last else "",
        )
    else:
        answer.headers["Link"] = page_links(
            request, offset=query.offset, limit=query.limit, total=page.total
        )
    return counted(answer, total=page.total, shown=len(page.documents))


def resource_answer(
    request: HttpRequest, face: Face, document: Document, *, status: int = 200
) -> HttpResponse:
    """One resource, with its ETag."""
    answer = json_answer(selected(request, face, face.show(document)), status)
    answer.headers["ETag"] = etag(document)
    return answer


def created_answer(request: HttpRequest, face: Face, document: Document) -> HttpResponse:
    """201: a resource was created; `Location` says where it is."""
    answer = resource_answer(request, face, document, status=201)
    answer.headers["Location"] = _href(face, document["id"])
    return answer


def selected(request: HttpRequest, face: Face, document: Document) -> Document:
    """The attributes that `fields` selects of a shown document, with its address."""
    document["href"] = _href(face, document["id"])
    return select_fields(document, request.GET.get("fields", ""), always=face.always)


def counted(answer: HttpResponse, *, total: int, shown: int) -> HttpResponse:
    """The answer with the counts of a list."""
    answer.headers["X-Total-Count"] = str(total)
    answer.headers["X-Result-Count"] = str(shown)
    return answer


def idempotency_key(request: HttpRequest) -> str:
    """The key that a client sent, "" for none; BadInput for one that is too long."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 80:
        raise BadInput(
            _("The idempotency key has more than 80 characters."),
            next_step=_("Send a shorter one."),
            code="bad_idempotency_key",
        )
    return key


def body_of(request: HttpRequest, face: Face, schema: str) -> dict[str, Any]:
    """The body, checked against the schema of the specification; BadInput says what is wrong."""
    document = _document(request)
    if isinstance(document, dict):
        document = {name: value for name, value in document.items() if name not in face.left_out}
    fault = fault_in(document, face.schema_file, schema)
    if fault:
        raise _bad_body(fault)
    if not isinstance(document, dict):
        raise _bad_body(_("The body must be an object."))
    return document


def patched(request: HttpRequest, face: Face, document: Document) -> tuple[Document, Document]:
    """A document as shown, and as the client wants it: JSON types only."""
    plain: Document = read_json(json_answer(face.show(document)).content)
    media_type = (request.content_type or "").lower()
    if media_type in _JSON_PATCH:
        wanted = json_patch(plain, _document(request))
        fault = fault_in(wanted, face.schema_file, face.update)
        if fault:
            raise _bad_body(fault)
        return plain, wanted
    if media_type in _MERGE_PATCH:
        return plain, merge_patch(plain, body_of(request, face, face.update))
    raise _bad_body(_("A change is sent as merge-patch+json or json-patch+json."))


def _href(face: Face, ref: str) -> str:
    return resource_address(f"/tmf-api/{face.api}/{face.version}/{face.name}/{ref}")


def _document(request: HttpRequest) -> Any:
    try:
        return read_json(request.body)
    except ValueError as error:
        raise _bad_body(_("The body must be a JSON document in UTF-8.")) from error


def _bad_body(fault: str) -> BadInput:
    return BadInput(
        fault,
        meaning=_("Nothing was stored."),
        next_step=_("Correct the request by the schema of the specification."),
        code="bad_body",
    )
