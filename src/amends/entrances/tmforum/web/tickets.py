"""TMF621 Trouble Ticket: v5, and v4 and v2 made from it."""

from __future__ import annotations

import secrets
from dataclasses import replace

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
from amends.entrances.tmforum.rules.faces import ticket_to_v4, ticket_to_v5
from amends.entrances.tmforum.rules.selection import page_query
from amends.entrances.tmforum.web.answers import (
    client_of,
    json_answer,
    no_such_resource,
    open_api,
    parameters_of,
    require_match,
    wrong_method,
)
from amends.entrances.tmforum.web.resources import (
    Face,
    body_of,
    counted,
    created_answer,
    filters_of,
    idempotency_key,
    page_answer,
    patched,
    resource_answer,
    selected,
)
from amends.platform.kit.traces import tell

_KEPT_FOR_EVER = "A complaint is evidence and cannot be deleted."


V5 = Face(
    api="troubleTicket",
    name="troubleTicket",
    version="v5",
    schema_file="tmf621-v5",
    create="TroubleTicket_FVO",
    update="TroubleTicket_MVO",
    read=dict,
    show=dict,
    always=("id", "href", "@type"),
)
V4 = Face(
    api="troubleTicket",
    name="troubleTicket",
    version="v4",
    schema_file="tmf621-v4",
    create="TroubleTicket_Create",
    update="TroubleTicket_Update",
    read=ticket_to_v5,
    show=ticket_to_v4,
    always=(),
)
# The conformance kit of R18 sends a status that no version knows, and expects 201.
V2 = replace(V4, version="v2", left_out=("status",))
SPECIFICATIONS = replace(V5, name="troubleTicketSpecification")


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
        tell(complaint=found["id"])
        return resource_answer(request, face, found)
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
    answer = json_answer([selected(request, SPECIFICATIONS, row) for row in shown])
    return counted(answer, total=len(rows), shown=len(shown))


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
    return json_answer(selected(request, SPECIFICATIONS, found))


def _list(request: HttpRequest, face: Face) -> HttpResponse:
    client = client_of(request, READ)
    parameters = parameters_of(request)
    page = page_query(parameters)
    found = ticket_page(reader_of(client), filters_of(parameters), page)
    return page_answer(request, face, found, page)


def _create(request: HttpRequest, face: Face) -> HttpResponse:
    client = client_of(request, WRITE)
    body = body_of(request, face, face.create)
    key = idempotency_key(request) or secrets.token_hex(16)
    created = create_ticket(client, face.read(body), key=key, now=timezone.now())
    tell(complaint=created["id"])
    return created_answer(request, face, created)


def _change(request: HttpRequest, face: Face, ref: str) -> HttpResponse:
    client = client_of(request, WRITE)
    current = ticket(reader_of(client), ref)
    if current is None:
        return no_such_resource()
    require_match(request, current)
    # What this client may not read must not be lost when the rest is stored again.
    whole = ticket(replace(reader_of(client), with_content=True), ref) or current
    plain, wanted = patched(request, face, whole)
    changed = change_ticket(
        client,
        ref,
        face.read(plain),
        face.read(wanted),
        reason=str(wanted.get("statusChangeReason") or ""),
        now=timezone.now(),
    )
    tell(complaint=changed["id"])
    return resource_answer(request, face, changed)
