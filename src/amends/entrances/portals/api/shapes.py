"""What the interface takes and gives; what it does of lines stands in `line_shapes`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict

from amends.cases.complaints.actions.intake import Receipt
from amends.channels.queries.capabilities import outgoing, writing_channels
from amends.platform.kit.dates import within
from amends.platform.kit.texts import clean


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


# Text without what no database takes: NUL, halves of characters, marks that reorder what follows.
Text = Annotated[str, BeforeValidator(_cleaned)]
# What comes in lies within the years of `kit.dates`.
Written = Annotated[datetime, AfterValidator(within)]
# Moments go out in UTC, whatever zone the rule counted in.
Moment = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]
if TYPE_CHECKING:
    Channel = str
    OutgoingChannel = str
else:  # as the register of channels has them
    Channel = Literal[("", *writing_channels())]
    OutgoingChannel = Literal[("", *outgoing())]


class NewComplaint(Schema):
    """A complaint as another system hands it over; only the words are required."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "I am charged 10 yuan a month for a ringtone I never ordered.",
                    "phone": "+86 139 0000 1234",
                    "wanted": "Money back",
                    "received_at": "2026-11-24T10:05:00+08:00",
                }
            ]
        },
    )

    text: Text = Field(min_length=1, max_length=20_000, description="The person's own words.")
    received_at: datetime | None = Field(
        None,
        description="When the operator got it, with a time zone; now if left out. Clocks start "
        "here, so it may lie in the past but not in the future.",
    )
    channel: Channel = Field(
        "", description="Where the person said it; the client's own channel if left out."
    )
    name: Text = Field("", max_length=120, description="As the person is to be addressed.")
    phone: Text = Field("", max_length=32, description="To answer on, and to be recognised by.")
    email: Text = Field("", max_length=254, description="To answer on, and to be recognised by.")
    subscriber: Text = Field(
        "", max_length=64, description="Our pseudonym, if known; else phone or email decide."
    )
    service: Text = Field(
        "", max_length=64, description="Reference of the service it is about, if known."
    )
    thread: Text = Field(
        "", max_length=20, description="Our tracking code, if the person quotes one: it joins."
    )
    language: Literal["", "zh", "en"] = Field(
        "", description="Language to answer in; that of the words if left out."
    )
    province: Text = Field(
        "", max_length=8, description="Administrative code, for provincial deadlines, e.g. 41."
    )
    wanted: Text = Field("", max_length=200, description="What should be put right.")
    urgent: bool = Field(False, description="Danger to life or loss of all service.")
    on_behalf: bool = Field(False, description="Somebody complains for another person.")
    signed_in: bool = Field(
        False, description="The person is signed in with you; needs a client trusted for identity."
    )


class NewPost(Schema):
    """What somebody wrote in public; no complaint is made of it, and nobody is answered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "weibo",
                    "key": "5104417",
                    "posted_at": "2026-11-24T10:05:00+08:00",
                    "text": "Half the street is offline since this morning.",
                    "author": "somebody",
                }
            ]
        },
    )

    source: Text = Field(min_length=1, max_length=40, description="The medium, e.g. `weibo`.")
    key: Text = Field(min_length=1, max_length=120, description="Its own id of the post.")
    posted_at: Written = Field(description="When it was written, with a time zone.")
    text: Text = Field(min_length=1, max_length=20_000, description="What it says.")
    author: Text = Field(
        "", max_length=200, description="Whose account; only a keyed hash of it is kept."
    )
    area: Text = Field("", max_length=40, description="Code of the area it is about, if known.")
    product: Text = Field("", max_length=64, description="Offer it is about, if known.")


class PostsTaken(Schema):
    """What became of the posts of one request."""

    accepted: int = Field(description="Posts that were new.")
    duplicates: int = Field(description="Posts known by source and key already.")


class Frozen(Schema):
    """Something that may not be sold now, because many users complain of it."""

    kind: str = Field(description="offer, campaign or launch.", examples=["campaign"])
    ref: str = Field(description="Its reference.", examples=["spring-roaming"])
    since: Written = Field(description="When it was taken from sale.")


class Accepted(Schema):
    """The receipt, given once the complaint is durable."""

    tracking_code: str = Field(description="For the person: opens the public status page.")
    complaint: str = Field(description="Our reference of the complaint.")
    joined: str = Field(
        description="`new`, or why it joined an open complaint: `repeat` (same key), `thread`, "
        "`exact`, `near`, `same_matter`, `same_charge`."
    )
    code: str = Field(description="Class of the complaint, e.g. `thirdparty.value_added`.")
    next_step: str = Field(description="What is due next, e.g. `resolve`; empty if nothing.")
    due_at: Moment | None = Field(description="By when, under the rule of the day of receipt.")


def accepted(receipt: Receipt) -> Accepted:
    """A receipt in its shape. It is our own word: nobody reads through it again."""
    return Accepted.model_construct(
        tracking_code=receipt.tracking_code,
        complaint=receipt.complaint,
        joined=receipt.joined,
        code=receipt.code,
        next_step=receipt.next_step,
        due_at=None if receipt.due_at is None else receipt.due_at.astimezone(UTC),
    )


class State(Schema):
    """Where a complaint stands."""

    tracking_code: str
    state: str = Field(description="A state of the published table, e.g. `investigating`.")
    tmf621_status: str = Field(
        description="The same as a status of TMF621 v5, e.g. `inProgress` or `held`."
    )
    state_since: Moment
    received_at: Moment
    code: str = Field(description="Class of the complaint.")
    next_step: str = Field(description="What is due next; empty if nothing.")
    due_at: Moment | None
    contacts: int = Field(description="How often the person has told us.")


class Problem(Schema):
    """The one shape of every refusal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": "bad_input",
                    "what": "text: Field required.",
                    "meaning": "Nothing was stored.",
                    "next_step": "Correct the request; the schema is at /api/v1/openapi.json.",
                }
            ]
        }
    )

    error: str = Field(description="A word a program can rely on.")
    what: str = Field(description="What happened, for a person.")
    meaning: str = Field("", description="What it means: mostly that nothing was stored.")
    next_step: str = Field("", description="What to do.")


class ExportedRemedy(Schema):
    """One remedy of an export to billing; book it once by its idempotency key."""

    remedy: str
    idempotency_key: str = Field(description="Book once under this key, however often it comes.")
    kind: str = Field(description="refund, credit, compensation, release, correction or repair.")
    subscriber: str = Field(description="Pseudonym.")
    service: str
    charge: str = Field(description="The charge a refund gives back; empty for others.")
    amount_minor: int = Field(description="In minor units: 1000 is ¥10.00.")
    currency: str


class NumberedExport(Schema):
    """A numbered export; the same number gives the same rows again."""

    export: str = Field(description="Number of the export; empty if nothing waits.")
    remedies: list[ExportedRemedy]


class Booked(Schema):
    """Billing has booked a remedy under its own number."""

    model_config = ConfigDict(extra="forbid")

    remedy: Text = Field(min_length=1, max_length=32)
    booking: Text = Field(min_length=1, max_length=80, description="Your number of the booking.")


class Acknowledged(Schema):
    """How many bookings were new."""

    new: int


class UsageTaken(Schema):
    """Usage records that are durable and will be counted."""

    file: str = Field(description="The content's name: the same lines give the same.")
    records: int = Field(description="How many lines were taken; each is judged when counted.")
    left_out: int = Field(description="Lines that name no service of the client's brand.")


class NewOrderIn(Schema):
    """An order as a shop, an app or a partner places it; the user is asked before it is done."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"order": "open", "phone": "+86 139 0000 1234", "offer": "ring-star"}]
        },
    )

    order: Literal["open", "change", "stop"] = Field(description="What is asked for.")
    phone: Text = Field("", max_length=32, description="Number of the person, or `subscriber`.")
    subscriber: Text = Field("", max_length=64, description="Our pseudonym, if known.")
    offer: Text = Field("", max_length=64, description="Offer to open or to change to.")
    service: Text = Field("", max_length=64, description="Running service to change or to stop.")
    initiator: Literal["subscriber", "partner", "operator"] = Field(
        "subscriber", description="Whose idea it was."
    )
    agent: Text = Field("", max_length=64, description="Partner who sells it.")
    campaign: Text = Field("", max_length=64, description="Campaign it belongs to.")


class OrderPlaced(Schema):
    """Where an order stands. Nothing is carried out before the user has confirmed it."""

    order: str = Field(description="Its reference.")
    service: str = Field(description="The service it opens, changes or stops.")
    state: str = Field(description="waiting, confirmed, executed, refused, lapsed or cancelled.")
    confirmed: int = Field(description="Confirmations given.")
    needed: int = Field(description="Confirmations needed.")
    lapses_at: Moment = Field(description="When it lapses without an answer.")
