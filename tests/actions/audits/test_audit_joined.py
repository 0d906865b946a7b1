"""What the audit proposes before a complaint is what the desk would decide after one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.actions.propose_refunds import preview
from amends.engines.decisions.dossier import Dossier, dossier
from amends.engines.decisions.evidence import EvidenceCoverage, Matter
from amends.platform.kit.periods import Period
from amends.record.ledger.queries import facts_about
from tests.actions.audits.test_audit import (
    AT,
    HOUR,
    MANAGER,
    NOW,
    all_covered,
    charge,
    document,
    people,
    record,
    usage,
)

__all__ = ["people", "usage"]
KINDS = (
    "ServiceOrdered",
    "ServiceActivated",
    "ServiceChanged",
    "ServiceStopped",
    "ChargeMade",
    "RefundMade",
    "NoticeDue",
    "NoticeSent",
    "NoticeDelivered",
    "NoticeFailed",
)


def desk_dossier(person: str) -> Dossier:
    """What the desk would write about this person's overuse, from the same facts."""
    since = AT - timedelta(days=800)
    covered = EvidenceCoverage("all", frozenset(KINDS), "all", since, NOW)
    matter = Matter(
        code="billing.usage_cap",
        received_at=NOW,
        period=Period(AT - timedelta(days=30), NOW),
        services=(f"svc-{person}",),
        identity_verified=True,
        jurisdiction="cn",
        zone="Asia/Shanghai",
        currency="CNY",
    )
    return dossier(matter, facts_about(person), [covered], on=NOW.date())


@pytest.mark.parametrize("delivered_hours", [None, 0, 30])
def test_the_audit_and_the_dossier_answer_alike(
    people: list[str], usage: Path, delivered_hours: int | None
) -> None:
    """Two thirds of the story: never told, told in time, told after the first charge."""
    person, full = people[0], AT + timedelta(days=2)
    record(
        *all_covered(),
        charge("c-1", person, full + 2 * HOUR, 500),
        charge("c-2", person, full + 40 * HOUR, 300),
    )
    audit(
        start=date(2026, 10, 1),
        end=date(2026, 11, 1),
        actor=MANAGER,
        now=NOW,
        usage=[usage],
        jurisdiction="cn",
    )
    if delivered_hours is not None:
        (key,) = (
            fact.payload["key"]
            for fact in facts_about(person, kinds=["NoticeDue"])
            if fact.payload["duty"] == "cn.allowance_reached"
        )
        at = full + delivered_hours * HOUR
        record(
            document("NoticeSent", person, at, key), document("NoticeDelivered", person, at, key)
        )
    audit(
        start=date(2026, 10, 1),
        end=date(2026, 11, 1),
        actor=MANAGER,
        now=NOW,
        usage=[usage],
        jurisdiction="cn",
    )
    proposed = {
        one.charge: one.amount_minor
        for one in preview(periods=["2026-10-01"], now=NOW).proposals
        if one.subscriber == person
    }
    expected = {None: {"c-1": 500, "c-2": 300}, 0: {}, 30: {"c-1": 500}}[delivered_hours]
    assert proposed == expected
    sheet = desk_dossier(person)
    (row,) = [row for row in sheet.rows if row.question == "limit_notice"]
    assert row.answer == {None: "nothing_found", 0: "yes", 30: "no"}[delivered_hours]
    found = {one.charge: one.excess_minor for one in sheet.grounds if one.ground == "limit_untold"}
    assert found == expected
