"""The verdict on a line on the complaint page, and products at peak hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.utils import translation

from amends.network.quality.actions.judge_lines import judge_lines
from amends.network.quality.jobs.publish_peaks import publish_peaks
from amends.network.quality.models import SpeedTest
from amends.network.quality.queries.products import peak_speeds
from amends.network.quality.queries.verdicts import line_tests, line_verdict
from amends.network.quality.web.desk import panel
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.queries import key_facts
from amends.record.ledger.queries import facts_about

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 23, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


def measured(number: int, **changes: object) -> SpeedTest:
    values = {
        "code": f"AAAA-BBBB-{number:04}",
        "test": f"spd-{number}",
        "server": "pop1",
        "at": EVENING + timedelta(days=number % 3, minutes=6 * number),
        "method": "ndt7",
        "down_kbps": 40_000,
        "up_kbps": 8_000,
        "min_rtt_us": 9_000,
        "promised_down_kbps": 100_000,
        "subscriber": "p-1",
        "conditions": {"wired": True},
    }
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
                "The evidence is strong because",
                "The mean of 12 tests is 40 Mbit/s",
                "not verified",
            ),
        ),
        ("zh-hans", ("违反规则。证据充分：", "12 次测试平均 40 Mbit/s", "未核实")),
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


def _sold_line():
    at = EVENING
    publish_offers(
        [
            NewOffer(
                ref="fibre-100",
                version="1",
                kind="broadband",
                name_zh="百兆",
                name_en="Fibre 100",
                price_minor=7900,
                currency="CNY",
                valid_from=at - timedelta(days=90),
                speed_down_kbps=100_000,
                speed_min_kbps=80_000,
            )
        ]
    )
    person = register(NewSubscriber(name="A", phone="13900001234"), now=at - timedelta(days=60))
    open_services(
        [
            NewService(
                ref="svc-1",
                subscriber=person,
                kind="broadband",
                offer="fibre-100",
                started_at=at - timedelta(days=60),
            )
        ]
    )
    for number in range(40):
        moment = at + timedelta(days=number % 4, minutes=2 * number)
        measured(number, at=moment, subscriber=person, service="svc-1", down_kbps=60_000 + number)


def test_measured_peaks_feed_the_key_facts_of_the_offer():
    _sold_line()
    now = EVENING + timedelta(days=5)
    assert publish_peaks(now=now) == 1
    facts = key_facts("fibre-100", now)
    assert (facts.down_median_peak_mbps, facts.measured_tests) == (pytest.approx(60.02), 40)


def test_a_line_is_judged_by_its_offer_and_the_verdict_is_stated_once():
    _sold_line()
    SpeedTest.objects.filter(code="AAAA-BBBB-0000").update(complaint="c-9")
    person = SpeedTest.objects.get(complaint="c-9").subscriber
    now = EVENING + timedelta(days=5)
    with transaction.atomic():
        judge_lines({"c-9": person}, now)
        judge_lines({"c-9": person}, now)
    [fact] = facts_about(person, kinds={"SpeedJudged"})
    assert (fact.subject, fact.payload["verdict"]) == ("svc-1", "breach_strong")
    assert fact.payload["slow_days"] == "2026-11-23,2026-11-24,2026-11-25,2026-11-26"
