"""The operations of the interface: complaints in, their state out, remedies to billing and back.

Every write carries an idempotency key and is answered once it is durable: sent again, whatever was
lost on the way, it is stored once and answered alike.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, NinjaAPI, Path, Status
from pydantic import TypeAdapter

from amends.cases.complaints.actions.intake import Receipt
from amends.cases.complaints.actions.receive import read, receive_read, refuse_reused_keys
from amends.cases.complaints.queries import state_of
from amends.causes.notices.actions.receive_usage import receive_usage
from amends.entrances.portals.actions.clients import Client, Token
from amends.entrances.portals.api import (
    alarms,
    casework,
    measures,
    protection,
    publicity,
    selfservice,
    services,
)
from amends.entrances.portals.api.idempotency import finish, hand_over
from amends.entrances.portals.api.lines import join
from amends.entrances.portals.api.not_found import close
from amends.entrances.portals.api.orders import order_of, take_order
from amends.entrances.portals.api.receiving import ClientSubmission, take
from amends.entrances.portals.api.refusals import add_error_handlers, problem
from amends.entrances.portals.api.shapes import (
    Accepted,
    Acknowledged,
    Booked,
    Frozen,
    NewComplaint,
    NewOrderIn,
    NewPost,
    NumberedExport,
    OrderPlaced,
    PostsTaken,
    Problem,
    State,
    UsageTaken,
    accepted,
)
from amends.entrances.portals.api.submissions import submission
from amends.platform.database.locks import retry_on_deadlock
from amends.platform.kit.errors import BadInput
from amends.platform.kit.traces import tell
from amends.problems.hotissues.actions.import_posts import PublicPost, take_posts
from amends.record.catalogue.queries import freezes
from amends.work.remedies.actions.export import acknowledge, export, exported

api = NinjaAPI(
    title="Amends",
    version="1",
    description=(
        "Hand over complaints, ask where they stand, take approved remedies to billing and say "
        "what was booked. Every refusal has the shape `Problem`. Tokens are made by the operator "
        "with `amends client`; each operation names the scope it needs."
    ),
    docs_url=None,
    urls_namespace="api",
    openapi_extra={
        "tags": [
            {"name": "complaints", "description": "Complaints in, and where they stand."},
            {"name": "remedies", "description": "Approved remedies to billing, bookings back."},
            {"name": "orders", "description": "Orders, which wait for the user's word."},
            {"name": "freezes", "description": "What is taken from sale for now."},
            {"name": "posts", "description": "Posts of social media, counted beside complaints."},
            {"name": "lines", "description": "What happens to lines, wishes, holds and consents."},
            {"name": "publicity", "description": "Adverts as they were published, and findings."},
            {
                "name": "measures",
                "description": "Measures and whether they worked.",
            },
            {
                "name": "services",
                "description": "The services that users may be charged for, and their chains.",
            },
            {"name": "casework", "description": "Notes, assignment, merging and the workload."},
            {"name": "alarms", "description": "Alarms of the network, for its incidents."},
            {"name": "selfservice", "description": "What a user does alone: order, stop, see."},
            {"name": "ivr", "description": "The operator's voice menu."},
            {"name": "usage", "description": "Usage records, for the reminders they make due."},
        ]
    },
)
add_error_handlers(api)

_MANY = 1_000
_NOTHING_WAITED = "nothing"
_batch = TypeAdapter(list[NewComplaint])

_KEY: Any = Header(
    ...,
    alias="Idempotency-Key",
    min_length=1,
    max_length=90,
    pattern=r"^[!-~]+$",
    description="Yours, new for every request and the same when you repeat it. The same key with "
    "another body is refused with 409.",
    examples=["crm-2026-11-24-000417"],
)
_READING = dict.fromkeys((401, 403, 404, 503), Problem)
_WRITING = dict.fromkeys((400, 401, 403, 409, 413, 422, 503), Problem)


class UnableToTakeBatch(BadInput):
    """The batch is empty or too long."""

    code = "bad_batch"


@api.post(
    "/complaints",
    auth=Token("complaints:write"),
    response={201: Accepted, 200: Accepted, **_WRITING},
    summary="Hand over a complaint",
    operation_id="handOverComplaint",
    tags=["complaints"],
)
def new_complaint(
    request: HttpRequest, complaint: NewComplaint, idempotency_key: str = _KEY
) -> Any:
    """Scope `complaints:write`. Answered when the complaint is durable.

    201 with the receipt; 200 with the same receipt when the request is repeated. The same person
    and matter joins an open complaint, and `joined` says why.
    """
    client = _client(request)
    complaint_submission = submission(client, complaint, f"client-{client.id}:{idempotency_key}")
    receipt = take(
        ClientSubmission(
            client=client.id,
            key=idempotency_key,
            body=complaint.model_dump_json(),
            said=complaint_submission,
        )
    )
    tell(complaint=receipt.complaint)
    return Status(200 if receipt.joined == "repeat" else 201, accepted(receipt))


@api.post(
    "/complaints/batch",
    auth=Token("complaints:write"),
    response={201: list[Accepted], **_WRITING},
    summary="Hand over up to 1,000 complaints at once",
    operation_id="handOverBatch",
    tags=["complaints"],
)
def new_complaints(
    request: HttpRequest, complaints: list[NewComplaint], idempotency_key: str = _KEY
) -> Any:
    """Scope `complaints:write`. All of them are stored, or none; receipts in the order given."""
    if not 1 <= len(complaints) <= _MANY:
        raise UnableToTakeBatch(
            f"A batch has 1 to {_MANY:,} complaints, this one {len(complaints):,}.",
            meaning="Nothing was stored.",
            next_step="Split it, each part under a key of its own.",
        )
    client, now = _client(request), timezone.now()
    # A prefix of its own: no key of a single complaint can be that of one within a batch.
    submissions = [
        submission(client, item, f"batch-{client.id}:{idempotency_key}:{at}")
        for at, item in enumerate(complaints)
    ]
    body = _batch.dump_json(complaints).decode()

    def received() -> list[Receipt]:
        readings = read(submissions, now=now)
        with transaction.atomic():
            hand_over(client.id, f"complaint:{idempotency_key}", body, now=now)
            receipts = receive_read(readings, now=now)
            refuse_reused_keys(submissions, receipts)
            return receipts

    return Status(201, retry_on_deadlock(received))


@api.get(
    "/complaints/{tracking_code}",
    auth=Token("complaints:read"),
    response={200: State, **_READING},
    summary="Where a complaint stands",
    operation_id="complaintState",
    tags=["complaints"],
)
def complaint_state(
    request: HttpRequest, tracking_code: str = Path(..., examples=["4F7K-2M9P-XQ3T"])
) -> Any:
    """Scope `complaints:read`. State, class and next deadline; no words, nothing about the person.

    A client of one brand sees the complaints of that brand; any other code is unknown to it.
    """
    state = state_of(tracking_code, brand=_client(request).brand)
    if state is None:
        absent = problem(
            "not_found",
            "There is no complaint with this code.",
            next_step="Check the code; it has twelve letters and digits.",
        )
        return Status(404, absent)
    tell(complaint=state.complaint)
    return Status(200, state)


@api.post(
    "/remedies/exports",
    auth=Token("remedies:billing"),
    response={200: NumberedExport, **_WRITING},
    summary="Take the approved remedies",
    operation_id="takeRemedies",
    tags=["remedies"],
)
def next_export(request: HttpRequest, idempotency_key: str = _KEY) -> Any:
    """Scope `remedies:billing`. Marks what it returns as exported.

    `export` is empty if nothing waits. Repeated with the same key it gives the same export again,
    so an answer lost on the way loses nothing.
    """
    now, brand = timezone.now(), _client(request).brand
    with transaction.atomic():
        first = hand_over(_client(request).id, f"export:{idempotency_key}", "", now=now)
        if first.result == _NOTHING_WAITED:
            return {"export": "", "remedies": []}
        if first.result:
            return {"export": first.result, "remedies": exported(first.result, brand=brand)}
        number, remedies = export(now=now, brand=brand)
        finish(first, number or _NOTHING_WAITED)
    return {"export": number, "remedies": remedies}


@api.get(
    "/remedies/exports/{number}",
    auth=Token("remedies:billing"),
    response={200: NumberedExport, **_READING},
    summary="Take an export again",
    operation_id="takeExportAgain",
    tags=["remedies"],
)
def export_again(request: HttpRequest, number: str) -> Any:
    """Scope `remedies:billing`. The rows of an export, by its number."""
    remedies = exported(number, brand=_client(request).brand)
    if not remedies:
        return Status(404, problem("not_found", "There is no export with this number."))
    return {"export": number, "remedies": remedies}


@api.post(
    "/remedies/acknowledgements",
    auth=Token("remedies:billing"),
    response={200: Acknowledged, **_WRITING},
    summary="Billing has booked remedies",
    operation_id="acknowledgeBookings",
    tags=["remedies"],
)
def acknowledgements(request: HttpRequest, booked: list[Booked]) -> Any:
    """Scope `remedies:billing`. A remedy is done only now; sending the same again is harmless."""
    pairs = [(item.remedy, item.booking) for item in booked]
    brand = _client(request).brand
    return {"new": acknowledge(pairs, now=timezone.now(), brand=brand)}


@api.post(
    "/usage",
    auth=Token("usage:write"),
    response={202: UsageTaken, **_WRITING},
    summary="Hand over usage records",
    operation_id="handOverUsage",
    tags=["usage"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string"},
                    "example": '{"record":"u1","service":"svc-1","at":"2026-11-24T10:05:00Z",'
                    '"kind":"data","amount":1048576,"charge_minor":0}\n',
                }
            },
        }
    },
)
def usage(request: HttpRequest, idempotency_key: str = _KEY) -> Any:
    """Scope `usage:write`. One record a line, flat or in the shape of TMF635.

    202 once the records are durable; they are counted within seconds. Records sent again are
    recognised by their ids, so repeating a request is harmless. Of a client of one brand only
    records that name a service of that brand are taken; `left_out` counts the others.
    """
    client, digest = _client(request), sha256(request.body).hexdigest()
    with transaction.atomic():
        hand_over(client.id, f"usage:{idempotency_key}", digest, now=timezone.now())
        receipt = receive_usage(request.body, folder=settings.USAGE_DIR, brand=client.brand)
    return Status(202, asdict(receipt))


@api.post(
    "/orders",
    auth=Token("orders:write"),
    response={201: OrderPlaced, **_WRITING},
    summary="Place an order",
    operation_id="placeOrder",
    tags=["orders"],
)
def new_order(request: HttpRequest, new: NewOrderIn, idempotency_key: str = _KEY) -> Any:
    """Scope `orders:write`. The user is asked to confirm; nothing is carried out before.

    The same key gives the same order, as it stands now. A user says no by answering no, or nothing.
    """
    return Status(201, take_order(_client(request), new, idempotency_key, now=timezone.now()))


@api.get(
    "/orders/{ref}",
    auth=Token("orders:write"),
    response={200: OrderPlaced, **_READING},
    summary="Where an order stands",
    operation_id="orderState",
    tags=["orders"],
)
def order_state(request: HttpRequest, ref: str) -> Any:
    """Scope `orders:write`. An order this client has placed; nothing about the person."""
    order_view = order_of(_client(request), ref)
    if order_view is None:
        return Status(404, problem("not_found", "You have placed no order of this reference."))
    return Status(200, order_view)


@api.get(
    "/freezes",
    auth=Token("freezes:read"),
    response={200: list[Frozen], **_READING},
    summary="What may not be sold now",
    operation_id="frozen",
    tags=["freezes"],
)
def frozen(request: HttpRequest) -> Any:
    """Scope `freezes:read`. Offers, campaigns and launches not sold now, each once, oldest first.

    What a campaign's tool or a launch's gate asks before it goes on: the gate of orders here
    refuses orders of them in any case.
    """
    rows_by_key: dict[tuple[str, str], dict[str, Any]] = {}
    for freeze in freezes():
        row = {"kind": freeze.kind, "ref": freeze.ref, "since": freeze.frozen_at}
        rows_by_key.setdefault((freeze.kind, freeze.ref), row)
    return Status(200, list(rows_by_key.values()))


@api.post(
    "/posts",
    auth=Token("posts:write"),
    response={201: PostsTaken, **_WRITING},
    summary="Hand over posts of social media",
    operation_id="handOverPosts",
    tags=["posts"],
)
def new_posts(request: HttpRequest, posts: list[NewPost], idempotency_key: str = _KEY) -> Any:
    """Scope `posts:write`. 1 to 1,000 posts; they are counted beside complaints, in no rate.

    A post known by its source and key already changes nothing.
    """
    if not 1 <= len(posts) <= _MANY:
        raise UnableToTakeBatch(
            f"A request has 1 to {_MANY:,} posts, this one {len(posts):,}.",
            meaning="Nothing was stored.",
            next_step="Split it, each part under a key of its own.",
        )
    client, now = _client(request), timezone.now()
    public_posts = [PublicPost(brand=client.brand, **post.model_dump()) for post in posts]
    body = "".join(post.model_dump_json() for post in posts)
    with transaction.atomic():
        hand_over(client.id, f"posts:{idempotency_key}", body, now=now)
        accepted, duplicates = take_posts(public_posts, now=now)
    return Status(201, {"accepted": accepted, "duplicates": duplicates})


join(api)
publicity.join(api)
measures.join(api)
services.join(api)
casework.join(api)
alarms.join(api)
protection.join(api)
selfservice.join(api)
close(api)


def _client(request: HttpRequest) -> Client:
    return request.auth  # type: ignore[attr-defined,no-any-return]
