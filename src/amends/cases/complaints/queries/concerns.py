"""Complaints that say somebody misused the person's data: what the privacy officer looks into."""

from __future__ import annotations

from datetime import datetime

from amends.cases.complaints.models import Complaint
from amends.platform.registry import Concern

CODE = "privacy.data_misuse"


def concerns(since: datetime, now: datetime) -> list[Concern]:
    """Complaints of that class received in `[since, now]`, of known subscribers."""
    rows = Complaint.objects.filter(code=CODE, received_at__gte=since, received_at__lte=now)
    return [
        Concern(
            subscriber=row.subscriber,
            at=row.received_at,
            reference=row.code_public,
            path=f"/desk/c/{row.id}/",
        )
        for row in rows.exclude(subscriber="").order_by("received_at", "id")
    ]
