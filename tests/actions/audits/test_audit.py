"""Audits on a small operator: what was owed is known even when no engine ran."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import transaction

from amends.cases.audits.actions.audit import NotForThisRole, UnableToAudit, audit
from amends.cases.audits.actions.audit_inputs import MB_BYTES, UnableToReadAuditedUsage
from amends.cases.audits.actions.propose_refunds import (
    UnableToProposeRefunds,
    preview,
    propose_refunds,
)
from amends.cases.audits.models import (
    AuditRun,
    ChargeWithoutNotice,
    DutyCount,
    DutyPart,
    MissedNotice,
)
from amends.cases.audits.queries import coverage_by
from amends.causes.notices.models import Notice
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.models import Service
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import coverage, facts_about
from amends.work.remedies.models import ChargeBalance, Remedy

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
START, END = date(2026, 10, 1), date(2026, 11, 1)
AT = datetime(2026, 10, 10, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANAGER = Actor("user", "usr-m", ("manager",))
HANDLER = Actor("user", "usr-h", ("handler",))
OCTOBER = "2026-10-01"


def covered(source: str, kinds: str, start: datetime, end: datetime, complete: int = 1) -> Fact:
    return Fact(
        "SourceCovered",
        "",
        source,
        NOW - HOUR,
        source,
        {
            "kinds": kinds,
            "scope": "all",
            "from_ms": to_ms(start),
            "to_ms": to_ms(end),
            "complete": complete,
        },
    )


def all_covered(end: datetime = NOW) -> list[Fact]:
    since = AT - timedelta(days=900)
    return [
        covered("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped", since, end),
        covered("billing", "ChargeMade,RefundMade", since, end),
        covered("notices", "NoticeSent,NoticeDelivered,NoticeFailed", since, end),
    ]


def charge(ref: str, person: str, at: datetime, amount: int, kind: str = "overage") -> Fact:
    return Fact(
        "ChargeMade",
        person,
        f"svc-{person}",
        at,
        "billing",
        {
            "charge": ref,
            "charge_kind": kind,
            "offer": "plan",
            "amount_minor": amount,
            "currency": "CNY",
        },
    )


def document(kind: str, person: str, at: datetime, key: str, **more: Any) -> Fact:
    return Fact(
        kind,
        person,
        f"svc-{person}",
        at,
        "notices",
        {"duty": "cn.allowance_reached", "key": key, "channel": "sms"} | more,
    )


def record(*facts: Fact) -> None:
    with transaction.atomic():
        append(facts, now=NOW - HOUR)


def run(usage: list[Path] | None = None, now: datetime = NOW, actor: Actor = MANAGER) -> Any:
    return audit(start=START, end=END, actor=actor, now=now, usage=usage or [], jurisdiction="cn")


@pytest.fixture
def people(db: None) -> list[str]:
    return [
        register(NewSubscriber(name="林小满", brand="plum"), now=AT - timedelta(days=400))
        for _ in range(5)
    ]


@pytest.fixture
def usage(people: list[str], tmp_path: Path) -> Path:
    """Each person uses 60, then 30, then 20 of 100 MB; the last record of the second is doubled."""
    rows = [
        {
            "record": f"{person}-{number}",
            "service": f"svc-{person}",
            "subscriber": person,
            "counter": "data",
            "amount": amount * MB_BYTES,
            "limit": 100 * MB_BYTES,
            "at_ms": to_ms(AT + timedelta(days=number)),
        }
        for person in people[:2]
        for number, amount in enumerate((60, 30, 20))
    ]
    path = tmp_path / "usage.parquet"
    pl.DataFrame([*rows, rows[-1]]).write_parquet(path)
    return path


def counts() -> dict[str, tuple[int, int, int, int, int]]:
    rows = DutyCount.objects.filter(period=OCTOBER)
    return {row.duty: (row.in_time, row.late, row.failed, row.missing, row.unknown) for row in rows}


def test_parts_of_a_duty_add_up_to_it_and_are_written_anew(people: list[str], usage: Path) -> None:
    """By area, the service's own or else the person's, and by product; "" where none is known."""
    register_service(people[0], area="area-5301", offer="plan-9")
    record(*all_covered())
    for _ in range(2):
        run([usage])
        for dimension, units in (
            ("area", {"area-5301": 1, "": 1}),
            ("product", {"plan-9": 1, "": 1}),
        ):
            rows = DutyPart.objects.filter(dimension=dimension, duty="cn.allowance_near")
            assert {row.unit: row.missing for row in rows} == units
            assert {row.period for row in rows} == {OCTOBER}
    assert coverage_by("product", [OCTOBER])["cn.allowance_near"]["plan-9"].owed == 1
    by_brand = coverage_by("brand", [OCTOBER])["cn.allowance_near"]
    assert sum(one.owed for one in by_brand.values()) == 2
    assert coverage_by("area", [OCTOBER], brand="red") == {}


def register_service(person: str, *, area: str, offer: str) -> None:
    Service.objects.create(
        ref=f"svc-{person}",
        subscriber_id=person,
        kind="mobile_plan",
        offer=offer,
        area=area,
        started_at=AT - timedelta(days=90),
    )


def test_a_switched_off_engine_does_not_hide_what_was_owed(people: list[str], usage: Path) -> None:
    record(*all_covered())
    assert Notice.objects.count() == 0, "no engine has run"
    report = run([usage])
    assert (report.owed, report.stated) == (4, 4)
    assert counts() == {
        "cn.allowance_near": (0, 0, 0, 2, 0),
        "cn.allowance_reached": (0, 0, 0, 2, 0),
    }
    facts = facts_about(people[0], kinds=["NoticeDue"])
    assert [(fact.payload["duty"], fact.source) for fact in facts] == [
        ("cn.allowance_near", "auditor"),
        ("cn.allowance_reached", "auditor"),
    ]
    assert [fact.payload["due_at_ms"] for fact in facts] == [
        to_ms(AT + timedelta(days=1)),
        to_ms(AT + timedelta(days=2)),
    ]
    (answer,) = coverage(["NoticeDue"], start=AT, end=AT + timedelta(days=20))
    assert answer.complete, "nobody else was owed anything, and that is evidence"


def test_what_is_owed_is_stated_once(people: list[str], usage: Path) -> None:
    record(*all_covered())
    run([usage])
    again = run([usage])
    assert (again.owed, again.stated) == (4, 0)
    third = run()
    assert (third.owed, third.stated) == (4, 0)
    assert len(facts_about(people[0], kinds=["NoticeDue"])) == 2
    assert AuditRun.objects.count() == 3
    assert MissedNotice.objects.count() == 4


def test_every_outcome_is_told_apart(people: list[str]) -> None:
    in_time, late, failed, missing, silent = people
    record(
        *all_covered(),
        *(charge(f"c-{person}", person, AT, 500) for person in people),
        document("NoticeSent", in_time, AT - HOUR / 2, "theirs-1"),
        document("NoticeDelivered", in_time, AT + HOUR / 2, "theirs-1"),
        document("NoticeSent", late, AT + 5 * HOUR, "theirs-2"),
        document("NoticeDelivered", late, AT + 6 * HOUR, "theirs-2"),
        document("NoticeSent", failed, AT, "theirs-3"),
        document("NoticeFailed", failed, AT + HOUR, "theirs-3", cause="switched_off"),
        document("NoticeSent", silent, AT, "theirs-4"),
    )
    run()
    assert counts()["cn.allowance_reached"] == (1, 1, 2, 1, 0)
    by_channel = coverage_by("channel", [OCTOBER])["cn.allowance_reached"]
    sms, never_sent = by_channel["sms"], by_channel[""]
    assert (sms.in_time, sms.late, sms.failed, sms.missing) == (1, 1, 2, 0)
    assert (never_sent.missing, never_sent.due) == (1, 1)
    assert (
        MissedNotice.objects.get(subscriber=missing, duty="cn.allowance_reached").state == "missing"
    )
    assert (
        MissedNotice.objects.get(subscriber=silent, duty="cn.allowance_reached").state == "failed"
    )


def test_an_uncovered_feed_leaves_it_unknown_and_asks_no_money(people: list[str]) -> None:
    gap = covered("notices", "NoticeSent,NoticeDelivered", AT - HOUR, AT + HOUR, complete=0)
    record(*all_covered(), gap, charge("c-1", people[0], AT, 500))
    run()
    assert counts()["cn.allowance_reached"] == (0, 0, 0, 0, 1)
    assert ChargeWithoutNotice.objects.count() == 0


def test_receipts_are_waited_for(people: list[str]) -> None:
    now = AT + 3 * HOUR
    record(
        *all_covered(),
        charge("c-1", people[0], AT, 500),
        document("NoticeSent", people[0], AT, "k"),
    )
    run(now=now)
    assert counts()["cn.allowance_reached"] == (0, 0, 0, 0, 1)
    run(now=AT + 80 * HOUR)
    assert counts()["cn.allowance_reached"] == (0, 0, 1, 0, 0)


def test_the_same_notice_under_a_name_of_another_system_is_one(people: list[str]) -> None:
    due = Fact(
        "NoticeDue",
        people[0],
        f"svc-{people[0]}",
        AT + HOUR,
        "notices",
        {
            "duty": "cn.limit_reached",
            "duty_version": "1",
            "key": "theirs",
            "step": "100",
            "due_at_ms": to_ms(AT + HOUR),
        },
    )
    record(*all_covered(), due, charge("c-1", people[0], AT, 500))
    run()
    assert counts()["cn.allowance_reached"] == (0, 0, 0, 1, 0)
    duties = [fact.payload["duty"] for fact in facts_about(people[0], kinds=["NoticeDue"])]
    assert sorted(duties) == ["cn.allowance_near", "cn.limit_reached"]


def test_charges_without_their_notice_are_given_back_once(people: list[str]) -> None:
    one, two, *_ = people
    record(
        *all_covered(),
        charge("c-1", one, AT, 500),
        charge("c-2", one, AT + HOUR, 300),
        charge("c-3", two, AT, 900),
        document("NoticeSent", two, AT, "k"),
        document("NoticeDelivered", two, AT, "k"),
        Fact(
            "RefundMade",
            one,
            f"svc-{one}",
            AT + 2 * HOUR,
            "billing",
            {"charge": "c-2", "remedy": "theirs", "amount_minor": 100, "currency": "CNY"},
        ),
    )
    report = run()
    assert (report.untold, report.untold_minor) == (2, {"CNY": 800})
    seen = preview(periods=[OCTOBER], now=NOW)
    assert (len(seen.proposals), seen.people, seen.sums) == (2, 1, {"CNY": 700})
    assert Remedy.objects.count() == 0, "a preview writes nothing"
    propose_refunds(periods=[OCTOBER], actor=MANAGER, now=NOW)
    run()
    assert propose_refunds(periods=[OCTOBER], actor=MANAGER, now=NOW).proposals == ()
    remedies = Remedy.objects.order_by("balance_id")
    assert [(one.balance_id, one.amount_minor) for one in remedies] == [("c-1", 500), ("c-2", 200)]
    assert {remedy.cause for remedy in remedies} == {
        f"notice:{MissedNotice.objects.get(duty='cn.allowance_reached').key}"
    }
    assert {one.brand for one in remedies} == {"plum"}
    full = ChargeBalance.objects.get(charge="c-2")
    assert full.refunded_minor + full.refunded_elsewhere_minor == full.charge_minor == 300


def test_a_charge_is_answered_for_by_one_months_notice(people: list[str]) -> None:
    """Due on 30 September and again on 5 October: the charge of 6 October stands once."""
    one = people[0]
    for key, at in (("k1", datetime(2026, 9, 30, 4, tzinfo=UTC)), ("k2", AT - 120 * HOUR)):
        record(
            Fact(
                "NoticeDue",
                one,
                f"svc-{one}",
                at,
                "notices",
                {
                    "duty": "cn.roaming_cap",
                    "duty_version": "1",
                    "key": key,
                    "step": "cap",
                    "due_at_ms": to_ms(at),
                    "threshold_minor": 0,
                    "currency": "CNY",
                },
            ),
        )
    record(*all_covered(), charge("c-1", one, AT - 96 * HOUR, 700, "roaming_data"))
    for start, end in ((date(2026, 9, 1), START), (START, END), (date(2026, 9, 1), END)):
        audit(start=start, end=end, actor=MANAGER, now=NOW, jurisdiction="cn")
        assert ChargeWithoutNotice.objects.filter(charge="c-1").count() == 1
    seen = preview(periods=["2026-09-01", OCTOBER], now=NOW)
    assert seen.sums == {"CNY": 700}


def test_what_a_complaint_already_gave_back_is_not_given_again(people: list[str]) -> None:
    from amends.work.remedies.actions.propose import Proposal, propose

    record(*all_covered(), charge("c-1", people[0], AT, 500))
    propose(
        [
            Proposal(
                cause="complaint:x",
                kind="refund",
                charge="c-1",
                charge_minor=500,
                amount_minor=450,
                currency="CNY",
            )
        ],
        by="desk",
        now=NOW,
    )
    run()
    assert preview(periods=[OCTOBER], now=NOW).sums == {"CNY": 50}


def test_only_a_manager_audits_and_gives_back(people: list[str]) -> None:
    record(*all_covered(), charge("c-1", people[0], AT, 500))
    with pytest.raises(NotForThisRole):
        run(actor=HANDLER)
    assert AuditRun.objects.count() == 0
    run(actor=system("auditor"))
    with pytest.raises(UnableToProposeRefunds):
        propose_refunds(periods=[OCTOBER], actor=HANDLER, now=NOW)
    other = Actor("user", "usr-p", ("manager",), brand="pear")
    assert propose_refunds(periods=[OCTOBER], actor=other, now=NOW).proposals == ()
    assert Remedy.objects.count() == 0


def test_two_audits_at_once_state_it_once(people: list[str], monkeypatch: Any) -> None:
    """A rival commits between our reading and our writing: we read again."""
    from amends.cases.audits.actions import audit as module

    record(*all_covered(), charge("c-1", people[0], AT, 500))
    find, rivals = module._find, [True]

    def slow(*arguments: Any) -> Any:
        answer = find(*arguments)
        if rivals and rivals.pop():
            run()
        return answer

    monkeypatch.setattr(module, "_find", slow)
    report = run()
    assert report.stated == 0
    assert len(facts_about(people[0], kinds=["NoticeDue"])) == 2
    assert AuditRun.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("record,service,counter,amount\nr,s,data,1\n", "no column at_ms"),
        ("record,service,amount,at_ms\nr,s,1,1\n", "no column counter"),
        ("record,service,counter,amount,at_ms\nr,s,data,many,1\n", "does not fit its column"),
        ("record,service,counter,amount,at_ms\nr,s,data,,1\n", "amount is empty"),
    ],
)
def test_a_file_that_is_no_usage_is_refused_with_its_place(
    people: list[str], tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(UnableToReadAuditedUsage) as refused:
        run([path])
    assert said in str(refused.value)
    assert "bad.csv" in str(refused.value)
    assert AuditRun.objects.count() == 0


def test_a_period_that_ends_before_it_starts_is_refused(people: list[str]) -> None:
    with pytest.raises(UnableToAudit):
        audit(start=END, end=START, actor=MANAGER, now=NOW, jurisdiction="cn")


def test_nothing_is_owed_under_a_rule_that_came_later(people: list[str], tmp_path: Path) -> None:
    """The duty near a border is of 1 November 2026: a crossing of October owes nothing."""
    rows = [
        {
            "record": f"{people[0]}-{at}-{country}",
            "service": f"svc-{people[0]}",
            "subscriber": people[0],
            "counter": "sms",
            "amount": 1,
            "limit": 0,
            "country": country,
            "at_ms": to_ms(at) + (1_200_000 if country else 0),
        }
        for at in (AT, AT + timedelta(days=30))
        for country in ("", "HK")
    ]
    path = tmp_path / "usage.parquet"
    pl.DataFrame(rows).write_parquet(path)
    record(*all_covered())
    audit(
        start=START, end=date(2026, 12, 1), actor=MANAGER, now=NOW, usage=[path], jurisdiction="cn"
    )
    borders = DutyCount.objects.filter(duty="cn.roaming_border")
    assert [(row.period, row.missing) for row in borders] == [("2026-11-01", 1)]
    assert DutyCount.objects.filter(duty="cn.roaming_entry").count() == 2
