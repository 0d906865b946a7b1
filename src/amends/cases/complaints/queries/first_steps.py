"""What the first run asks: the first complaint of an installation."""

from __future__ import annotations

from dataclasses import dataclass

from amends.cases.complaints.models import Complaint


@dataclass(frozen=True, slots=True)
class FirstComplaint:
    """The first complaint and the verdict on it, "" before one."""

    id: str
    verdict: str


def first_complaint(*, brand: str = "") -> FirstComplaint | None:
    """The oldest complaint that was received here, not imported as history."""
    rows = Complaint.objects.filter(brand=brand) if brand else Complaint.objects.all()
    first_row = (
        rows.filter(history=False).order_by("received_at", "id").values("id", "verdict").first()
    )
    return FirstComplaint(**first_row) if first_row else None
