"""What arrived at a complaint while somebody had its page open: a reply must not cross with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amends.cases.complaints import refusals
from amends.cases.complaints.models import Contact, Reply
from amends.work.casework.queries.work import note_counts


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many messages of the customer, letters and notes there are that are not one's own."""

    contacts: int = 0
    letters: int = 0
    notes: int = 0

    def __bool__(self) -> bool:
        return bool(self.contacts or self.letters or self.notes)

    @property
    def mark(self) -> str:
        """What a page hands back to say what it showed.

        >>> Arrivals(3, 1, 2).mark
        '3.1.2'
        """
        return f"{self.contacts}.{self.letters}.{self.notes}"


def arrived(ref: str, actor_ref: str) -> Arrivals:
    """What there is at a complaint, without what the actor wrote."""
    return Arrivals(
        Contact.objects.filter(complaint=ref).exclude(by=actor_ref).count(),
        Reply.objects.filter(complaint=ref, posted_at__isnull=False)
        .exclude(drafted_by=actor_ref)
        .exclude(reviewed_by=actor_ref)
        .count(),
        note_counts("complaint", [ref], without=actor_ref).get(ref, 0),
    )


def arrived_in(
    contacts: Iterable[Contact], replies: Iterable[Reply], notes: int, actor_ref: str
) -> Arrivals:
    """The same of rows that were read before; `notes` are those the actor did not write."""
    return Arrivals(
        sum(contact.by != actor_ref for contact in contacts),
        sum(
            reply.posted_at is not None and actor_ref not in (reply.drafted_by, reply.reviewed_by)
            for reply in replies
        ),
        notes,
    )


def arrived_since(ref: str, actor_ref: str, seen: str) -> Arrivals:
    """What is new compared with the mark of a page; raises UnableToReadMark."""
    try:
        contacts, letters, notes = (int(part) for part in seen.split("."))
    except ValueError as error:
        raise refusals.unreadable_mark() from error
    now = arrived(ref, actor_ref)
    return Arrivals(
        max(now.contacts - contacts, 0),
        max(now.letters - letters, 0),
        max(now.notes - notes, 0),
    )
