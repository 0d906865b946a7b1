"""Complaints by when, where and of what they came: what an incident of the network may explain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amends.complaints.models import Complaint, Kind
from amends.kit.batches import slices
from amends.registry import ReceivedComplaint


def complaints_received(
    start: datetime, end: datetime, areas: Sequence[str]
) -> list[ReceivedComplaint]:
    """Complaints received in `[start, end)` in some areas, in order; enquiries are left out."""
    found: list[ReceivedComplaint] = []
    for part in slices(list(areas)):
        rows = Complaint.objects.filter(
            kind=Kind.COMPLAINT, area__in=part, received_at__gte=start, received_at__lt=end
        )
        values = rows.values_list("id", "received_at", "area", "code", "brand", "subscriber")
        found += [ReceivedComplaint(*row) for row in values]
    return sorted(found, key=lambda one: (one.at, one.ref))
