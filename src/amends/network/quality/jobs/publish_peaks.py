"""Hand the measured peak speeds of offers to the catalogue: key facts and adverts name them."""

from __future__ import annotations

from datetime import datetime

from amends.network.quality.queries.products import LATELY, peak_speeds
from amends.record.catalogue.actions.record_peak_speeds import record_peak_speeds


def publish_peaks(*, now: datetime) -> int:
    """The medians of the last 30 days that have an interval; how many offers they speak of."""
    busy_speeds = [
        (offer, round(peak.median_mbps * 1000), round(low * 1000), round(high * 1000), peak.tests)
        for (offer, _area, _promised), peak in peak_speeds(now, by_area=False)
        if offer and (low := peak.low_mbps) is not None and (high := peak.high_mbps) is not None
    ]
    return record_peak_speeds(busy_speeds, since=now - LATELY, now=now)
