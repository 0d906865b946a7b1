"""What else the customer of a complaint has complained of."""

from __future__ import annotations

from dataclasses import dataclass

from amends.cases.complaints.models import Complaint

SHOWN = 10


@dataclass(frozen=True, slots=True)
class OtherComplaints:
    """The newest other complaints of the same person, and how many there are in all."""

    newest: list[Complaint]
    total: int


def other_complaints(
    complaint: Complaint, *, brand: str = "", limit: int = SHOWN
) -> OtherComplaints:
    """Other complaints of the same person, newest first.

    brand  the brand an actor is confined to, "" for every brand
    """
    if not complaint.person:  # forgotten, or nobody gave a contact
        return OtherComplaints([], 0)
    rows = Complaint.objects.filter(person=complaint.person).exclude(id=complaint.id)
    if brand:
        rows = rows.filter(brand=brand)
    newest = list(rows.order_by("-received_at", "-id")[: limit + 1])
    total = len(newest) if len(newest) <= limit else rows.count()
    return OtherComplaints(newest[:limit], total)
