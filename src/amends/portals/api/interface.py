"""The operations of the interface, and the one shape of its refusals."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from amends.complaints.actions.receive import receive, receive_many
from amends.complaints.queries import state_of
from amends.complaints.submission import Submission
from amends.kit.errors import AmendsError, BadInput, Refused, Unavailable
from amends.portals.api.clients import Client, Token
from amends.portals.api.shapes import (
    Accepted,
    Acknowledged,
    Booked,
    Export,
    NewComplaint,
    Problem,
    State,
)
from amends.remedies.actions.export import acknowledge, export, exported

api = NinjaAPI(
    title="Amends",
    version="1",
    description="Complaints in, their state out; remedies to billing and back.",
    docs_url=None,
    urls_namespace="api",
)
_PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
_MANY = 1_000


@api.post(
    "/complaints",
    auth=Token("complaints:write"),
    response={201: Accepted, 200: Accepted, **_PROBLEMS},
    summary="Hand over a complaint",
)
def new_complaint(
    request: HttpRequest,
    complaint: NewComplaint,
    idempotency_key: str = Header(..., min_length=1, max_length=90),
) -> tuple[int, Any]:
    """Answered when the complaint is durable; the same key again gives the same receipt."""
    receipt = receive(_submission(request, complaint, idempotency_key), now=timezone.now())
    return (200 if receipt.joined == "repeat" else 201), receipt


@api.post(
    "/complaints/batch",
    auth=Token("complaints:write"),
    response={201: list[Accepted], **_PROBLEMS},
    summary="Hand over up to 1,000 complaints at once",
)
def new_complaints(
    request: HttpRequest,
    complaints: list[NewComplaint],
    idempotency_key: str = Header(..., min_length=1, max_length=80),
) -> tuple[int, Any]:
    """All of them or none; the key of each is the batch's key and its place."""
    if len(complaints) > _MANY:
        raise BadInput(f"A batch has at most {_MANY:,} complaints.", next_step="Send two.")
    receipts = receive_many(
        [
            _submission(request, item, f"{idempotency_key}:{at}")
            for at, item in enumerate(complaints)
        ],
        now=timezone.now(),
    )
    return 201, receipts


@api.get(
    "/complaints/{tracking_code}",
    auth=Token("complaints:read"),
    response={200: State, **_PROBLEMS},
    summary="Where a complaint stands",
)
def complaint_state(request: HttpRequest, tracking_code: str) -> tuple[int, Any]:
    """State, class and next deadline; no words and nothing about the person."""
    found = state_of(tracking_code, brand=_client(request).brand)
    if found is None:
        return 404, Problem(error="not_found", what="There is no complaint with this code.")
    return 200, found


@api.post(
    "/remedies/exports",
    auth=Token("remedies:billing"),
    response={200: Export, **_PROBLEMS},
    summary="Take the approved remedies",
)
def next_export(request: HttpRequest) -> Any:
    """Marks what it returns as exported; `export` is empty if nothing waits."""
    number, remedies = export(now=timezone.now())
    return {"export": number, "remedies": remedies}


@api.get(
    "/remedies/exports/{number}",
    auth=Token("remedies:billing"),
    response={200: Export, **_PROBLEMS},
    summary="Take an export again",
)
def export_again(request: HttpRequest, number: str) -> Any:
    """The rows of an export that got lost on the way."""
    remedies = exported(number)
    if not remedies:
        return 404, Problem(error="not_found", what="There is no export with this number.")
    return {"export": number, "remedies": remedies}


@api.post(
    "/remedies/acknowledgements",
    auth=Token("remedies:billing"),
    response={200: Acknowledged, **_PROBLEMS},
    summary="Billing has booked remedies",
)
def acknowledgements(request: HttpRequest, booked: list[Booked]) -> Acknowledged:
    """A remedy is done only now; sending the same again is harmless."""
    pairs = [(item.remedy, item.booking) for item in booked]
    return Acknowledged(new=acknowledge(pairs, now=timezone.now()))


def _submission(request: HttpRequest, item: NewComplaint, key: str) -> Submission:
    client = _client(request)
    received_at = item.received_at or timezone.now()
    if timezone.is_naive(received_at):
        raise BadInput("received_at has no time zone.", next_step="Add one, such as +08:00.")
    if item.signed_in and not client.trusted_identity:
        raise Refused(
            "This client may not state who a person is.",
            next_step="Leave signed_in out; the person will be asked to show who they are.",
        )
    return Submission(
        channel=item.channel or client.channel,
        key=f"{client.name[:24]}:{key}",
        text=item.text,
        received_at=received_at,
        name=item.name,
        phone=item.phone,
        email=item.email,
        subscriber=item.subscriber,
        service=item.service,
        thread=item.thread,
        language=item.language,
        province=item.province,
        brand=client.brand,
        wanted=item.wanted,
        urgent=item.urgent,
        on_behalf=item.on_behalf,
        identity="operator_login" if item.signed_in else "",
        by=client.name,
    )


def _client(request: HttpRequest) -> Client:
    return request.auth  # type: ignore[attr-defined,no-any-return]


@api.exception_handler(AmendsError)
def _refuse(request: HttpRequest, error: AmendsError) -> HttpResponse:
    status = 400 if isinstance(error, BadInput) else 503 if isinstance(error, Unavailable) else 409
    return api.create_response(request, error.as_dict(), status=status)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    problem = {
        "error": "bad_input",
        "what": f"{where}: {first['msg']}." if where else f"{first['msg']}.",
        "meaning": "Nothing was stored.",
        "next_step": "Correct the request; the schema is at /api/v1/openapi.json.",
    }
    return api.create_response(request, problem, status=422)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    problem = {
        "error": "unauthorized",
        "what": "The token is missing, unknown, revoked, or lacks the scope.",
        "meaning": "Nothing was done.",
        "next_step": f"Ask the operator of {settings.BASE_URL} for a token with this scope.",
    }
    return api.create_response(request, problem, status=401)
