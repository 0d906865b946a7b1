"""Adverts that other systems published: checked as they come in, and answered with the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema, Status
from pydantic import ConfigDict

from amends.causes.publicity.actions.see_copy import see_copy
from amends.causes.publicity.queries import MAX_CHARACTERS, CopyView, advert_channels, copy_of
from amends.entrances.portals.actions.clients import Client, Token
from amends.entrances.portals.api.idempotency import IDEMPOTENCY_KEY, finish, hand_over
from amends.entrances.portals.api.shapes import Moment, Problem, Text
from amends.platform.kit.actors import Actor

_WRITING = dict.fromkeys((400, 401, 403, 409, 413, 422, 503), Problem)
if TYPE_CHECKING:
    AdvertChannel = str
else:
    AdvertChannel = Literal[advert_channels()]


class CopyIn(Schema):
    """An advert as people can read it on a channel."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "Easy 59: 30 GB for 59 yuan a month.",
                    "channel": "app",
                    "place": "app://offers/easy-59",
                    "offer": "easy-59",
                }
            ]
        },
    )

    text: Text = Field(min_length=1, max_length=MAX_CHARACTERS, description="The whole wording.")
    channel: AdvertChannel = Field(description="Where it is published.")
    place: Text = Field(
        min_length=1,
        max_length=300,
        description="Address or place of the advert on the channel; another wording there "
        "replaces the one before.",
    )
    offer: Text = Field("", max_length=64, description="Offer it speaks of, if it speaks of one.")


class FindingOut(Schema):
    """What the rules find in the advert."""

    code: str = Field(description="What is wrong, e.g. `PRICE_MISMATCH`.")
    severity: str = Field(description="`block`, `warn`, `unsure`, `advice` or `accepted`.")
    field: str = Field(description="Key fact it is about, e.g. `price`.")
    said: str = Field(description="What the advert says; empty for what it leaves out.")
    record: str = Field(description="What the record of the offer says.")
    start: int = Field(description="First character in the text.")
    end: int = Field(description="Character after the last; as `start` where nothing is marked.")
    rule: str = Field(description="The rule and its version.")
    instead: str = Field(description="Wording to use instead, in the language of the advert.")


class CopyOut(Schema):
    """An advert on record, with what was found when it was checked last."""

    copy_ref: str = Field(alias="copy", description="Our reference; facts name it as `claim`.")
    state: str = Field(description="`live`, or `withdrawn` once it was replaced or taken down.")
    first_seen_at: Moment | None
    last_seen_at: Moment | None
    findings: list[FindingOut]


def join(api: NinjaAPI) -> None:
    """Add the operation about adverts."""

    @api.post(
        "/publicity/copies",
        auth=Token("publicity:write"),
        response={201: CopyOut, **_WRITING},
        by_alias=True,
        summary="Hand over a published advert",
        operation_id="handOverCopy",
        tags=["publicity"],
    )
    def new_copy(
        request: HttpRequest, advert: CopyIn, idempotency_key: str = IDEMPOTENCY_KEY
    ) -> Any:
        """Scope `publicity:write`. The advert is live, is checked at once and stated as a fact.

        The same wording at the same place was only seen again; another wording there replaces
        it. Findings do not stop it, since people have read it. The same key gives the same copy,
        as it stands now.
        """
        return Status(201, _take(request.auth, advert, idempotency_key))  # type: ignore[attr-defined]


def _take(client: Client, copy: CopyIn, key: str) -> CopyView:
    now, actor = (
        timezone.now(),
        Actor("system", f"client-{client.id}", ("senior_handler",), brand=client.brand),
    )
    with transaction.atomic():
        first = hand_over(client.id, f"publicity:{key}", copy.model_dump_json(), now=now)
        ref = first.result
        if not ref:
            ref, _is_new = see_copy(
                copy.text,
                offer=copy.offer,
                channel=copy.channel,
                location=copy.place,
                actor=actor,
                now=now,
            )
            finish(first, ref)
        return copy_of(ref)
