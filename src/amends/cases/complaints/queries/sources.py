"""What is stored already of a file: the source of its ids, and when its contacts came."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from amends.cases.complaints.models import Complaint, Contact
from amends.platform.kit.batches import slices

_AT_ONCE = 500


def stored_under(ids: Collection[str], *, besides: str) -> dict[str, int]:
    """Source → how many of `ids` stand under it, the most first; `besides` left out."""
    if not ids:
        return {}
    source_counts = {
        source: Complaint.objects.filter(
            original_source=source, original_id__in=list(ids)[:_AT_ONCE]
        )
        .exclude(original_id="")
        .count()
        for source in _sources()
        if source != besides
    }
    return dict(
        sorted(source_counts.items(), key=lambda source_count: (-source_count[1], source_count[0]))
    )


def contact_times(contacts: Collection[str]) -> dict[str, datetime]:
    """Contact → when it was received, as it is on record."""
    wanted, times_by_contact = list(contacts), {}
    for part in slices(wanted, _AT_ONCE):
        rows = Contact.objects.filter(id__in=part)
        times_by_contact.update(rows.values_list("id", "received_at"))
    return times_by_contact


def _sources() -> Iterator[str]:
    """Every source once; each step is one look into the index, however many rows there are."""
    rows = Complaint.objects.exclude(original_id="").order_by("original_source")
    names = rows.values_list("original_source", flat=True)
    last = names.first()
    while last is not None:
        yield last
        last = names.filter(original_source__gt=last).first()
