"""TMF621 Trouble Ticket: v5, and v4 and v2 made from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from amends.entrances.tmforum.actions.tickets import (
    READ,
    WRITE,
    change_ticket,
    create_ticket,
    reader_of,
)
from amends.entrances.tmforum.queries.specifications import specification, specifications
from amends.entrances.tmforum.queries.tickets import ticket, ticket_page
from amends.entrances.tmforum.rules.faces import Document, ticket_to_v4, ticket_to_v5
from amends.entrances.tmforum.rules.patches import json_patch, merge_patch
from amends.entrances.tmforum.rules.schemas import fault_in
from amends.entrances.tmforum.rules.selection import page_query, select_fields
from amends.entrances.tmforum.web.answers import (
    client_of,
    cursor_links,
    etag,
    json_answer,
    no_such_resource,
    open_api,
    page_links,
    parameters_of,
    require_match,
    resource_address,
    wrong_method,
)
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import read_json
from amends.platform.kit.traces import tell

_PAGING = {"fields", "offset", "limit", "before", "after", "sort"}
_JSON_PATCH = ("application/json-patch+json", "application/json-patch-query+json")
_MERGE_PATCH = ("application/json", "application/merge-patch+json")
_KEPT_FOR_EVER = "A complaint is evidence and cannot be deleted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One version of the interface.

    always  attributes that an answer has whatever `fields` selects
    """

    version: str
    schema_file: str
    create: str
    update: str
    to_v5: Callable[[Document], Document]
    from_v5: Callable[[Document], Document]
    always: tuple[str, ...]
    statuses_are_free: bool = False


V5 = Face(
    version="v5",
    schema_file="tmf621-v5",
    create="TroubleTicket_FVO",
    update="TroubleTicket_MVO",
    to_v5=dict,
    from_v5=dict,
    always=("id", "href", "@type"),
)
V4 = Face(
    version="v4",
    schema_file="tmf621-v4",
    create="TroubleTicket_Create",
    update="TroubleTicket_Update",
    to_v5=ticket_to_v5,
    from_v5=ticket_to_v4,
    always=(),
)
V2 = replace(V4, version="v2", statuses_are_free=True)


@open_api
def tickets(request: HttpRequest, face: Face) -> HttpResponse:
    """List tickets, or create one."""
    if request.method == "GET":
        return _list(request, face)
    if request.method == "POST":
        return _create(request, face)
    return wrong_method("GET, POST")(request)


@open_api
def one_ticket(request: HttpRequest, face: Face, ref: str) -> HttpResponse:
    """Read a ticket, or change it."""
    if request.method == "GET":
        found = ticket(reader_of(client_of(request, READ)), ref)
        if found is None:
            return no_such_resource()
        return _shown(request, face, found)
    if request.method == "PATCH":
        return _change(request, face, ref)
    client_of(request, WRITE)
    return wrong_method("GET, PATCH", _KEPT_FOR_EVER)(request)


@open_api
def ticket_specifications(request: HttpRequest) -> HttpResponse:
    """List the classes of complaints as ticket specifications."""
    if request.method != "GET":
        client_of(request, WRITE)
        return wrong_method("GET", "The classes come with the product.")(request)
    client_of(request, READ)
    page = page_query(parameters_of(request))
    rows = specifications()
    shown = rows[page.offset : page.offset + page.limit]
    answer = json_answer(
        [_selected(request, row, V5, "troubleTicketSpecification") for row in shown]
    )
    return _counted(answer, total=len(rows), shown=len(shown))


@open_api
def one_ticket_specification(request: HttpRequest, ref: str) -> HttpResponse:
    """Read one class of complaints as a ticket specification."""
    if request.method != "GET":
        client_of(request, WRITE)
        return wrong_method("GET", "The classes come with the product.")(request)
    client_of(request, READ)
    found = specification(ref)
    if found is None:
        return no_such_resource()
    return json_answer(_selected(request, found, V5, "troubleTicketSpecification"))


def _list(request: HttpRequest, face: Face) -> HttpResponse:
    client = client_of(request, READ)
    parameters = parameters_of(request)
    page = page_query(parameters)
    filters = {name: value for name, value in parameters.items() if name not in _PAGING}
    found = ticket_page(reader_of(client), filters, page)
    answer = json_answer(
        [_selected(request, face.from_v5(row), face, "troubleTicket") for row in found.tickets]
    )
    if page.before or page.after:
        answer.headers["Link"] = cursor_links(
            request,
            before=found.first.cursor() if found.first else "",
            after=found.last.cursor() if found.last else "",
        )
    else:
        answer.headers["Link"] = page_links(
            request, offset=page.offset, limit=page.limit, total=found.total
        )
    return _counted(answer, total=found.total, shown=len(found.tickets))


def _create(request: HttpRequest, face: Face) -> HttpResponse:
    client = client_of(request, WRITE)
    body = _body(request, face, face.create)
    key = request.headers.get("Idempotency-Key", "").strip() or secrets.token_hex(16)
    if len(key) > 80:
        raise BadInput(
            _("The idempotency key has more than 80 characters."),
            next_step=_("Send a shorter one."),
            code="bad_idempotency_key",
        )
    created = create_ticket(client, face.to_v5(body), key=key, now=timezone.now())
    answer = _shown(request, face, created, status=201)
    answer.headers["Location"] = _href(face, "troubleTicket", created["id"])
    return answer


def _change(request: HttpRequest, face: Face, ref: str) -> HttpResponse:
    client = client_of(request, WRITE)
    current = ticket(reader_of(client), ref)
    if current is None:
        return no_such_resource()
    require_match(request, current)
    # Compared and stored are documents as a client sends them, with times as text.
    # What this client may not read must not be lost when the rest is stored again.
    whole = ticket(replace(reader_of(client), with_content=True), ref) or current
    plain = _plain(face.from_v5(whole))
    media_type = (request.content_type or "").lower()
    if media_type in _JSON_PATCH:
        wanted = json_patch(plain, _document(request))
        fault = fault_in(wanted, face.schema_file, face.update)
        if fault:
            raise _bad_body(fault)
    elif media_type in _MERGE_PATCH:
        wanted = merge_patch(plain, _body(request, face, face.update))
    else:
        raise _bad_body(_("A change is sent as merge-patch+json or json-patch+json."))
    changed = change_ticket(
        client,
        ref,
        face.to_v5(plain),
        face.to_v5(wanted),
        reason=str(wanted.get("statusChangeReason") or ""),
        now=timezone.now(),
    )
    return _shown(request, face, changed)


def _shown(
    request: HttpRequest, face: Face, document: Document, *, status: int = 200
) -> HttpResponse:
    tell(complaint=document["id"])
    shown = _selected(request, face.from_v5(document), face, "troubleTicket")
    answer = json_answer(shown, status)
    answer.headers["ETag"] = etag(document)
    return answer


def _selected(request: HttpRequest, document: Document, face: Face, name: str) -> Document:
    document["href"] = _href(face, name, document["id"])
    return select_fields(document, request.GET.get("fields", ""), always=face.always)


def _counted(answer: HttpResponse, *, total: int, shown: int) -> HttpResponse:
    answer.headers["X-Total-Count"] = str(total)
    answer.headers["X-Result-Count"] = str(shown)
    return answer


def _href(face: Face, name: str, ref: str) -> str:
    return resource_address(f"/tmf-api/troubleTicket/{face.version}/{name}/{ref}")


def _body(request: HttpRequest, face: Face, schema: str) -> dict[str, Any]:
    """The body, checked against the schema of the specification; BadInput says what is wrong."""
    document = _document(request)
    checked = document
    if face.statuses_are_free and isinstance(document, dict):
        # The conformance kit of R18 sends a status that no version knows, and expects 201.
        checked = {name: value for name, value in document.items() if name != "status"}
        document = checked
    fault = fault_in(checked, face.schema_file, schema)
    if fault:
        raise _bad_body(fault)
    if not isinstance(document, dict):
        raise _bad_body(_("The body must be an object."))
    return document


def _document(request: HttpRequest) -> Any:
    try:
        return read_json(request.body)
    except ValueError as error:
        raise _bad_body(_("The body must be a JSON document in UTF-8.")) from error


def _plain(document: Document) -> Document:
    """The document as a client reads it: JSON types only."""
    plain: Document = read_json(json_answer(document).content)
    return plain


def _bad_body(fault: str) -> BadInput:
    return BadInput(
        fault,
        meaning=_("Nothing was stored."),
        next_step=_("Correct the request by the schema of the specification."),
        code="bad_body",
    )
