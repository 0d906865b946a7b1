"""Reading one complaint: everything its page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field

from amends.complaints.actions.attach import AttachmentView, attachments_of
from amends.complaints.models import Clock, Complaint, Contact, Decision, Event, Reply
from amends.complaints.rules.decisions.model import Decision as Verdict
from amends.complaints.rules.dossier import Dossier
from amends.kit.errors import BadInput
from amends.remedies.queries import RemedyView, remedies_of


class UnableToFindComplaint(BadInput):
    """There is no such complaint, or it belongs to a brand the actor may not see."""

    code = "complaint_unknown"


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that was made, with what it rested on."""

    row: Decision
    verdict: Verdict | None
    dossier: Dossier | None


@dataclass(slots=True)
class CaseFile:
    """One complaint with all that belongs to it; `decisions` newest first."""

    complaint: Complaint
    contacts: list[Contact] = field(default_factory=list)
    files: list[AttachmentView] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    decisions: list[Made] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    remedies: list[RemedyView] = field(default_factory=list)

    @property
    def standing(self) -> Made | None:
        """The decision that counts."""
        return self.decisions[0] if self.decisions else None

    @property
    def draft(self) -> Reply | None:
        """The newest reply not yet sent."""
        return next((reply for reply in reversed(self.replies) if reply.posted_at is None), None)


def find(ref: str, *, brand: str = "") -> Complaint:
    """A complaint by its id or tracking code; raises UnableToFindComplaint.

    brand   the brand an actor is confined to, "" for every brand
    """
    rows = Complaint.objects.filter(brand=brand) if brand else Complaint.objects.all()
    found = rows.filter(id=ref).first() or rows.filter(code_public=ref).first()
    if found is None:
        raise UnableToFindComplaint(
            "There is no such complaint.",
            next_step="Check the number, or search for it in the inbox.",
        )
    return found


def case_file(complaint: Complaint) -> CaseFile:
    """Everything about a complaint except who the person is: that is asked of `access`."""
    decisions = complaint.decisions.order_by("-at", "-id")
    return CaseFile(
        complaint=complaint,
        contacts=list(complaint.contacts.order_by("received_at", "id")),
        files=attachments_of(complaint.id),
        clocks=list(complaint.clocks.order_by("due_at", "id")),
        events=list(complaint.events.order_by("at", "id")),
        decisions=[_made(row) for row in decisions],
        replies=list(complaint.replies.order_by("drafted_at", "id")),
        remedies=remedies_of([f"complaint:{complaint.id}"]).get(f"complaint:{complaint.id}", []),
    )


def _made(row: Decision) -> Made:
    return Made(
        row,
        Verdict.from_dict(row.decision) if row.decision else None,
        Dossier.from_dict(row.dossier) if row.dossier else None,
    )
