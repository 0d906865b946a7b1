"""The verdict on the tests of a line, and what products deliver at peak hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from amends.environment.settings_values import own_pack
from amends.kit.packs import RuleFile, day_in, rules_in_force, zone_of
from amends.quality.models import SpeedTest
from amends.quality.rules import speed_tests
from amends.quality.rules.peaks import Peak, peak_medians
from amends.quality.rules.verdict import Verdict, judge


def line_tests(complaint: str) -> list[SpeedTest]:
    """The tests of the complaint and, where its subscriber is known, of that subscriber."""
    attached = list(SpeedTest.objects.filter(complaint=complaint)) if complaint else []
    persons = {test.subscriber for test in attached if test.subscriber}
    others = SpeedTest.objects.filter(subscriber__in=persons).exclude(complaint=complaint)
    return attached + list(others) if persons else attached


def line_verdict(tests: list[SpeedTest], now: datetime) -> tuple[RuleFile, Verdict] | None:
    """The rule of the jurisdiction and its verdict; None without a rule, test or promised speed."""
    pack = own_pack()
    rules = rules_in_force(pack, "quality", "speed", day_in(pack, now))
    newest = max(
        (test for test in tests if test.promised_down_kbps), default=None, key=lambda test: test.at
    )
    if not rules or newest is None:
        return None
    promised = (newest.promised_down_kbps or 0) / 1000
    case = speed_tests.Case(
        speed_tests.Plan(down_max_mbps=promised, advertised_down_mbps=promised),
        tuple(map(_measured, tests)),
        zone=ZoneInfo(zone_of(pack)),
    )
    return rules[0], judge(rules[0], case, now=now)


def peak_speeds(tests: Iterable[SpeedTest]) -> list[tuple[float, Peak]]:
    """Promised speed in Mbit/s, and the median measured at peak hours, fastest product first."""
    promised = [
        (test.promised_down_kbps / 1000, _measured(test))
        for test in tests
        if test.promised_down_kbps
    ]
    return sorted(peak_medians(promised, ZoneInfo(zone_of(own_pack()))).items(), reverse=True)


def _measured(test: SpeedTest) -> speed_tests.SpeedTest:
    return speed_tests.SpeedTest(
        test.at,
        test.down_mbps,
        test.up_mbps,
        wired="not_wired" not in test.invalid_because,
        valid=not set(test.invalid_because) - {"not_wired"},
    )
