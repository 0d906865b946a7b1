"""What is read of one complaint: its rows, plain views of them, and all that its page shows.

`Complaint` and the other models are exported for those who show them; only actions of this app
change them. The views (`ComplaintView` and its parts) are plain values, with the words masked and
nothing that says who the person is. `case_file` reads everything in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amends.cases.complaints import refusals
from amends.cases.complaints.models import (
    BROUGHT_IN,
    Clock,
    Complaint,
    Contact,
    DecidedBy,
    Decision,
    Event,
    PendingApproval,
    RecordedSubject,
    Reply,
)
from amends.cases.complaints.queries.attachments import AttachmentView, attachments_of
from amends.cases.complaints.queries.subjects import subjects_and_answer
from amends.cases.complaints.refusals import UnableToFindComplaint
from amends.cases.complaints.rules.states import ComplaintState, table
from amends.engines.decisions.dossier import Dossier
from amends.engines.decisions.rulings.model import ProposedDecision
from amends.platform.database.prepared_queries import PreparedQuery
from amends.work.remedies.queries import RemedyView, remedies_of

__all__ = [
    "BROUGHT_IN",
    "AttachmentView",
    "CaseFile",
    "Clock",
    "ClockView",
    "Complaint",
    "ComplaintState",
    "ComplaintSummary",
    "ComplaintView",
    "Contact",
    "ContactView",
    "DecidedBy",
    "Decision",
    "DecisionOnFile",
    "DecisionView",
    "Event",
    "EventView",
    "PendingApproval",
    "RemedyView",
    "Reply",
    "ReplyView",
    "UnableToFindComplaint",
    "awaits_approval",
    "case_file",
    "complaints_of",
    "current_decision",
    "deadlines_missed",
    "decided_alone",
    "find",
]


@dataclass(frozen=True, slots=True)
class ComplaintSummary:
    """What is known of a complaint at a glance; nothing in it says who the person is."""

    id: str
    tracking_code: str
    channel: str
    language: str
    person_shown: str
    identity: str
    first_words: str
    area: str
    province: str
    brand: str
    code: str
    code2: str
    confidence_permille: int
    ask_for_words: bool
    state: str
    urgent: bool
    received_at: datetime
    next_step: str
    next_due_at: datetime | None
    contacts_count: int
    verdict: str
    amount_minor: int
    currency: str
    may_act_alone: bool
    handler: str
    reopened_count: int


@dataclass(frozen=True, slots=True)
class ContactView:
    """One contact, its words masked."""

    id: str
    channel: str
    received_at: datetime
    text: str
    join_reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """One legal deadline and the rule it comes from."""

    step: str
    due_at: datetime
    rule: str
    counting: str
    binding: bool
    verified: bool
    met_at: datetime | None
    breached_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply, drafted or sent."""

    id: str
    kind: str
    language: str
    subject: str
    body: str
    drafted_at: datetime
    drafted_by: str
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to the complaint."""

    at: datetime
    verb: str
    from_state: str
    to_state: str
    actor: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision of its moment; `dossier` and `decision` are the documents of the rules."""

    id: str
    at: datetime
    by: str
    verdict: str
    amount_minor: int
    currency: str
    rule: str
    strength: str
    alone: bool
    dossier: Mapping[str, Any]
    decision: Mapping[str, Any]
    reason: str
    overrules: str


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """Everything the complaint page shows, except what only a grant opens.

    address_given  whether a phone number or mailbox came with the complaint
    """

    row: ComplaintSummary
    subscriber: str
    address_given: bool
    service: str
    case: str
    identity_by: str
    wanted: str
    cues: list[str]
    classified_by: str
    state_since: datetime
    resolved_at: datetime | None
    history: bool
    jurisdiction: str
    contacts: list[ContactView] = field(default_factory=list)
    clocks: list[ClockView] = field(default_factory=list)
    events: list[EventView] = field(default_factory=list)
    decisions: list[DecisionView] = field(default_factory=list)
    replies: list[ReplyView] = field(default_factory=list)

    @property
    def state(self) -> ComplaintState:
        """The state with its words for the complainant."""
        return table().states[self.row.state]

    def subscriber_may(self, verb: str) -> bool:
        """Whether the life cycle lets the subscriber make this move now."""
        moves = table().moves_from(self.row.state, who="subscriber")
        return any(move.verb == verb for move in moves)


@dataclass(frozen=True, slots=True)
class DecisionOnFile:
    """A decision that was made, with what it rested on."""

    row: Decision
    verdict: ProposedDecision | None
    dossier: Dossier | None


@dataclass(slots=True)
class CaseFile:
    """One complaint with all that belongs to it; `decisions` newest first.

    answer_on  the address the customer is answered on; "" for none
    """

    complaint: Complaint
    contacts: list[Contact] = field(default_factory=list)
    files: list[AttachmentView] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    decisions: list[DecisionOnFile] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    remedies: list[RemedyView] = field(default_factory=list)
    subjects: list[RecordedSubject] = field(default_factory=list)
    answer_on: str = ""

    @property
    def current(self) -> DecisionOnFile | None:
        """The decision that counts."""
        return self.decisions[0] if self.decisions else None

    @property
    def draft(self) -> Reply | None:
        """The newest reply not yet sent."""
        return next((reply for reply in reversed(self.replies) if reply.posted_at is None), None)


_BY_ID = PreparedQuery(lambda ref: Complaint.objects.filter(id=ref)[:1])
_BY_CODE = PreparedQuery(
    lambda code: Complaint.objects.filter(code_public=code, merged_into__isnull=True)[:1]
)
_BY_CODE_OF_CONTACT = PreparedQuery(
    lambda code: Complaint.objects.filter(contacts__tracking_code=code)[:1]
)
_CONTACTS = PreparedQuery(
    lambda ref: Contact.objects.filter(complaint=ref).order_by("received_at", "id")
)
_CLOCKS = PreparedQuery(lambda ref: Clock.objects.filter(complaint=ref).order_by("due_at", "id"))
_EVENTS = PreparedQuery(lambda ref: Event.objects.filter(complaint=ref).order_by("at", "id"))
_DECISIONS = PreparedQuery(
    lambda ref: Decision.objects.filter(complaint=ref).order_by("-at", "-id")
)
_REPLIES = PreparedQuery(
    lambda ref: Reply.objects.filter(complaint=ref).order_by("drafted_at", "id")
)


def find(ref: str, *, brand: str = "") -> Complaint:
    """A complaint by its id or tracking code; raises UnableToFindComplaint.

    brand   the brand an actor is confined to, "" for every brand
    """
    complaint_row = _BY_ID.first(ref) or _BY_CODE.first(ref) or _BY_CODE_OF_CONTACT.first(ref)
    if complaint_row is None or (brand and complaint_row.brand != brand):
        raise refusals.unknown_complaint()
    return complaint_row


def case_file(complaint: Complaint) -> CaseFile:
    """Everything about a complaint except who the person is: that is asked of `access`."""
    decisions = [_made(row) for row in _DECISIONS.rows(complaint.id)]
    for decision in decisions:
        decision.row.complaint = complaint
    subjects, answer_on = subjects_and_answer(complaint.id)
    return CaseFile(
        complaint=complaint,
        contacts=_CONTACTS.rows(complaint.id),
        files=attachments_of(complaint.id),
        clocks=_CLOCKS.rows(complaint.id),
        events=_EVENTS.rows(complaint.id),
        decisions=decisions,
        replies=_REPLIES.rows(complaint.id),
        remedies=remedies_of([f"complaint:{complaint.id}"]).get(f"complaint:{complaint.id}", []),
        subjects=subjects,
        answer_on=answer_on,
    )


def current_decision(complaint: Complaint) -> DecisionOnFile | None:
    """The decision of a complaint that counts."""
    row = _DECISIONS.first(complaint.id)
    return _made(row) if row else None


def _made(row: Decision) -> DecisionOnFile:
    return DecisionOnFile(
        row,
        ProposedDecision.from_dict(row.decision) if row.decision else None,
        Dossier.from_dict(row.dossier) if row.dossier else None,
    )


def complaints_of(refs: Collection[str], *, brand: str = "") -> list[Complaint]:
    """Complaints by reference, the nearest deadline first; of one brand alone if it is named."""
    rows = Complaint.objects.filter(id__in=refs)
    if brand:
        rows = rows.filter(brand=brand)
    return list(rows.order_by("next_due_at", "id"))


def awaits_approval(complaint: Complaint) -> bool:
    """Whether it was approved and can still be undone."""
    return PendingApproval.objects.filter(complaint=complaint).exists()


def decided_alone(*, since: datetime, limit: int) -> int:
    """How many decisions the rules made alone since a moment, counted no further than `most`."""
    rows = Decision.objects.filter(at__gte=since, decided_by=DecidedBy.RULE)
    return rows[:limit].count()


def deadlines_missed(*, since: datetime, limit: int) -> int:
    """How many deadlines have passed since a moment, counted no further than `most`."""
    return Event.objects.filter(at__gte=since, verb="breach")[:limit].count()
