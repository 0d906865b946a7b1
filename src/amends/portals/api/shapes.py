"""What the interface takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Schema


class NewComplaint(Schema):
    """A complaint as another system hands it over."""

    text: str = Field(min_length=1, max_length=20_000, description="The person's own words.")
    received_at: datetime | None = Field(
        None, description="When the operator got it, with a time zone; now if left out."
    )
    channel: str = Field("", max_length=16, pattern=r"^[a-z]*$")
    name: str = Field("", max_length=120)
    phone: str = Field("", max_length=32)
    email: str = Field("", max_length=254)
    subscriber: str = Field("", max_length=64, description="Our pseudonym, if known.")
    service: str = Field("", max_length=64)
    thread: str = Field("", max_length=14, description="Our tracking code, if quoted.")
    language: Literal["", "zh", "en"] = ""
    province: str = Field("", max_length=8)
    wanted: str = Field("", max_length=200)
    urgent: bool = False
    on_behalf: bool = False
    signed_in: bool = Field(
        False, description="The person is signed in with you; needs a client trusted for identity."
    )


class Accepted(Schema):
    """The receipt, given once the complaint is durable."""

    tracking_code: str
    complaint: str
    joined: str
    code: str
    next_step: str
    due_at: datetime | None


class State(Schema):
    """Where a complaint stands."""

    tracking_code: str
    state: str
    state_since: datetime
    received_at: datetime
    code: str
    next_step: str
    due_at: datetime | None
    contacts: int


class Problem(Schema):
    """The one shape of every refusal."""

    error: str
    what: str
    meaning: str = ""
    next_step: str = ""


class RemedyRow(Schema):
    """One remedy of an export to billing; book it once by its idempotency key."""

    remedy: str
    idempotency_key: str
    kind: str
    subscriber: str
    service: str
    charge: str
    amount_minor: int
    currency: str


class Export(Schema):
    """A numbered export; the same number gives the same rows again."""

    export: str
    remedies: list[RemedyRow]


class Booked(Schema):
    """Billing has booked a remedy under its own number."""

    remedy: str
    booking: str = Field(min_length=1, max_length=80)


class Acknowledged(Schema):
    """How many bookings were new."""

    new: int
