"""How much work the desk has, in one pass over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from amends.complaints.models import Complaint


@dataclass(frozen=True, slots=True)
class Workload:
    """Counts of complaints; what was brought in as history is open too, and not received."""

    received_last_hour: int
    open: int
    late: int
    escalated: int
    due_in_24_h: int
    for_a_person: int


def workload(*, now: datetime) -> Workload:
    """What came in during the last hour, and how the open ones stand to their legal deadlines."""
    running = Complaint.objects.filter(kind="complaint", is_open=True, next_due_at__isnull=False)
    late = Q(next_due_at__lt=now)
    counts = running.order_by().aggregate(
        open=Count("id"),
        late=Count("id", filter=late),
        escalated=Count("id", filter=~Q(escalated_to="")),
        due_in_24_h=Count("id", filter=Q(next_due_at__lt=now + timedelta(hours=24)) & ~late),
    )
    waiting = Complaint.objects.filter(kind="complaint", is_open=True, next_due_at__isnull=True)
    received = Complaint.objects.filter(
        kind="complaint", received_at__gt=now - timedelta(hours=1), history=False
    )
    return Workload(
        received_last_hour=received.count(),
        open=counts["open"] + waiting.count(),
        late=counts["late"],
        escalated=counts["escalated"],
        due_in_24_h=counts["due_in_24_h"],
        for_a_person=running.filter(verdict="person_must_decide").count(),
    )
