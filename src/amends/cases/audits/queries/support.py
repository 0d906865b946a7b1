"""Missed notices in favour of people whose complaint a rule is about to reject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from amends.cases.audits.models import MissedNotice
from amends.engines.decisions.dossier import Support
from amends.platform.kit.periods import to_ms
from amends.platform.registry import SupportRequest
from amends.work.remedies.queries import given_back

_MISSED = (MissedNotice.State.LATE, MissedNotice.State.FAILED, MissedNotice.State.MISSING)


def support(requests: Sequence[SupportRequest], now: datetime) -> dict[str, list[Support]]:
    """Complaint → notices due in its time that the audit found missed and charged for.

    Amounts given back, or about to be, are not owed.
    """
    rows = MissedNotice.objects.filter(
        subscriber__in={support_request.subscriber for support_request in requests},
        state__in=_MISSED,
    )
    missed = list(rows.order_by("due_at_ms", "key").prefetch_related("charges"))
    refunded = given_back(charge.charge for row in missed for charge in row.charges.all())
    supports_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for request in requests:
        since_ms, until_ms = to_ms(request.since), to_ms(request.until)
        for row in missed:
            if row.subscriber != request.subscriber or not since_ms <= row.due_at_ms <= until_ms:
                continue
            charges = list(row.charges.all())
            owed = sum(
                max(0, charge.excess_minor - refunded.get(charge.charge, charge.elsewhere_minor))
                for charge in charges
            )
            if owed:
                supports_by_complaint[request.complaint].append(
                    Support(
                        kind="missed_notice",
                        reference=row.key,
                        at_ms=row.due_at_ms,
                        amount_minor=owed,
                        currency=charges[0].currency,
                    )
                )
    return supports_by_complaint
