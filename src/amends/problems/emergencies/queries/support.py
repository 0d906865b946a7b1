"""Credits of declared incidents in favour of people whose complaint a rule is about to reject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from amends.engines.decisions.dossier import Support
from amends.platform.kit.periods import to_ms
from amends.platform.registry import SupportRequest
from amends.problems.emergencies.models import Affected
from amends.work.remedies.queries import causes_under_way


def support(requests: Sequence[SupportRequest], now: datetime) -> dict[str, list[Support]]:
    """Complaint → credits proposed to the person for a declared incident and not booked yet."""
    rows = Affected.objects.filter(
        subscriber__in={credit_request.subscriber for credit_request in requests},
        amount_minor__gt=0,
    )
    credited = list(rows.order_by("found_at", "id"))
    waiting = causes_under_way(credit_cause(row.id) for row in credited) if credited else set()
    support_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for request in requests:
        for row in credited:
            if row.subscriber == request.subscriber and credit_cause(row.id) in waiting:
                support_by_complaint[request.complaint].append(
                    Support(
                        kind="incident_credit",
                        reference=row.id,
                        at_ms=to_ms(row.found_at),
                        amount_minor=row.amount_minor,
                        currency=row.currency,
                    )
                )
    return support_by_complaint


def credit_cause(affected: str) -> str:
    """The cause of the remedy for an affected person."""
    return f"affected:{affected}"
