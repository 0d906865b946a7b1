"""The verdict on a line on the complaint page, and products at peak hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.utils import translation

from amends.quality.models import SpeedTest
from amends.quality.products import peak_speeds
from amends.quality.verdicts import line_tests, line_verdict
from amends.quality.web.desk import panel

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 23, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


def measured(number: int, **changes: object) -> SpeedTest:
    values = {
        "code": f"AAAA-BBBB-{number:04}", "test": f"spd-{number}", "server": "pop1",
        "at": EVENING + timedelta(days=number % 3, minutes=6 * number), "method": "ndt7",
        "down_kbps": 40_000, "up_kbps": 8_000, "min_rtt_us": 9_000,
        "promised_down_kbps": 100_000, "subscriber": "p-1", "conditions": {"wired": True},
    }  # fmt: skip
    return SpeedTest.objects.create(**values | changes)


@pytest.fixture
def _slow_line():
    measured(0, complaint="c-1")
    for number in range(1, 12):
        measured(number)
    measured(20, invalid_because=["not_wired"], down_kbps=1_000, conditions={"wired": False})
    measured(21, subscriber="p-2", down_kbps=99_000)


@pytest.mark.usefixtures("_slow_line")
def test_all_tests_of_the_line_are_judged_under_the_rule_of_the_jurisdiction():
    tests = line_tests("c-1")
    rules, verdict = line_verdict(tests, EVENING + timedelta(days=3))
    assert (rules.version, rules.verified) == ("cn@2013-09-01", False)
    assert (verdict.tests, verdict.counted, verdict.marked) == (13, 12, {"not_wired": 1})
    assert verdict.verdict == "breach_strong"
    assert line_tests("") == line_tests("c-2") == []
    assert line_verdict([], EVENING) is None


@pytest.mark.usefixtures("_slow_line")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "The contract is broken, and the evidence is strong.",
                "The mean of 12 tests is 40 Mbit/s",
                "not verified",
            ),
        ),
        ("zh-hans", ("违反合同，证据充分。", "12 次测试平均 40 Mbit/s", "未核实")),
    ],
)
def test_the_complaint_page_says_the_verdict(language, words):
    with translation.override(language):
        shown = panel(RequestFactory().get("/"), "c-1")
        assert panel(RequestFactory().get("/"), "c-2") == ""
    for word in words:
        assert word in shown


@pytest.mark.usefixtures("_slow_line")
def test_products_show_the_median_of_their_peak_hours():
    [(product, peak)] = peak_speeds(EVENING + timedelta(days=3))
    assert (product, peak.tests, peak.median_mbps) == (("", "", 100), 13, 40)
