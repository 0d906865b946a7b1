"""State the verdict on the lines of complaints with speed tests (`SpeedJudged`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from statistics import median

from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.queries.verdicts import (
    Line,
    line_of,
    line_tests,
    line_verdict,
    measured,
    zone,
)
from amends.network.quality.rules.speed_tests import sort_tests
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import known_ids


def judge_lines(complaints: Mapping[str, str], now: datetime) -> None:
    """One fact a line and set of tests; `complaints` maps each to its subscriber.

    Tests attached to a complaint are from now on the subscriber's. Whoever has no line with a
    promised speed, or several, is left to a person.
    """
    attached = SpeedTest.objects.filter(complaint__in=complaints).order_by()
    for complaint in sorted(set(attached.values_list("complaint", flat=True))):
        subscriber = complaints[complaint]
        own = SpeedTest.objects.filter(complaint=complaint)
        line = line_of(subscriber, now)
        own.update(subscriber=subscriber, service=line.service.ref if line else "")
        Campaign.objects.filter(tests__in=own).update(subscriber=subscriber)
        if line:
            _state(line, line_tests(complaint), now)


def _state(line: Line, tests: list[SpeedTest], now: datetime) -> None:
    rules_and_verdict = line_verdict(tests, now)
    if rules_and_verdict is None:
        return
    rules, verdict = rules_and_verdict
    counted = sort_tests(map(measured, tests), line.plan).counted
    slow = {
        test.day(zone(rules)).isoformat()
        for test in counted
        if line.floor_mbps and (test.down_mbps or 0) < line.floor_mbps
    }
    payload: dict[str, str | int] = {
        "rule": rules.version,
        "verdict": verdict.verdict,
        "tests": verdict.tests,
        "counted": verdict.counted,
        "promised_down_kbps": round((line.plan.down_max_mbps or 0) * 1000),
        "verified": str(rules.verified).lower(),
        "slow_days": ",".join(sorted(slow)),
    }
    if counted:
        payload["down_kbps"] = round(median(test.down_mbps or 0 for test in counted) * 1000)
    tested = ",".join(sorted(test.code for test in tests))
    statement = f"{line.service.ref} {verdict.verdict} {rules.version} {tested}"
    fact = hashlib.sha256(statement.encode()).hexdigest()[:32]
    if known_ids([fact]):
        return
    newest = max(test.at for test in tests)
    subject = line.service
    append(
        [
            Fact(
                kind="SpeedJudged",
                subscriber=subject.subscriber,
                subject=subject.ref,
                happened_at=newest,
                source="quality",
                payload=payload,
                id=fact,
            )
        ],
        now=now,
    )
