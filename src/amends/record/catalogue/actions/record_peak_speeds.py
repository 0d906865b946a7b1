"""Record what offers deliver at peak time, as measured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.record.catalogue.models import Offer, PeakSpeed


def record_peak_speeds(
    speeds: Iterable[tuple[str, int, int, int, int]], *, since: datetime, now: datetime
) -> int:
    """Keep the medians of one calculation; how many were kept. Unknown offers are left out.

    speeds  offer, median, low and high in kbit/s, tests
    """
    rows = {offer: figures for offer, *figures in speeds}
    with transaction.atomic():
        offer_refs = Offer.objects.filter(pk__in=rows).values_list("pk", flat=True)
        speed_rows = [
            PeakSpeed(
                offer_id=offer,
                median_kbps=median,
                low_kbps=low,
                high_kbps=high,
                tests=tests,
                since=since,
                calculated_at=now,
            )
            for offer in offer_refs
            for median, low, high, tests in [rows[offer]]
        ]
        PeakSpeed.objects.bulk_create(speed_rows)
    return len(speed_rows)
