"""Preparing submissions: masked words, class, person and clocks, a batch at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from amends.channels.queries.contacts import contact_indexes
from amends.classification.classify import Classification
from amends.complaints.actions.intake.submission import Receipt, Submission
from amends.complaints.actions.operator_model import classify_batch, second_opinion_due, spoken_by
from amends.complaints.models import Kind
from amends.complaints.rules.enquiries import is_enquiry
from amends.complaints.rules.joining import OpenComplaint
from amends.decisions.deadlines import Due, due_for_many
from amends.kit.ids import time_ordered_id, tracking_code
from amends.kit.texts import clean, fingerprint
from amends.subscribers.queries import Lookup, SubscriberView, identify_many, subscribers
from amends.vault.masks import mask_email, mask_name, mask_phone
from amends.vault.recognisers import mask_texts


@dataclass(slots=True)
class Intake:
    """A submission on its way into rows. `joined` is "" for a new complaint; `reopens`: it belongs
    to one that was closed.
    """

    submission: Submission
    text: str
    text_print: int
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

    @property
    def second_opinion_due(self) -> bool:
        """Whether the class is to be asked about again before the complaint is investigated."""
        live = self.kind == Kind.COMPLAINT and not self.submission.history
        return live and second_opinion_due(self.class_)

    @property
    def key(self) -> tuple[str, str]:
        """Channel and idempotency key."""
        return self.submission.channel, self.submission.key

    def join(self, complaint: str, why: str, made: Intake | None) -> None:
        """This contact belongs to `complaint`; `made` is its intake if it is of this batch."""
        self.complaint_id, self.joined, self.into = complaint, why, made
        if made:
            self.tracking_code, self.code = made.tracking_code, made.code
            self.next_step, self.next_due_at = made.next_step, made.next_due_at

    def as_open(self) -> OpenComplaint:
        """The complaint this intake opens, as later contacts of the batch see it."""
        return OpenComplaint(
            self.complaint_id,
            self.text_print,
            self.text,
            self.code,
            self.submission.service,
            self.submission.received_at,
            self.submission.brand or (self.subscriber.brand if self.subscriber else ""),
            self.class_.code2,
            self.kind,
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
        said = self.submission
        if said.phone:
            return mask_phone(said.phone)
        return mask_email(said.email) if said.email else mask_name(said.name)


def prepare(submissions: Sequence[Submission], *, jurisdiction: str, now: datetime) -> list[Intake]:
    """Everything about the submissions that does not depend on what is stored already."""
    people = _identify(submissions)
    submissions = [
        replace(said, text=f"{said.text}\n{said.about}")
        if said.about and known is None and said.about not in said.text
        else said
        for said, known in zip(submissions, people, strict=True)
    ]
    masked = [
        _without_name(found.text, item.name)
        for found, item in zip(
            mask_texts([clean(item.text) for item in submissions]), submissions, strict=True
        )
    ]
    classes, model = classify_batch(_with_later_texts(masked, submissions))
    shown = _with_notes(masked, submissions)
    addresses = contact_indexes([said.phone or said.email or said.about for said in submissions])
    intakes = [
        Intake(
            submission=said,
            text=text,
            text_print=fingerprint(words),
            class_=class_,
            classified_by=spoken_by(class_, model),
            code=class_.code,
            kind=_kind(said, words, class_.enquiry_share),
            subscriber=known,
            person=known.pseudonym if known else address,
            tracking_code=said.tracking_code or tracking_code(),
        )
        for said, words, text, class_, known, address in zip(
            submissions, masked, shown, classes, people, addresses, strict=True
        )
    ]
    owed = [item for item in intakes if not item.submission.history]
    _start_clocks([item for item in owed if item.kind == Kind.COMPLAINT], jurisdiction)
    return intakes


def _without_name(text: str, name: str) -> str:
    """The text with the name its writer gave masked: recognisers find names only after a cue."""
    name = name.strip()
    if len(name) < 2 or name not in text:
        return text
    edge = r"\b" if name.isascii() else ""
    return re.sub(f"{edge}{re.escape(name)}{edge}", lambda _found: mask_name(name), text)


def _with_later_texts(masked: list[str], submissions: Sequence[Submission]) -> list[str]:
    """The words a class is read from: of history all the complainant wrote, masked."""
    later = [
        "\n\n".join(one.text for one in said.messages if not one.ours and not one.opens)
        for said in submissions
    ]
    if not any(later):
        return masked
    more = [found.text for found in mask_texts([clean(words) for words in later])]
    return [f"{first}\n\n{rest}".rstrip() for first, rest in zip(masked, more, strict=True)]


def _with_notes(masked: list[str], submissions: Sequence[Submission]) -> list[str]:
    """The words as they are kept: with the names of files left behind under them, masked too."""
    if not any(said.noted for said in submissions):
        return masked
    notes = [found.text for found in mask_texts([clean(said.noted) for said in submissions])]
    return [f"{words}\n\n{note}".strip() for words, note in zip(masked, notes, strict=True)]


def _kind(said: Submission, text: str, share: float) -> str:
    """A mere question is an enquiry; whoever names a wish or an emergency complains."""
    if said.history or said.urgent or said.wanted.strip():
        return Kind.COMPLAINT
    return Kind.ENQUIRY if is_enquiry(text, share=share) else Kind.COMPLAINT


def _identify(submissions: Sequence[Submission]) -> list[SubscriberView | None]:
    """The subscriber behind each submission: named by a system, or found by the contact given."""
    named = subscribers(said.subscriber for said in submissions if said.subscriber)
    found = identify_many(
        [
            Lookup(said.about or said.phone, said.email, said.service, at=said.received_at)
            for said in submissions
        ]
    )
    return [
        _of_brand(named.get(said.subscriber) or known, said.brand)
        for said, known in zip(submissions, found, strict=True)
    ]


def _of_brand(known: SubscriberView | None, brand: str) -> SubscriberView | None:
    """To a channel confined to one brand, the subscribers of another are nobody."""
    return known if known and (not brand or known.brand in ("", brand)) else None


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
        running = [due for due in clocks if due.binding and due.who == "operator"]
        if running:
            first = min(running, key=lambda due: due.due_at)
            item.next_step, item.next_due_at = first.step, first.due_at


def _province(intake: Intake) -> str:
    return intake.submission.province or (intake.subscriber.province if intake.subscriber else "")
