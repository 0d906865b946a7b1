"""Which complaints ended long ago and still hold words: what a retention term is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from amends.cases.complaints.models import Complaint, Event
from amends.platform.kit.batches import slices

Place = tuple[datetime, str]
"""Where a reading goes on: when the last complaint read was received, and its id."""


def ended(
    kind: str, *, jurisdiction: str, before: datetime, after: Place | None = None, limit: int = 500
) -> list[tuple[str, str, datetime, datetime]]:
    """Complaints of a kind that ended at or before a moment and were not forgotten, oldest first.

    kind          "complaint" or "enquiry"
    jurisdiction  the pack under which they were received
    after         go on behind this place

    Each: (id, subscriber or "", when it ended, when it was received).
    """
    rows = _ended(kind, jurisdiction, before)
    if after is not None:
        received, ref = after
        rows = rows.filter(Q(received_at__gt=received) | Q(received_at=received, id__gt=ref))
    columns = ("id", "subscriber", "state_since", "received_at")
    return list(rows.order_by("received_at", "id").values_list(*columns)[:limit])


def any_ended(terms: Sequence[tuple[str, str, datetime]]) -> list[bool]:
    """Whether `ended` has records for each (kind, jurisdiction, before), in one statement."""
    checks = {f"term_{n}": Exists(_ended(*term)) for n, term in enumerate(terms)}
    row = Complaint.objects.order_by().annotate(**checks).values_list(*checks)[:1]
    return [bool(has_ended) for has_ended in next(iter(row), (False,) * len(terms))]


def take(refs: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """Lock those of `refs` that still are closed and not forgotten: (id, subscriber, ended at).

    Inside a transaction. What another run works on is left to it.
    """
    rows = Complaint.objects.filter(id__in=refs, is_open=False).order_by("id")
    rows = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    locked = list(rows.values_list("id", flat=True))
    # A statement of its own: only now it sees what a run before us committed.
    mine = Complaint.objects.filter(~_forgotten(), id__in=locked, is_open=False)
    return list(mine.order_by("id").values_list("id", "subscriber", "state_since"))


def lock(refs: Sequence[str]) -> None:
    """Wait for whoever works on these complaints; others wait until this transaction ends."""
    for part in slices(refs, 500):
        rows = Complaint.objects.filter(id__in=part).order_by("id")
        list(rows.select_for_update().values_list("id", flat=True))


def _ended(kind: str, jurisdiction: str, before: datetime) -> QuerySet[Complaint]:
    return Complaint.objects.filter(
        ~_forgotten(),
        kind=kind,
        jurisdiction=jurisdiction,
        is_open=False,
        received_at__lte=before,
        state_since__lte=before,
    )


def _forgotten() -> Exists:
    return Exists(Event.objects.filter(complaint=OuterRef("pk"), verb="forgotten"))
