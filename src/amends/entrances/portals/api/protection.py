"""Protection: what the network does with a message or call, and reports of other systems."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema, Status
from pydantic import ConfigDict

from amends.causes.protection.actions.decide_delivery import (
    DeliveryDecision,
    DeliveryQuestion,
    decide_delivery,
)
from amends.causes.protection.actions.report import NewReport, ReportReceipt, receipt_of, report
from amends.causes.protection.queries import ReportedThing
from amends.entrances.portals.actions.clients import Client, Token
from amends.entrances.portals.api.idempotency import IDEMPOTENCY_KEY, finish, hand_over
from amends.entrances.portals.api.shapes import Problem, Text
from amends.people.subscribers.queries import identify

_ASKING = dict.fromkeys((400, 401, 403, 413, 422, 503), Problem)
_WRITING = dict.fromkeys((400, 401, 403, 409, 413, 422, 503), Problem)


class DeliveryIn(Schema):
    """A message or call on its way to a subscriber."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "key": "smsc-7-000417",
                    "thing": "message",
                    "sender": "10698800001",
                    "to": "+86 139 0000 1234",
                    "text": "Your parcel is waiting: sf-help.top/c",
                }
            ]
        },
    )

    key: Text = Field(
        min_length=1,
        max_length=200,
        description="The network's own id of the message or call; repeated, it gives the same "
        "answer.",
    )
    thing: Literal["message", "call"]
    sender: Text = Field(min_length=1, max_length=40, description="Number or sender's name.")
    to: Text = Field(min_length=3, max_length=40, description="Telephone number of the subscriber.")
    text: Text = Field("", max_length=20_000, description="Of a message; judged, never stored.")


class ReportIn(Schema):
    """A message, call, link or app that a person reported to the client."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "thing": "message",
                    "number": "10698800001",
                    "text": "Your parcel is waiting: sf-help.top/c",
                    "reporter": "+86 139 0000 1234",
                }
            ]
        },
    )

    thing: Literal[tuple(ReportedThing.values)]  # type: ignore[valid-type]
    number: Text = Field("", max_length=40, description="Number or name of the sender or caller.")
    text: Text = Field("", max_length=20_000, description="Words of the message, or the link.")
    reporter: Text = Field(
        "",
        max_length=40,
        description="Telephone number of the person who reports. It counts as proven only from a "
        "client trusted with identity.",
    )
    harmed: bool = Field(False, description="The person has paid, or shared a code or password.")


def join(api: NinjaAPI) -> None:
    """Add the operations about protection."""

    @api.post(
        "/protection/decisions",
        auth=Token("protection:decide"),
        response={200: DeliveryDecision, **_ASKING},
        summary="What to do with a message or call",
        operation_id="decideDelivery",
        tags=["protection"],
    )
    def decide(request: HttpRequest, asked: DeliveryIn) -> Any:
        """Scope `protection:decide`. `action` says what to do with it; `mark` shows `text`.

        It follows from the subscriber's settings, the reports of the sender, and the text. The
        subscriber sees what was stopped, and can report that it was wrong.
        """
        client = _client(request)
        question = DeliveryQuestion(
            key=f"{client.id}:{asked.key}",
            thing=asked.thing,
            number=asked.sender,
            to=asked.to,
            text=asked.text,
        )
        return decide_delivery(question, now=timezone.now(), brand=client.brand)

    @api.post(
        "/protection/reports",
        auth=Token("protection:report"),
        response={201: ReportReceipt, **_WRITING},
        summary="Report a message, call, link or app",
        operation_id="reportNuisance",
        tags=["protection"],
    )
    def new_report(
        request: HttpRequest, new: ReportIn, idempotency_key: str = IDEMPOTENCY_KEY
    ) -> Any:
        """Scope `protection:report`. Judged at once; the same key gives the same report."""
        return Status(201, _take(_client(request), new, idempotency_key))


def _take(client: Client, new: ReportIn, key: str) -> ReportReceipt:
    now = timezone.now()
    with transaction.atomic():
        first = hand_over(client.id, f"protection:{key}", new.model_dump_json(), now=now)
        if first.result:
            return receipt_of(first.result)
        person = identify(phone=new.reporter) if new.reporter else None
        if person is not None and client.brand and person.brand != client.brand:
            person = None
        trusted = person is not None and client.trusted_identity
        receipt = report(
            NewReport(
                key=f"api:{client.id}:{first.key}"[:80],
                thing=new.thing,
                channel=client.channel,
                number=new.number,
                text=new.text,
                subscriber=person.pseudonym if person and trusted else "",
                address="" if trusted else new.reporter or f"client {client.id} {first.key}",
                proven=trusted,
                source=f"client {client.id}"[:80],
                harmed=new.harmed,
            ),
            now=now,
        )
        finish(first, receipt.ref)
    return receipt


def _client(request: HttpRequest) -> Client:
    return request.auth  # type: ignore[attr-defined,no-any-return]
