"""What reaches the desk from any channel, and what it gets back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.kit.errors import BadInput

MAX_CHARACTERS = 20_000


class UnableToReceive(BadInput):
    """The submission cannot become a contact; nothing of it was stored."""

    code = "unable_to_receive"


Files = Callable[[], Sequence[tuple[str, bytes]]]
"""Names and bytes of files, read only when they are kept: a desk's export may hold gigabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What went to and fro in the desk a complaint was imported from.

    ref      the number it has there, unlike any other of its ticket
    ours     whether it is an answer of the desk; else the complainant wrote it
    opens    its words stand already in those of the submission
    noted    what is listed below its text: the names of files that were not carried over
    files    what was carried over with it
    """

    ref: str
    at: datetime
    text: str
    channel: str = ""
    subject: str = ""
    ours: bool = False
    opens: bool = False
    noted: str = ""
    files: Files | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One event on a channel: somebody says something.

    channel       web, mail, sms, phone, counter, app, social, api, import
    key           idempotency key of the channel; the same key again is the same contact
    text          the person's own words
    received_at   when the operator got it (time zone required); the clocks start here
    phone, email  how the person can be reached, and how they are recognised
    service       the service the words are about, if the channel knows it
    about         the telephone number they are about, where that is how a system names a service;
                  one nobody is known by rests with the words, sealed
    thread        our tracking code, if the person quotes one
    tracking_code  the code the person was given already; "" for a new one
    answers       our reference of the complaint whose letter this answers
    silent        a program wrote it: nothing is sent back of itself, or two programs talk for ever
    identity      how the channel knows the person: "" (it does not), "operator_login",
                  "counter_document", "challenge"
    place         area or state as the source names it
    history       imported as it was: state and close come from the source, no clock runs
    noted         what is listed below the text and is not part of it: names of files left behind
    messages      of history: what was written afterwards, by both sides; the complainant's words in
                  it count for the class, `actions.bring_in` keeps them
    """

    channel: str
    key: str
    text: str
    received_at: datetime
    name: str = ""
    phone: str = ""
    email: str = ""
    subscriber: str = ""
    service: str = ""
    about: str = ""
    thread: str = ""
    tracking_code: str = ""
    answers: str = ""
    silent: bool = False
    language: str = ""
    province: str = ""
    place: str = ""
    brand: str = ""
    wanted: str = ""
    identity: str = ""
    on_behalf: bool = False
    urgent: bool = False
    by: str = ""
    history: bool = False
    state: str = ""
    closed_at: datetime | None = None
    original_id: str = ""
    original_source: str = ""
    noted: str = ""
    messages: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise UnableToReceive(
                _("The time of receipt has no time zone."), next_step=_("Add one, such as +08:00.")
            )
        if not self.key or len(self.key) > 120:
            raise UnableToReceive(
                _("The idempotency key must have 1 to 120 characters."),
                next_step=_("Use the reference under which you keep the complaint."),
            )
        if not self.text.strip():
            raise UnableToReceive(
                _("The complaint has no text."), next_step=_("Say in a sentence what happened.")
            )
        if len(self.text) > MAX_CHARACTERS:
            raise UnableToReceive(
                _("The complaint has more than 20,000 characters."),
                next_step=_("Shorten it, or send the rest as an attachment."),
            )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission.

    joined    "new", or why it joined an open complaint: "repeat" (same key), "thread", "exact",
              "near", "same_matter", "same_charge"
    opened    whether this submission opened the complaint, now or when it first came: who sent it
              may get the tracking code. What joined may come from anybody
    kind      "complaint", or "enquiry": a question, which counts in no rate
    """

    complaint: str
    tracking_code: str
    contact: str
    joined: str
    code: str
    opened: bool
    next_step: str = ""
    due_at: datetime | None = None
    kind: str = "complaint"
    notes: tuple[str, ...] = field(default=())
