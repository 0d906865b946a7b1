"""What a case may read: the person's facts, the offers bought, the area lived in, and the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from access_desk import NOW, SYSTEM, Desk
from amends.people.access.actions.evidence import Evidence, evidence, evidence_many
from amends.people.access.actions.open_case import NewCase, open_case, open_cases
from amends.people.access.actions.share_case import share_case
from amends.people.access.queries import looks_at
from amends.people.access.refusals import UnableToAccess
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.platform.kit.periods import to_ms
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
DAY = timedelta(days=1)


def _append(*facts: Fact) -> None:
    with transaction.atomic():
        append(facts, now=NOW)


def _charge(subscriber: str, at: datetime, charge: str) -> Fact:
    return Fact(
        "ChargeMade",
        subscriber,
        "svc-1",
        at,
        "billing",
        {
            "charge": charge,
            "charge_kind": "monthly_fee",
            "offer": "plan-1",
            "amount_minor": 3900,
            "currency": "CNY",
        },
    )


def _activated(subscriber: str, at: datetime) -> Fact:
    payload = {"offer": "plan-1", "initiator": "subscriber"}
    return Fact("ServiceActivated", subscriber, "svc-1", at, "crm", payload)


def _offer(at: datetime) -> Fact:
    payload = {"offer": "plan-1", "offer_version": "1", "price_minor": 3900, "currency": "CNY"}
    return Fact("OfferPublished", "", "plan-1", at, "publicity", payload)


def _degraded(area: str, at: datetime) -> Fact:
    payload = {
        "area": area,
        "technology": "ftth",
        "from_ms": to_ms(at),
        "to_ms": to_ms(at + DAY),
        "severity": "high",
    }
    return Fact("QualityDegraded", "", area, at, "quality", payload)


def _covered(kind: str, scope: str, first: datetime, last: datetime, complete: int = 1) -> Fact:
    payload = {
        "kinds": kind,
        "scope": scope,
        "from_ms": to_ms(first),
        "to_ms": to_ms(last),
        "complete": complete,
    }
    return Fact("SourceCovered", "", "billing", NOW - DAY, "billing", payload)


def _kinds(found: Evidence) -> list[str]:
    return [fact.kind for fact in found.facts]


def _case(desk: Desk, start: datetime | None = NOW - 30 * DAY) -> str:
    return open_case(
        SYSTEM,
        subscriber=desk.subscriber,
        purpose="complaint",
        reference="c-1",
        start=start,
        end=NOW,
        now=NOW,
    )


def test_charges_of_the_period_agreements_from_their_beginning(desk: Desk) -> None:
    _append(
        _offer(NOW - 400 * DAY),
        _activated(desk.subscriber, NOW - 300 * DAY),
        _charge(desk.subscriber, NOW - 60 * DAY, "too-early"),
        _charge(desk.subscriber, NOW - 10 * DAY, "inside"),
        _charge(desk.subscriber, NOW, "at the end, so outside"),
        _charge(desk.other, NOW - 10 * DAY, "somebody else's"),
    )
    found = evidence(desk.alice, _case(desk), now=NOW)
    assert _kinds(found) == ["OfferPublished", "ServiceActivated", "ChargeMade"]
    assert found.facts[-1].payload["charge"] == "inside"
    assert found.subscriber == desk.subscriber


def test_a_narrower_period_narrows_and_a_wider_one_does_not_widen(desk: Desk) -> None:
    _append(*(_charge(desk.subscriber, NOW - days * DAY, f"c{days}") for days in (5, 20, 40)))
    case = _case(desk)
    narrow = evidence(desk.alice, case, start=NOW - 10 * DAY, now=NOW)
    wide = evidence(desk.alice, case, start=NOW - 90 * DAY, end=NOW + DAY, now=NOW)
    assert [fact.payload["charge"] for fact in narrow.facts] == ["c5"]
    assert [fact.payload["charge"] for fact in wide.facts] == ["c20", "c5"]
    assert wide.period.start == NOW - 30 * DAY
    unbound = evidence(desk.alice, _case(desk, start=None), now=NOW)
    assert len(unbound.facts) == 3


def test_faults_of_the_area_and_of_what_it_is_part_of(desk: Desk) -> None:
    define_areas(
        [
            AreaView("cn", "国", "Country", "", "", 0),
            AreaView("bj", "京", "Capital", "cn", "11", 0),
            AreaView("hn", "豫", "Henan", "cn", "41", 0),
            AreaView("hn-zz", "郑", "Zhengzhou", "hn", "41", 0),
        ]
    )
    open_services([NewService(desk.subscriber, "broadband", NOW - 99 * DAY, area="hn-zz")])
    _append(*(_degraded(area, NOW - 40 * DAY) for area in ("cn", "bj", "hn", "hn-zz", "xx")))
    found = evidence(desk.alice, _case(desk), now=NOW)
    assert sorted(fact.subject for fact in found.facts) == ["bj", "cn", "hn", "hn-zz"]
    assert "area:hn-zz" in found.scopes
    assert "brand:plum" in found.scopes


def test_absence_is_evidence_only_where_the_source_is_covered(desk: Desk) -> None:
    _append(
        _activated(desk.subscriber, NOW - 100 * DAY),
        _covered("ChargeMade", "all", NOW - 400 * DAY, NOW),
        _covered("ConfirmationGiven", "brand:plum", NOW - 400 * DAY, NOW),
        _covered("NoticeSent", "brand:pear", NOW - 400 * DAY, NOW),
        _covered("RefundMade", "all", NOW - 400 * DAY, NOW),
    )
    _append(_covered("RefundMade", "area:bj", NOW - 5 * DAY, NOW - 3 * DAY, complete=0))
    found = evidence(desk.alice, _case(desk), now=NOW)
    by_kind = {one.kind: one for one in found.coverage}
    assert by_kind["ChargeMade"].complete
    assert by_kind["ChargeMade"].start_ms == to_ms(NOW - 100 * DAY), "reaches the activation"
    assert by_kind["ConfirmationGiven"].complete
    assert not by_kind["NoticeSent"].complete, "another brand's feed proves nothing here"
    assert by_kind["RefundMade"].gaps == ((to_ms(NOW - 5 * DAY), to_ms(NOW - 3 * DAY)),)


def test_an_agent_reads_orders_only(desk: Desk) -> None:
    _append(_activated(desk.subscriber, NOW - DAY), _charge(desk.subscriber, NOW - DAY, "c"))
    case = _case(desk)
    share_case(SYSTEM, case, partner="par-a", now=NOW)
    found = evidence(desk.agent_a, case, kinds=["ServiceActivated"], now=NOW)
    assert _kinds(found) == ["ServiceActivated"]
    with pytest.raises(UnableToAccess) as refused:
        evidence(desk.agent_a, case, kinds=["ChargeMade"], now=NOW)
    assert refused.value.reason == "field_not_allowed"
    with pytest.raises(UnableToAccess):
        evidence(desk.agent_b, case, kinds=["ServiceActivated"], now=NOW)
    assert [look.fields for look in looks_at(desk.subscriber)] == [("ServiceActivated",)]
    assert looks_at(desk.subscriber)[0].partner == "par-a"


def test_many_cases_each_get_their_own_and_leave_their_own_fact(desk: Desk) -> None:
    _append(
        _charge(desk.subscriber, NOW - 2 * DAY, "mine"),
        _charge(desk.subscriber, NOW - 20 * DAY, "mine, earlier"),
        _charge(desk.other, NOW - 2 * DAY, "theirs"),
    )
    cases = open_cases(
        SYSTEM,
        [
            NewCase(desk.subscriber, "complaint", "c-1", start=NOW - 5 * DAY, end=NOW),
            NewCase(desk.subscriber, "complaint", "c-2", start=NOW - 30 * DAY, end=NOW),
            NewCase(desk.other, "complaint", "c-3"),
        ],
        now=NOW,
    )
    found = evidence_many(SYSTEM, cases, now=NOW)
    assert [_charges(found[case].facts) for case in cases] == [
        ["mine"],
        ["mine, earlier", "mine"],
        ["theirs"],
    ]
    assert {look.case for look in looks_at(desk.subscriber)} == set(cases[:2])
    assert [look.case for look in looks_at(desk.other)] == [cases[2]]
    assert evidence_many(SYSTEM, [], now=NOW) == {}


def _charges(facts: Sequence[object]) -> list[str]:
    return [fact.payload["charge"] for fact in facts]  # type: ignore[attr-defined]
