"""Medians of peak hours by product."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.network.quality.rules.peaks import peak_medians
from amends.network.quality.rules.speed_tests import SpeedTest

pytestmark = pytest.mark.no_database


def test_only_valid_tests_of_the_evening_make_the_median():
    shanghai = ZoneInfo("Asia/Shanghai")

    def test(hour, mbps, **more):
        return "100M", SpeedTest(
            datetime(2026, 3, 2, hour, tzinfo=UTC), mbps, None, wired=True, **more
        )

    evening, noon = 12, 4
    tests = [test(evening, mbps) for mbps in (50, 60, 70, 80, 90, 100)]
    tests += [test(noon, 1.0), test(evening, 1.0, valid=False)]
    found = peak_medians(tests, shanghai)["100M"]
    assert (found.tests, found.median_mbps, found.low_mbps, found.high_mbps) == (6, 75, 50, 100)
    assert peak_medians(tests[:5], shanghai)["100M"].low_mbps is None
