"""Rows that the case file and the actions hand out, named for whoever shows them; read only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from amends.complaints.models import BROUGHT_IN as BROUGHT_IN
from amends.complaints.models import Clock as Clock
from amends.complaints.models import Complaint as Complaint
from amends.complaints.models import DecidedBy as DecidedBy
from amends.complaints.models import Decision as Decision
from amends.complaints.models import Event as Event
from amends.complaints.models import PendingApproval as PendingApproval
from amends.complaints.models import Reply as Reply


def complaints_of(refs: Collection[str], *, brand: str = "") -> list[Complaint]:
    """Complaints by reference, the nearest deadline first; of one brand alone if it is named."""
    rows = Complaint.objects.filter(id__in=refs)
    if brand:
        rows = rows.filter(brand=brand)
    return list(rows.order_by("next_due_at", "id"))


def awaits_approval(complaint: Complaint) -> bool:
    """Whether it was approved and can still be undone."""
    return PendingApproval.objects.filter(complaint=complaint).exists()


def decided_alone(*, since: datetime, most: int) -> int:
    """How many decisions the rules made alone since a moment, counted no further than `most`."""
    rows = Decision.objects.filter(at__gte=since, decided_by=DecidedBy.RULE)
    return rows[:most].count()


def deadlines_missed(*, since: datetime, most: int) -> int:
    """How many deadlines have passed since a moment, counted no further than `most`."""
    return Event.objects.filter(at__gte=since, verb="breach")[:most].count()
