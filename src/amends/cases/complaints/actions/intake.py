"""The steps of receiving a complaint: redact, classify, find who complains, join, store."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.operator_model import (
    classify_batch,
    plausible_permille,
    second_opinion_due,
    version_label,
)
from amends.cases.complaints.actions.recognise_subjects import (
    SubjectEntry,
    product_in,
    recognise_subjects,
    store_subjects,
)
from amends.cases.complaints.models import (
    Clock,
    Complainant,
    Complaint,
    Contact,
    Event,
    Identity,
    Kind,
)
from amends.cases.complaints.rules.enquiries import is_enquiry
from amends.cases.complaints.rules.joining import OpenComplaint, joins
from amends.cases.complaints.rules.states import table
from amends.channels.queries.capabilities import reached_by
from amends.channels.queries.contacts import contact_indexes
from amends.engines.classification.classify import Classification
from amends.engines.classification.subjects import PickedSubject
from amends.engines.decisions.clocks import ANSWER
from amends.engines.decisions.deadlines import Due, due_for_many
from amends.people.subscribers.queries import Lookup, SubscriberView, identify_many, subscribers
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.database.rows import add, insert
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import time_ordered_id, tracking_code
from amends.platform.kit.periods import to_ms
from amends.platform.kit.texts import clean, fingerprint, whole
from amends.platform.vault.keys import keyring
from amends.platform.vault.masks import mask_email, mask_name, mask_phone
from amends.platform.vault.recognisers import mask_texts
from amends.platform.vault.redaction import names_person, opaque, redact_person
from amends.platform.vault.sealing import seal_many
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

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
    account       of social media: recognises the person, who is never written to by it; not stored
    thread        our tracking code, if the person quotes one
    tracking_code  the code the person was given already; "" for a new one
    answers       our reference of the complaint whose letter this answers
    silent        a program wrote it: nothing is sent back of itself, or two programs talk for ever
    identity      how the channel knows the person: "" (it does not), "operator_login",
                  "counter_document", "challenge"
    place         area or state as the source names it
    history       imported as it was: state and close come from the source, no clock runs
    noted         what is listed below the text and is not part of it: names of files left behind
    subjects      what the person picked as what it is about
    not_meant     keys of subjects in the text that the person removed
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
    account: str = ""
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
    subjects: tuple[PickedSubject, ...] = ()
    not_meant: tuple[str, ...] = ()
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


# Redact the fields beside a complaint's text, so that they do not identify the person.


_LABELS = {"wanted": 200, "place": 64, "brand": 40, "province": 8}
_SHORT = {
    "channel": 16,
    "service": 64,
    "language": 8,
    "by": 80,
    "state": 24,
    "original_id": 80,
    "original_source": 40,
}
_REFERENCES = {"key": "complaints.key", "original_id": "complaints.original_id"}
_PLAIN = (
    "channel",
    "name",
    "phone",
    "email",
    "subscriber",
    "service",
    "thread",
    "answers",
    "language",
    "by",
    "state",
    "original_source",
    *_LABELS,
    *_REFERENCES,
)


def redact_submission(submission: Submission) -> Submission:
    """The submission with masked labels and opaque references; its words are masked elsewhere.

    Characters no text needs go as well: one database would refuse the row, the other keep them.
    Where a desk calls a line by its telephone number, that number names the person and not a
    service: it finds them as a telephone number does, and rests sealed with their words.
    """
    fields_given = {name: text for name in _PLAIN if (text := getattr(submission, name))}
    joined_fields = "\n".join(fields_given.values())
    clean_fields = dict(fields_given)
    if clean(joined_fields) != joined_fields:
        clean_fields = {name: clean(text) for name, text in fields_given.items()}
    for name in _LABELS.keys() & clean_fields.keys():
        clean_fields[name] = redact_person(clean_fields[name])
    for name, column in _REFERENCES.items():
        if name in clean_fields:
            clean_fields[name] = opaque(column, clean_fields[name])
    if names_person(clean_fields.get("service", "")):
        clean_fields["about"], clean_fields["service"] = clean_fields["service"], ""
    for name, longest in (_LABELS | _SHORT).items():
        if name in clean_fields:
            clean_fields[name] = clean_fields[name][:longest]
    changes = {
        name: text for name, text in clean_fields.items() if fields_given.get(name, "") != text
    }
    return replace(submission, **changes) if changes else submission


# Preparing submissions: masked words, class, person and clocks, a batch at a time.


@dataclass(slots=True)
class Intake:
    """A submission on its way into rows. `joined` is "" for a new complaint; `reopens`: it belongs
    to one that was closed.
    """

    submission: Submission
    text: str
    text_fingerprint: int
    class_: Classification
    person: str
    subscriber: SubscriberView | None
    clocks: Sequence[Due] = ()
    complaint_id: str = field(default_factory=time_ordered_id)
    contact_id: str = field(default_factory=time_ordered_id)
    tracking_code: str = field(default_factory=tracking_code)
    classified_by: str = ""
    code: str = ""
    joined: str = ""
    into: Intake | None = None
    next_step: str = ""
    next_due_at: datetime | None = None
    kind: str = Kind.COMPLAINT
    reopens: bool = False
    subjects: Sequence[SubjectEntry] = ()

    @property
    def second_opinion_due(self) -> bool:
        """Whether the class is to be asked about again before the complaint is investigated."""
        live = self.kind == Kind.COMPLAINT and not self.submission.history
        return live and second_opinion_due(self.class_)

    @property
    def key(self) -> tuple[str, str]:
        """Channel and idempotency key."""
        return self.submission.channel, self.submission.key

    def join(self, complaint: str, why: str, intake: Intake | None) -> None:
        """This contact belongs to `complaint`; `made` is its intake if it is of this batch."""
        self.complaint_id, self.joined, self.into = complaint, why, intake
        if intake:
            self.tracking_code, self.code = intake.tracking_code, intake.code
            self.next_step, self.next_due_at = intake.next_step, intake.next_due_at

    def as_open(self) -> OpenComplaint:
        """The complaint this intake opens, as later contacts of the batch see it."""
        return OpenComplaint(
            id=self.complaint_id,
            text_fingerprint=self.text_fingerprint,
            text=self.text,
            code=self.code,
            service=self.submission.service,
            received_at=self.submission.received_at,
            brand=self.submission.brand or (self.subscriber.brand if self.subscriber else ""),
            code2=self.class_.code2,
            kind=self.kind,
        )

    def receipt(self) -> Receipt:
        """What the channel gets back."""
        return Receipt(
            complaint=self.complaint_id,
            tracking_code=self.tracking_code,
            contact=self.contact_id,
            joined=self.joined or "new",
            code=self.code,
            opened=not self.joined,
            next_step=self.next_step,
            due_at=self.next_due_at,
            kind=self.kind,
        )

    @property
    def person_shown(self) -> str:
        """The complainant as lists show them."""
        submission = self.submission
        if submission.phone:
            return mask_phone(submission.phone)
        return mask_email(submission.email) if submission.email else mask_name(submission.name)


def prepare(submissions: Sequence[Submission], *, jurisdiction: str, now: datetime) -> list[Intake]:
    """Everything about the submissions that does not depend on what is stored already."""
    people = _identify(submissions)
    submissions = [
        replace(submission, text=f"{submission.text}\n{submission.about}")
        if submission.about and person is None and submission.about not in submission.text
        else submission
        for submission, person in zip(submissions, people, strict=True)
    ]
    masked = [
        _without_name(masked_text.text, item.name)
        for masked_text, item in zip(
            mask_texts([clean(item.text) for item in submissions]), submissions, strict=True
        )
    ]
    classes, model = classify_batch(_with_later_texts(masked, submissions))
    visible_texts = _with_notes(masked, submissions)
    addresses = contact_indexes(
        [
            submission.phone or submission.email or submission.about or submission.account
            for submission in submissions
        ]
    )
    intakes = [
        Intake(
            submission=submission,
            text=text,
            text_fingerprint=fingerprint(text_as_sent),
            class_=class_,
            classified_by=version_label(class_, model),
            code=class_.code,
            kind=_kind(submission, text_as_sent, class_.enquiry_share),
            subscriber=person,
            person=person.pseudonym if person else address,
            tracking_code=submission.tracking_code or tracking_code(),
        )
        for submission, text_as_sent, text, class_, person, address in zip(
            submissions, masked, visible_texts, classes, people, addresses, strict=True
        )
    ]
    subjects = recognise_subjects(
        [
            (text, person.pseudonym if person else "", item.service, item.subjects)
            for text, person, item in zip(masked, people, submissions, strict=True)
        ]
    )
    for intake, entries in zip(intakes, subjects, strict=True):
        not_meant = intake.submission.not_meant
        intake.subjects = [entry for entry in entries if entry.subject.key not in not_meant]
    owed = [item for item in intakes if not item.submission.history]
    _start_clocks([item for item in owed if item.kind == Kind.COMPLAINT], jurisdiction)
    return intakes


def _without_name(text: str, name: str) -> str:
    """The text with the name its writer gave masked: recognisers find names only after a cue."""
    name = name.strip()
    if len(name) < 2 or name not in text:
        return text
    edge = r"\b" if name.isascii() else ""
    return re.sub(f"{edge}{re.escape(name)}{edge}", lambda _match: mask_name(name), text)


def _with_later_texts(masked: list[str], submissions: Sequence[Submission]) -> list[str]:
    """The words a class is read from: of history all the complainant wrote, masked."""
    later = [
        "\n\n".join(
            message.text
            for message in submission.messages
            if not message.ours and not message.opens
        )
        for submission in submissions
    ]
    if not any(later):
        return masked
    more = [
        masked_text.text for masked_text in mask_texts([clean(later_text) for later_text in later])
    ]
    return [
        f"{first}\n\n{later_texts}".rstrip()
        for first, later_texts in zip(masked, more, strict=True)
    ]


def _with_notes(masked: list[str], submissions: Sequence[Submission]) -> list[str]:
    """The words as they are kept: with the names of files left behind under them, masked too."""
    if not any(submission.noted for submission in submissions):
        return masked
    notes = [
        masked_text.text
        for masked_text in mask_texts([clean(submission.noted) for submission in submissions])
    ]
    return [
        f"{masked_body}\n\n{note}".strip() for masked_body, note in zip(masked, notes, strict=True)
    ]


def _kind(submission: Submission, text: str, share: float) -> str:
    """A mere question is an enquiry; whoever names a wish or an emergency complains."""
    if submission.history or submission.urgent or submission.wanted.strip():
        return Kind.COMPLAINT
    return Kind.ENQUIRY if is_enquiry(text, share=share) else Kind.COMPLAINT


def _identify(submissions: Sequence[Submission]) -> list[SubscriberView | None]:
    """The subscriber behind each submission: named by a system, or found by the contact given."""
    named = subscribers(
        submission.subscriber for submission in submissions if submission.subscriber
    )
    people = identify_many(
        [
            Lookup(
                submission.about or submission.phone,
                submission.email,
                submission.service,
                at=submission.received_at,
            )
            for submission in submissions
        ]
    )
    return [
        _of_brand(named.get(submission.subscriber) or person, submission.brand)
        for submission, person in zip(submissions, people, strict=True)
    ]


def _of_brand(subscriber_view: SubscriberView | None, brand: str) -> SubscriberView | None:
    """To a channel confined to one brand, the subscribers of another are nobody."""
    return (
        subscriber_view
        if subscriber_view and (not brand or subscriber_view.brand in ("", brand))
        else None
    )


def _start_clocks(intakes: Sequence[Intake], jurisdiction: str) -> None:
    dues = due_for_many(
        jurisdiction=jurisdiction,
        received=[item.submission.received_at for item in intakes],
        urgents=[item.submission.urgent for item in intakes],
        kinds=[item.code for item in intakes],
        provinces=[_province(item) for item in intakes],
    )
    for item, clocks in zip(intakes, dues, strict=True):
        item.clocks = clocks
        running = [
            due_step for due_step in clocks if due_step.binding and due_step.who == "operator"
        ]
        if running:
            first = min(running, key=lambda due_step: due_step.due_at)
            item.next_step, item.next_due_at = first.step, first.due_at


def _province(intake: Intake) -> str:
    return intake.submission.province or (intake.subscriber.province if intake.subscriber else "")


# Which complaint a contact belongs to: an open one, the one it names, or its own.


# As many as hand over at once, more or less; a file of thousands is asked about as ever.
_AT_ONCE = 4
_OPEN = PreparedQueryForKeys(
    lambda people: (
        Complaint.objects.filter(person__in=people, is_open=True, history=False)
        .order_by("received_at", "id")
        .values_list(
            "person",
            "id",
            "text_print",
            "contacts__text",
            "code",
            "service",
            "received_at",
            "brand",
            "code2",
            "kind",
            "code_public",
            "next_step",
            "next_due_at",
            "ask_for_words",
        )
    ),
    max_texts=_AT_ONCE,
)
_NAMED = PreparedQueryForKeys(
    lambda refs: Complaint.objects.filter(id__in=refs).values_list(
        "id", "code_public", "code", "next_step", "next_due_at"
    ),
    max_texts=_AT_ONCE,
)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What the row of an open complaint says of it."""

    tracking_code: str
    code: str
    kind: str
    next_step: str
    next_due_at: datetime | None
    ask_for_words: bool


def join(intakes: Sequence[Intake]) -> dict[str, OpenRow]:
    """Give each intake its complaint: an open one of the same person, or a new one.

    Returns the complaints of these people that were open before, by reference.
    """
    live = [intake for intake in intakes if not intake.submission.history]
    open_of, open_ = _open_complaints({intake.person for intake in live if intake.person})
    threads = _threads(live)
    intakes_by_complaint: dict[str, Intake] = {}
    for intake in live:
        submission = intake.submission
        candidates = open_of.setdefault(intake.person, []) if intake.person else []
        thread = threads.get(submission.answers) or threads.get(_code(submission.thread))
        joined, why = "", "thread"
        if thread and _may_go_on(thread, intake):
            joined, intake.reopens = thread.ref, not thread.is_open
        if not joined:
            joined, why = joins(
                text=intake.text,
                print_=intake.text_fingerprint,
                code=intake.code,
                code2=intake.class_.code2,
                service=submission.service,
                received_at=submission.received_at,
                # A channel confined to one brand must not learn of a complaint of another.
                open_complaints=[
                    c
                    for c in candidates
                    if submission.brand in ("", c.brand) and c.kind == intake.kind
                ],
            )
        if joined:
            intake.join(joined, why, intakes_by_complaint.get(joined))
        else:
            intakes_by_complaint[intake.complaint_id] = intake
            candidates.append(intake.as_open())
    _complete_joined(live, open_)
    return open_


def _open_complaints(
    people: Iterable[str],
) -> tuple[dict[str, list[OpenComplaint]], dict[str, OpenRow]]:
    """Person → what a new contact may join, once for each contact of it; and each complaint."""
    complaints_by_person: dict[str, list[OpenComplaint]] = {}
    open_: dict[str, OpenRow] = {}
    for (
        person,
        ref,
        print_,
        text,
        code,
        service,
        received_at,
        brand,
        code2,
        kind,
        *columns,
    ) in _OPEN.rows(set(people)):
        complaints_by_person.setdefault(person, []).append(
            OpenComplaint(
                id=ref,
                text_fingerprint=print_,
                text=text or "",
                code=code,
                service=service,
                received_at=received_at,
                brand=brand,
                code2=code2,
                kind=kind,
            )
        )
        tracking_code, *fields = columns
        open_[ref] = OpenRow(tracking_code, code, kind, *fields)
    return complaints_by_person, open_


@dataclass(frozen=True, slots=True)
class _Thread:
    """The complaint a contact names, by our reference or its tracking code."""

    ref: str
    person: str
    state: str
    is_open: bool


def _may_go_on(thread: _Thread, intake: Intake) -> bool:
    """Whether a contact that names a complaint belongs to it.

    Anybody may add to an open one. What was closed is opened again only by who complained: who
    answers our letter from where it went, or is the same person. All else is a matter of its own.
    """
    if thread.is_open:
        return True
    answered = intake.submission.answers
    own = answered and survivors_of([answered]).get(answered, answered) == thread.ref
    own = own or thread.person == intake.person != ""
    return own and any(
        move.verb == "reopen" for move in table().moves_from(thread.state, who="subscriber")
    )


def _threads(intakes: Sequence[Intake]) -> dict[str, _Thread]:
    """Our reference or tracking code, as quoted, → the complaint it names."""
    codes = {_code(intake.submission.thread) for intake in intakes} - {""}
    refs = {intake.submission.answers for intake in intakes} - {""}
    if not codes and not refs:
        return {}
    handed_out = dict(
        Contact.objects.filter(tracking_code__in=codes).values_list("tracking_code", "complaint")
    )
    refs |= set(handed_out.values())
    survivors = survivors_of(refs)
    rows = Complaint.objects.filter(
        Q(code_public__in=codes) | Q(id__in=refs | set(survivors.values())),
        merged_into__isnull=True,
        history=False,
    )
    thread_rows = rows.order_by("id").values_list("code_public", "id", "person", "state", "is_open")
    named = {code: _Thread(*columns) for code, *columns in thread_rows}
    named |= {thread.ref: thread for thread in named.values()}
    named |= {ref: named[into] for ref, into in survivors.items() if into in named}
    return named | {code: named[ref] for code, ref in handed_out.items() if ref in named}


def survivors_of(refs: Iterable[str]) -> dict[str, str]:
    """Those of some complaints that were merged → the complaint that goes on, through any chain."""
    survivors: dict[str, str] = {}
    pending = set(refs)
    while pending:
        rows = Complaint.objects.filter(id__in=pending, merged_into__isnull=False)
        into = dict(rows.values_list("id", "merged_into"))
        survivors |= into
        pending = set(into.values()) - survivors.keys()
    for ref in survivors:
        while survivors[ref] in survivors:
            survivors[ref] = survivors[survivors[ref]]
    return survivors


def _code(text: str) -> str:
    return text.strip().upper()


def _complete_joined(intakes: Sequence[Intake], open_: Mapping[str, OpenRow]) -> None:
    """What a receipt says of a complaint that was open before this batch."""
    lacking = [intake for intake in intakes if intake.joined and not intake.into]
    # One that is named by its code may be somebody else's, or closed.
    named = {intake.complaint_id for intake in lacking} - open_.keys()
    fields_by_ref = {ref: tuple(row) for ref, *row in _NAMED.rows(named)} | {
        ref: (
            open_complaint.tracking_code,
            open_complaint.code,
            open_complaint.next_step,
            open_complaint.next_due_at,
        )
        for ref, open_complaint in open_.items()
    }
    for intake in lacking:
        intake.tracking_code, intake.code, intake.next_step, intake.next_due_at = fields_by_ref[
            intake.complaint_id
        ]


# Writing prepared submissions: complaints, contacts, clocks, facts, all or nothing.


_CONTACTS = "complaints_contact"
_COMPLAINANTS = "complaints_complainant"
_CONTACT_FIELDS = ("name", "phone", "email")


def store(intakes: Sequence[Intake], *, now: datetime) -> None:
    """Write the rows and the `ComplaintReceived` facts; the caller holds the transaction."""
    new = [item for item in intakes if not item.joined]
    rows = [_complaint(item, now) for item in new]
    insert(Complaint, {name: [row[name] for row in rows] for name in rows[0]} if rows else {})
    _store_complainants(new)
    _store_contacts(intakes)
    _store_clocks(new)
    store_subjects(((item.complaint_id, item.subjects) for item in intakes), now=now)
    _note_joined([item for item in intakes if item.joined], now)
    complaints = [item for item in new if item.kind == Kind.COMPLAINT]
    append([_received(item) for item in complaints], now=now)


def _complaint(item: Intake, now: datetime) -> dict[str, Any]:
    submission, subscriber = item.submission, item.subscriber
    state = submission.state if submission.history and submission.state else "received"
    return {
        "id": item.complaint_id,
        "code_public": item.tracking_code,
        "kind": item.kind,
        "channel": submission.channel,
        "language": submission.language or item.class_.language,
        "jurisdiction": settings.JURISDICTION,
        "province": submission.province or (subscriber.province if subscriber else ""),
        "area": subscriber.area if subscriber else submission.place,
        "brand": submission.brand or (subscriber.brand if subscriber else ""),
        "subscriber": subscriber.pseudonym if subscriber else "",
        "person": item.person,
        "person_shown": item.person_shown[:64],
        "on_behalf": submission.on_behalf,
        "identity": (Identity.VERIFIED if submission.identity else Identity.UNVERIFIED).value,
        "identity_by": submission.identity,
        "service": submission.service,
        "product": product_in(item.subjects),
        "first_words": " ".join(item.text.split())[:160],
        "wanted": submission.wanted[:200],
        "text_print": item.text_fingerprint,
        "code": item.code,
        "code2": item.class_.code2,
        "confidence_permille": round(item.class_.confidence * 1000),
        "plausible": plausible_permille(item.class_),
        "because": list(item.class_.cues),
        "classified_by": item.classified_by,
        "ask_for_words": item.class_.ask,
        "second_opinion_due": item.second_opinion_due,
        "state": state,
        "state_since": submission.closed_at or submission.received_at,
        "is_open": _OPEN_STATES[state] and not submission.history,
        "urgent": submission.urgent,
        "received_at": submission.received_at,
        "recorded_at": now,
        "next_step": item.next_step,
        "next_due_at": item.next_due_at,
        "resolved_at": submission.closed_at if submission.history else None,
        "history": submission.history,
        "original_id": submission.original_id,
        "original_source": submission.original_source,
    }


_OPEN_STATES = {state.id: state.open for state in table().states.values()}


def _store_complainants(new: Sequence[Intake]) -> None:
    with_contact = [
        item for item in new if any(getattr(item.submission, name) for name in _CONTACT_FIELDS)
    ]
    ids, ring = [item.complaint_id for item in with_contact], keyring()
    sealed = {
        name: seal_many(
            _COMPLAINANTS,
            name,
            ids,
            [getattr(item.submission, name) for item in with_contact],
            ring=ring,
        )
        for name in _CONTACT_FIELDS
    }
    answer_on = [_answer_on(item) for item in with_contact]
    insert(Complainant, {"complaint_id": ids, **sealed, "answer_on": answer_on})


def _answer_on(item: Intake) -> str:
    if item.submission.silent:
        return ""
    if item.submission.email:
        return reached_by("email")
    return reached_by("phone") if item.submission.phone else ""


def _store_contacts(intakes: Sequence[Intake]) -> None:
    ids = [item.contact_id for item in intakes]
    texts = [original_words(item.submission) for item in intakes]
    insert(
        Contact,
        {
            "id": ids,
            "complaint_id": [item.complaint_id for item in intakes],
            "channel": [item.submission.channel for item in intakes],
            "key": [item.submission.key for item in intakes],
            "received_at": [item.submission.received_at for item in intakes],
            "language": [item.submission.language or item.class_.language for item in intakes],
            "text": [item.text for item in intakes],
            "original": seal_many(_CONTACTS, "original", ids, texts),
            "joined_because": [item.joined or "new" for item in intakes],
            "by": [item.submission.by for item in intakes],
            "tracking_code": [
                item.submission.tracking_code if item.joined else "" for item in intakes
            ],
        },
    )


def original_words(submission: Submission) -> str:
    """What is kept, sealed, as the contact's own words."""
    return whole(
        f"{submission.text}\n\n{submission.noted}" if submission.noted else submission.text
    )


def _store_clocks(new: Sequence[Intake]) -> None:
    pairs = [(item.complaint_id, due_step) for item in new for due_step in item.clocks]
    insert(
        Clock,
        {
            "complaint_id": [complaint for complaint, _ in pairs],
            "step": [due_step.step for _, due_step in pairs],
            "due_at": [due_step.due_at for _, due_step in pairs],
            "rule": [due_step.rule for _, due_step in pairs],
            "counting": [due_step.counting for _, due_step in pairs],
            "binding": [due_step.binding for _, due_step in pairs],
            "verified": [due_step.verified is True for _, due_step in pairs],
        },
    )


def _note_joined(joined: Sequence[Intake], now: datetime) -> None:
    """A contact that joins is an event of the complaint and one more contact on it."""
    add(Complaint, "contacts_count", Counter(item.complaint_id for item in joined))
    insert(
        Event,
        {
            "id": [time_ordered_id() for _ in joined],
            "complaint_id": [item.complaint_id for item in joined],
            "at": [now] * len(joined),
            "verb": ["contact_joined"] * len(joined),
            "actor": ["amends"] * len(joined),
            "reason": [item.joined for item in joined],
            "details": [
                {"contact": item.contact_id, "channel": item.submission.channel} for item in joined
            ],
        },
    )


def _received(item: Intake) -> Fact:
    submission = item.submission
    payload: dict[str, str | int] = {
        "complaint": item.complaint_id,
        "channel": submission.channel,
        "code": item.code,
        "pack": settings.JURISDICTION,
        "contact": item.contact_id,
        "confidence_permille": round(item.class_.confidence * 1000),
    }
    answer = min(
        (due_step for due_step in item.clocks if due_step.step == ANSWER and due_step.binding),
        key=lambda due_step: due_step.due_at,
        default=None,
    )
    if answer:
        payload["due_at_ms"] = to_ms(answer.due_at)
        payload["deadline_rule"] = answer.rule
    return Fact(
        kind="ComplaintReceived",
        subscriber=item.subscriber.pseudonym if item.subscriber else "",
        subject=item.complaint_id,
        happened_at=submission.received_at,
        source="import" if submission.history else "desk",
        payload=payload,
    )
