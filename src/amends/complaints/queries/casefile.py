"""Reading one complaint: everything its page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from amends.complaints.actions.attach import AttachmentView, attachments_of
from amends.complaints.models import Clock, Complaint, Contact, Decision, Event, Reply
from amends.database.prepared_queries import PreparedQuery
from amends.decisions.dossier import Dossier
from amends.decisions.rulings.model import ProposedDecision
from amends.kit.errors import BadInput
from amends.remedies.queries import RemedyView, remedies_of


class UnableToFindComplaint(BadInput):
    """There is no such complaint, or it belongs to a brand the actor may not see."""

    code = "complaint_unknown"


@dataclass(frozen=True, slots=True)
class DecisionOnFile:
    """A decision that was made, with what it rested on."""

    row: Decision
    verdict: ProposedDecision | None
    dossier: Dossier | None


@dataclass(slots=True)
class CaseFile:
    """One complaint with all that belongs to it; `decisions` newest first."""

    complaint: Complaint
    contacts: list[Contact] = field(default_factory=list)
    files: list[AttachmentView] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    decisions: list[DecisionOnFile] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    remedies: list[RemedyView] = field(default_factory=list)

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
    found = _BY_ID.first(ref) or _BY_CODE.first(ref) or _BY_CODE_OF_CONTACT.first(ref)
    if found is None or (brand and found.brand != brand):
        raise UnableToFindComplaint(
            _("There is no such complaint."),
            next_step=_("Check the number, or search for it in the inbox."),
        )
    return found


def case_file(complaint: Complaint) -> CaseFile:
    """Everything about a complaint except who the person is: that is asked of `access`."""
    return CaseFile(
        complaint=complaint,
        contacts=_CONTACTS.rows(complaint.id),
        files=attachments_of(complaint.id),
        clocks=_CLOCKS.rows(complaint.id),
        events=_EVENTS.rows(complaint.id),
        decisions=[_made(row) for row in _DECISIONS.rows(complaint.id)],
        replies=_REPLIES.rows(complaint.id),
        remedies=remedies_of([f"complaint:{complaint.id}"]).get(f"complaint:{complaint.id}", []),
    )


def _made(row: Decision) -> DecisionOnFile:
    return DecisionOnFile(
        row,
        ProposedDecision.from_dict(row.decision) if row.decision else None,
        Dossier.from_dict(row.dossier) if row.dossier else None,
    )
