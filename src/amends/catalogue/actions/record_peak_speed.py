"""Record the median speed that users of an offer measured at peak time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amends.catalogue.models import PeakSpeed
from amends.catalogue.rules.peak_speed import median_with_interval


def record_peak_speed(
    offer: str, measured_kbps: Sequence[int], *, since: datetime, now: datetime
) -> None:
    """Store the median of some tests with its interval; the offer must be registered."""
    median, low, high = median_with_interval(measured_kbps)
    PeakSpeed.objects.create(
        offer_id=offer, median_kbps=median, low_kbps=low, high_kbps=high,
        tests=len(measured_kbps), since=since, calculated_at=now,
    )  # fmt: skip
