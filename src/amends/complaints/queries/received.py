"""Complaints by when, where and of what they came: what an incident of the network may explain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count

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


def complaints_by_offer(offers: Collection[str], start: datetime, end: datetime) -> dict[str, int]:
    """Offer → complaints received in `[start, end)` that the investigation found to be about it."""
    found: dict[str, int] = {}
    for part in slices(list(offers)):
        rows = Complaint.objects.filter(
            kind=Kind.COMPLAINT, offer__in=part, received_at__gte=start, received_at__lt=end
        )
        found |= dict(rows.order_by().values_list("offer").annotate(complaints=Count("id")))
    return found
