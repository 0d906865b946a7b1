"""The verdict on the tests of a line, and its words for pages and the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.rules.progress import Progress, progress
from amends.network.quality.rules.speed_tests import Plan, SpeedCase, sort_tests
from amends.network.quality.rules.speed_tests import SpeedTest as Measured
from amends.network.quality.rules.verdict import Verdict, judge
from amends.people.subscribers.queries import ServiceView, services_of
from amends.platform.kit.packs import RuleFile, day_in, load_version, rules_in_force, zone_of
from amends.record.catalogue.queries import offer

# The verdict on the tests of a line, and what products deliver at peak hours.


@dataclass(frozen=True, slots=True)
class Line:
    """A running line of a subscriber and what its offer promises."""

    service: ServiceView
    plan: Plan
    floor_mbps: float | None


def line_of(subscriber: str, now: datetime) -> Line | None:
    """The subscriber's one line with a promised speed; None where there is none, or several."""
    lines = []
    for service in services_of(subscriber) if subscriber else ():
        terms = offer(service.offer, now) if service.stopped_at is None else None
        if terms and terms.speed_down_kbps:
            down, up, down_min = (
                None if kbps is None else kbps / 1000
                for kbps in (terms.speed_down_kbps, terms.speed_up_kbps, terms.speed_min_kbps)
            )
            plan = Plan(down, down_min_mbps=down_min, up_max_mbps=up, advertised_down_mbps=down)
            lines.append(Line(service, plan, down_min))
    return lines[0] if len(lines) == 1 else None


def line_tests(complaint: str) -> list[SpeedTest]:
    """The tests of the complaint and, where its subscriber is known, of that subscriber."""
    attached = list(SpeedTest.objects.filter(complaint=complaint)) if complaint else []
    persons = {test.subscriber for test in attached if test.subscriber}
    personal_tests = SpeedTest.objects.filter(subscriber__in=persons).exclude(complaint=complaint)
    return attached + list(personal_tests) if persons else attached


def line_verdict(tests: list[SpeedTest], now: datetime) -> tuple[RuleFile, Verdict] | None:
    """The rule and its verdict; None without a rule, test or promised speed.

    A campaign brings its rule and contract; else the contract on record holds, else the speed the
    user named, under the rule of the jurisdiction.
    """
    newest = max(tests, default=None, key=lambda test: test.at)
    if newest is None:
        return None
    campaign = next((test.campaign for test in tests if test.campaign), None)
    if campaign is not None:
        return campaign_verdict(campaign, tests, now)
    rules = rule_in_force(now)
    line = line_of(newest.subscriber, now)
    promised = max((t.promised_down_kbps or 0, t.at) for t in tests)[0] / 1000 or None
    if rules is None or not (line or promised):
        return None
    plan = line.plan if line else Plan(down_max_mbps=promised, advertised_down_mbps=promised)
    return rules, judge(rules, _case(plan, tests), now=now)


def campaign_verdict(
    campaign: Campaign, tests: list[SpeedTest], now: datetime
) -> tuple[RuleFile, Verdict]:
    """The verdict of the campaign's rule on its contract and these tests."""
    rules = rule(campaign.rule)
    return rules, judge(rules, _case(Plan(**campaign.plan), tests), now=now)


def campaign_progress(campaign: Campaign, now: datetime) -> Progress:
    """How far the campaign is, by the tests that count."""
    rules = rule(campaign.rule)
    counted = sort_tests(map(measured, campaign.tests.all()), Plan(**campaign.plan)).counted
    return progress(rules.data["evidence"], counted, zone(rules), now)


@cache
def rule(version: str) -> RuleFile:
    """The speed rule of that version."""
    name, _at, day = version.partition("@")
    return load_version("amends.network.quality", name, date.fromisoformat(day))


def rule_in_force(now: datetime) -> RuleFile | None:
    """The speed rule of the jurisdiction."""
    pack = settings.JURISDICTION
    return next(iter(rules_in_force(pack, "quality", "speed", day_in(pack, now))), None)


def rules_to_choose(now: datetime) -> list[RuleFile]:
    """The rule of the jurisdiction, and the national ones that a user may choose instead."""
    own = rule_in_force(now)
    return [own, *map(rule, own.data.get("national", {}).get("rules", ()))] if own else []


def zone(rules: RuleFile) -> ZoneInfo:
    """Whose days and hours a rule counts."""
    return ZoneInfo(rules.data["evidence"]["zone"] or zone_of(settings.JURISDICTION))


def measured(test: SpeedTest) -> Measured:
    """The test as rules see it."""
    wired = test.conditions.get("wired")
    return Measured(
        test.at,
        test.down_mbps,
        test.up_mbps,
        wired=wired if isinstance(wired, bool) else None,
        valid=not set(test.invalid_because) - {"not_wired"},
    )


def _case(plan: Plan, tests: list[SpeedTest]) -> SpeedCase:
    return SpeedCase(
        plan, tuple(map(measured, tests)), zone=ZoneInfo(zone_of(settings.JURISDICTION))
    )
