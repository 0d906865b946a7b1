"""What the interface takes and gives of lines: events, choices, holds, and whether they may run."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

from amends.entrances.portals.api.shapes import Moment, OutgoingChannel, Text, Written


class EventIn(Schema):
    """Something another system knows of a line."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "ref": "ocs-77120",
                    "kind": "top_up",
                    "subscriber": "sub-1",
                    "service": "svc-1",
                    "happens_at": "2026-11-24T10:05:00+08:00",
                    "figures": {"amount_minor": 5000},
                }
            ]
        },
    )

    ref: Text = Field(min_length=1, max_length=64, description="Yours; given twice, it is one.")
    kind: Text = Field(
        min_length=1,
        max_length=32,
        description="`top_up`, `balance`, `plan_change`, or one of the life cycle: `arrears`, …",
    )
    subscriber: Text = Field(min_length=1, max_length=64, description="Our pseudonym.")
    service: Text = Field(min_length=1, max_length=64, description="The line.")
    happens_at: Written = Field(description="When it takes effect, with a time zone.")
    offer: Text = Field("", max_length=64, description="Offer or plan it is about.")
    figures: dict[str, int | Text] = Field(
        default_factory=dict,
        max_length=20,
        description="By name: `amount_mb`, `amount_min`, `amount_count`, `amount_minor`, …",
    )


class EventsTaken(Schema):
    """What became of the events of one request."""

    accepted: int = Field(description="Events that were new.")
    duplicates: int = Field(description="Events known by `ref` already.")


class EventWithdrawn(Schema):
    """An event that will not happen."""

    ref: str
    withdrawn: bool = Field(description="False where it had been withdrawn before.")


class ChoiceIn(Schema):
    """What a user wishes of one reminder; left out is as usual."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"service": "svc-1", "duty": "cn.own_cap", "own": 5000}]},
    )

    duty: Text = Field(min_length=1, max_length=64, description="As `amends notices duties` says.")
    phone: Text = Field(
        "", max_length=32, description="Number of the person, or one of the others."
    )
    service: Text = Field("", max_length=64, description="A service of the person.")
    subscriber: Text = Field("", max_length=64, description="Our pseudonym, if known.")
    own: int = Field(
        0, ge=0, le=10_000_000, description="A mark of one's own in minor units; 0: none."
    )
    declined: bool = Field(False, description="No such notice, where the rule leaves that choice.")
    channel: OutgoingChannel = Field("", description="How to be told; `phone` for a call.")
    language: Literal["", "zh", "en"] = Field("", description="In which language.")


class PreferenceSaved(Schema):
    """A notice preference that was saved."""

    duty: str = Field(description="What it is about.")
    changed: int = Field(description="Lines, and the person, for whom it was new.")


class HoldShown(Schema):
    """One hold or release, as the network carries it out."""

    number: int = Field(description="Its place in the order.")
    key: str = Field(description="The hold; the same when it is released.")
    state: str = Field(description="held or released.")
    service: str = Field(description="The line it is about.")
    duty: str = Field(description="The duty that holds it.")
    counter: str = Field(description="What is held: data, money, …; empty for all.")
    action: str = Field(description="hold until consent, or stop.")
    by: str = Field(description="What released it: consent or period.")
    at: Moment = Field(description="When it was listed.")


class HoldsListed(Schema):
    """Holds and releases in order."""

    holds: list[HoldShown]
    cursor: int = Field(description="Where to read on.")


class ConsentIn(Schema):
    """How the client knows that the person is there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"presence": "signed_in", "reference": "session-81"}]},
    )

    presence: Literal["signed_in", "document"] = Field(
        description="Signed in to an app, or seen with a document in a shop."
    )
    reference: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9._:/-]+$",
        description="Your record of it; no number of a document.",
    )


class HoldState(Schema):
    """Where a hold stands."""

    key: str = Field(description="The hold.")
    service: str = Field(description="The line.")
    state: str = Field(description="held or released.")
    by: str = Field(description="What released it.")


class ServicesAsked(Schema):
    """The services a gate asks about."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"services": ["svc-1", "svc-2"]}]}
    )

    services: list[Annotated[Text, Field(min_length=1, max_length=64)]] = Field(
        min_length=1, max_length=1_000, description="Their references."
    )


class StandingShown(Schema):
    """Whether a service may run and be charged."""

    service: str = Field(description="The service.")
    state: str = Field(description="confirmed, excepted, stopped, uncovered or unknown.")
    may_charge: bool = Field(description="Whether a charge rests on the user's word.")
    order: str = Field(description="The order behind it.")
    held: bool = Field(description="Whether its use is held until the user consents.")
