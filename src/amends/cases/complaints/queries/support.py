"""Other open complaints in favour of people whose complaint a rule is about to reject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from amends.cases.complaints.models import Complaint, Kind
from amends.engines.decisions.dossier import Support
from amends.platform.kit.periods import to_ms
from amends.platform.registry import SupportRequest

UNDECIDED = (
    "received",
    "acknowledged",
    "investigating",
    "reopened",
    "deadlocked",
    "with_regulator",
)


def open_complaints(
    requests: Sequence[SupportRequest], *, rejected: Collection[str], now: datetime
) -> dict[str, list[Support]]:
    """Complaint → other undecided complaints of the person, received in its time.

    rejected  complaints whose rejection is proposed in the same batch; they are left out
    """
    rows = Complaint.objects.filter(
        person__in={support_request.subscriber for support_request in requests},
        is_open=True,
        history=False,
        kind=Kind.COMPLAINT,
        state__in=UNDECIDED,
        merged_into__isnull=True,
    ).exclude(verdict="not_upheld")
    other_rows = list(rows.order_by("received_at", "id").values_list("id", "person", "received_at"))
    supports_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for request in requests:
        for ref, person, received_at in other_rows:
            if ref == request.complaint or ref in rejected or person != request.subscriber:
                continue
            if received_at >= request.since:
                supports_by_complaint[request.complaint].append(
                    Support(kind="open_complaint", reference=ref, at_ms=to_ms(received_at))
                )
    return supports_by_complaint
