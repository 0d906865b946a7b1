"""What offers deliver at peak hours, by area: the operator's own tests and those of users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.network.quality.models import SpeedTest
from amends.network.quality.queries.verdicts import measured
from amends.network.quality.rules.peaks import Peak, peak_medians
from amends.network.quality.rules.speed_tests import SpeedTest as Measured
from amends.people.subscribers.queries import services_of_many
from amends.platform.kit.packs import zone_of
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries import columns_of

LATELY = timedelta(days=30)
Product = tuple[str, str, float]
"""Offer, area, promised speed in Mbit/s; offer and area are "" where nobody knows the line."""


def peak_speeds(now: datetime, *, by_area: bool = True) -> list[tuple[Product, Peak]]:
    """The median of the last 30 days' peak hours by offer (and area), fastest offer first."""
    tests = [
        ((offer, area if by_area else "", promised), test)
        for offer, area, promised, test in [*_own(now), *_of_users(now)]
    ]
    medians = peak_medians(tests, ZoneInfo(zone_of(settings.JURISDICTION)))
    return sorted(medians.items(), key=lambda item: (-item[0][2], item[0]))


def _own(now: datetime) -> Iterator[tuple[str, str, float, Measured]]:
    """Tests that a feed of the operator states: of lines by cable, at the gateway."""
    wanted = ("subscriber", "subject", "area", "down_kbps", "promised_down_kbps", "method")
    table = columns_of("SpeedMeasured", start=now - LATELY, end=now, fields=wanted)
    rows = [
        row
        for row in table.to_pylist()
        if row["subscriber"] and row["promised_down_kbps"] and not row["method"].startswith("ndt7")
    ]
    people = services_of_many({row["subscriber"] for row in rows})
    offers = {
        own_line.ref: own_line.offer for own_lines in people.values() for own_line in own_lines
    }
    for row in rows:
        at = from_ms(row["happened_at_ms"])
        test = Measured(at, row["down_kbps"] / 1000, None, wired=True)
        promised = row["promised_down_kbps"] / 1000
        yield offers.get(row["subject"], ""), row["area"] or "", promised, test


def _of_users(now: datetime) -> Iterator[tuple[str, str, float, Measured]]:
    rows = SpeedTest.objects.filter(at__gte=now - LATELY).exclude(promised_down_kbps=None)
    people = services_of_many({row.subscriber for row in rows if row.subscriber})
    lines = {own_line.ref: own_line for own_lines in people.values() for own_line in own_lines}
    for row in rows:
        line = lines.get(row.service)
        promised = (row.promised_down_kbps or 0) / 1000
        offer, area = (line.offer, line.area) if line else ("", row.area)
        yield offer, area, promised, measured(row)
