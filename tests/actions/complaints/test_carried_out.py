"""After the decision: what was done is told, what was not is taken up again, and each is asked once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from tests.actions.complaints.conftest import NOW, PHONE, World, covered

from amends.cases.complaints.actions.escalate_to_regulator import (
    answer_regulator,
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.move_by_hand import move_by_hand
from amends.cases.complaints.actions.order_remedy import UnableToOrderRemedy, order_remedy
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.regulator_file import UnableToHandToRegulator
from amends.cases.complaints.actions.respond import accept, answer_outcome, refuse, reopen, withdraw
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import clocks, pipeline
from amends.cases.complaints.models import Complaint, Decision, Event, Handover, Outcome, Reply
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.work.remedies.actions.approve import UnableToApprove, reject
from amends.work.remedies.actions.export import acknowledge, export
from amends.work.remedies.models import ChargeBalance, Remedy

pytestmark = pytest.mark.postgres_too

HANDLER = Actor("user", "usr-1", ("handler",))
MANAGER = Actor("user", "usr-m", ("manager",))
DAY = timedelta(days=1)


def _complaint(key: str = "k-1", now: datetime = NOW, **more: object) -> str:
    said = {
        "channel": "app",
        "key": key,
        "received_at": now,
        "phone": PHONE,
        "identity": "operator_login",
        "language": "zh",
        "text": "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    }
    ref = receive(Submission(**(said | more)), now=now).complaint  # type: ignore[arg-type]
    pipeline.acknowledge_waiting(now=now)
    investigate_many([ref], actor=pipeline.DESK, now=now)
    return ref


def _decide(ref: str, verdict: str, minor: int, now: datetime = NOW) -> None:
    overrule(
        ref,
        verdict=verdict,
        amount_minor=minor,
        currency="CNY",
        actor=HANDLER,
        now=now,
        reason="核查了录音，按此处理。",
        customer_text="核查了录音，按此处理。",
    )
    settle(ref, actor=HANDLER, now=now)


def _booked(now: datetime = NOW) -> None:
    _, rows = export(now=now)
    acknowledge([(row.remedy, f"b-{row.remedy}") for row in rows], now=now)


def _state(ref: str) -> str:
    return Complaint.objects.get(id=ref).state


def _letters(ref: str, kind: str) -> list[Reply]:
    return list(Reply.objects.filter(complaint=ref, kind=kind).order_by("posted_at"))


def _user(world: World) -> Actor:
    return Actor("subscriber", world.person)


# ------------------------------------------------------------------ told what was done


def test_what_was_carried_out_is_told_with_its_day_and_amount(world: World) -> None:
    ref = _complaint()
    settle(ref, actor=HANDLER, now=NOW)
    _booked(NOW + 3 * DAY)
    clocks.check_clocks(now=NOW + 3 * DAY)
    (letter,) = _letters(ref, "implemented")
    assert "2026年11月27日" in letter.body
    assert "¥30.00已经到账" in letter.body
    assert "彩铃包" in letter.body
    clocks.check_clocks(now=NOW + 4 * DAY)
    assert len(_letters(ref, "implemented")) == 1


def test_the_second_time_only_what_is_new_is_told(world: World) -> None:
    ref = _complaint()
    settle(ref, actor=HANDLER, now=NOW)
    _booked()
    clocks.check_clocks(now=NOW)
    reopen(ref, text="又扣了", actor=_user(world), now=NOW + DAY)
    investigate_many([ref], actor=pipeline.DESK, now=NOW + DAY)
    _decide(ref, "upheld", 0, NOW + 2 * DAY)
    _booked(NOW + 2 * DAY)
    clocks.check_clocks(now=NOW + 2 * DAY)
    assert _state(ref) == "resolved"
    first, second = _letters(ref, "implemented")
    assert "停止“彩铃包”" in second.body
    assert "¥" in first.body
    assert "¥" not in second.body, "the money was told the first time"


def test_a_proposal_lapses_after_its_last_day_and_the_user_is_told(world: World) -> None:
    ref = _complaint()
    _decide(ref, "partly_upheld", 2000)
    promised = NOW + 14 * DAY
    assert "请在2026年12月8日之前" in _letters(ref, "partly_upheld.value_added")[0].body
    assert clocks.check_clocks(now=promised + timedelta(hours=13)).lapsed == 0, (
        "that day is not over"
    )
    assert clocks.check_clocks(now=promised + timedelta(hours=15)).lapsed == 1
    (letter,) = _letters(ref, "lapsed")
    assert "到2026年12月8日没有收到您的答复" in letter.body
    accept(ref, actor=_user(world), now=promised + 2 * DAY)
    assert set(Remedy.objects.values_list("state", flat=True)) == {"approved"}


def test_who_takes_back_or_reopens_has_it_in_writing(world: World) -> None:
    ref = _complaint()
    withdraw(ref, actor=_user(world), now=NOW)
    assert "已按您的意思结束" in _letters(ref, "withdrawn")[0].body
    reopen(ref, text="还是要投诉", actor=_user(world), now=NOW + DAY)
    assert "我们会在2026年12月10日之前答复您" in _letters(ref, "reopened")[0].body


# ------------------------------------------------------------------ done, or not


def test_who_waits_for_billing_keeps_nobody_else_waiting(world: World, monkeypatch) -> None:
    """One whose remedy is not booked stands first in the row; the row is one place long."""
    monkeypatch.setattr(clocks, "AT_ONCE", 1)
    first = _complaint()
    settle(first, actor=HANDLER, now=NOW)
    second = _complaint("k-2", text="宽带一到晚上就断，装维说来一直没来。")
    _decide(second, "upheld", 0, NOW + DAY)
    assert clocks.check_clocks(now=NOW + 2 * DAY).resolved == 1
    assert (_state(first), _state(second)) == ("implementing", "resolved")


def test_what_was_promised_and_rejected_is_not_solved(world: World) -> None:
    ref = _complaint(text="宽带一到晚上就断，装维说来一直没来。")
    _decide(ref, "partly_upheld", 30_000)
    accept(ref, actor=_user(world), now=NOW + DAY)
    reject([Remedy.objects.get().id], actor=MANAGER, reason="金额过高。", now=NOW + DAY)
    assert clocks.check_clocks(now=NOW + 2 * DAY).resolved == 0
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.state, complaint.is_open, complaint.reopened_count) == ("reopened", True, 1)
    assert complaint.next_due_at is not None, "an answer is owed anew"
    event = Event.objects.get(complaint=ref, verb="not_carried_out")
    assert event.reason == "What the user was promised was rejected."
    assert not _letters(ref, "implemented")
    (letter,) = _letters(ref, "not_carried_out")
    assert "我们会在2026年12月11日之前答复您" in letter.body
    assert clocks.check_clocks(now=NOW + 60 * DAY).asked == 0
    investigate_many([ref], actor=pipeline.DESK, now=NOW + 3 * DAY)
    assert not Complaint.objects.get(id=ref).may_act_alone


@pytest.mark.parametrize("way", ["deadlock", "decide"])
def test_an_offer_that_comes_to_nothing_frees_its_charges(way: str, world: World) -> None:
    ref = _complaint()
    _decide(ref, "partly_upheld", 2000)
    assert sum(ChargeBalance.objects.values_list("refunded_minor", flat=True)) == 2000
    if way == "deadlock":
        declare_deadlock(
            ref, reason="不能达成一致。", customer_text="不能达成一致。", actor=HANDLER, now=NOW
        )
    else:
        clocks.check_clocks(now=NOW + 15 * DAY)
        investigate_many([ref], actor=pipeline.DESK, now=NOW + 16 * DAY)
    assert set(Remedy.objects.values_list("state", flat=True)) == {"rejected"}
    assert sum(ChargeBalance.objects.values_list("refunded_minor", flat=True)) == 0


# ------------------------------------------------------------------ asked once, and heard


def _solved(ref: str, now: datetime = NOW) -> None:
    settle(ref, actor=HANDLER, now=now)
    _booked(now)
    clocks.check_clocks(now=now)
    assert _state(ref) == "resolved"


def test_who_reopens_before_being_asked_is_not_asked_while_it_is_open(world: World) -> None:
    ref = _complaint()
    _solved(ref)
    reopen(ref, text="又扣了", actor=_user(world), now=NOW + 5 * DAY)
    assert clocks.check_clocks(now=NOW + 40 * DAY).asked == 0
    assert not _letters(ref, "outcome_question")


def test_who_says_so_early_is_not_asked_again(world: World) -> None:
    ref = _complaint()
    _solved(ref)
    answer_outcome(ref, answer="solved", text="", actor=_user(world), now=NOW + 5 * DAY)
    assert clocks.check_clocks(now=NOW + 40 * DAY).asked == 0


def test_a_question_answered_by_reopening_does_not_close_the_next_solution(world: World) -> None:
    """The old question stood unanswered: the second solution was closed before it was asked of."""
    ref = _complaint()
    _solved(ref)
    assert clocks.check_clocks(now=NOW + 28 * DAY).asked == 1
    reopen(ref, text="又扣了", actor=_user(world), now=NOW + 30 * DAY)
    assert Outcome.objects.get().answer == "not_solved"
    investigate_many([ref], actor=pipeline.DESK, now=NOW + 31 * DAY)
    _decide(ref, "upheld", 0, NOW + 50 * DAY)
    _booked(NOW + 50 * DAY)
    turned = clocks.check_clocks(now=NOW + 51 * DAY)
    assert (turned.resolved, turned.closed) == (1, 0)
    assert clocks.check_clocks(now=NOW + 60 * DAY).closed == 0
    assert clocks.check_clocks(now=NOW + 79 * DAY).asked == 1
    assert clocks.check_clocks(now=NOW + 94 * DAY).closed == 1


def test_a_part_that_is_missing_is_read_at_the_desk_and_does_not_stay_open(world: World) -> None:
    ref = _complaint()
    _solved(ref)
    clocks.check_clocks(now=NOW + 28 * DAY)
    answer_outcome(
        ref,
        answer="partly",
        text="退了两个月，还差一个月",
        satisfaction=2,
        actor=_user(world),
        now=NOW + 29 * DAY,
    )
    event = Event.objects.get(complaint=ref, verb="outcome_answered")
    assert event.reason == "退了两个月，还差一个月"
    assert event.details == {"answer": "partly", "satisfaction": 2}
    assert clocks.check_clocks(now=NOW + 43 * DAY).closed == 1
    assert _state(ref) == "closed_unconfirmed"


# ------------------------------------------------------------------ what the regulator decides


def test_what_the_regulator_decides_is_carried_out(world: World) -> None:
    ref = _complaint()
    _decide(ref, "partly_upheld", 1000)
    refuse(ref, text="太少了", actor=_user(world), now=NOW + DAY)
    with pytest.raises(UnableToOrderRemedy):
        order_remedy(
            ref,
            amount_minor=2500,
            currency="CNY",
            reason="申诉受理中心调解：退25元。",
            customer_text="申诉受理中心调解：退25元。",
            actor=HANDLER,
            now=NOW + DAY,
        )
    escalate_to_regulator(ref, actor=_user(world), now=NOW + 2 * DAY)
    Complaint.objects.filter(id=ref).update(history=True)
    with pytest.raises(UnableToOrderRemedy, match="came in as history"):
        order_remedy(
            ref,
            amount_minor=2500,
            currency="CNY",
            reason="申诉受理中心调解：退25元。",
            customer_text="申诉受理中心调解：退25元。",
            actor=HANDLER,
            now=NOW + 20 * DAY,
        )
    Complaint.objects.filter(id=ref).update(history=False)
    order_remedy(
        ref,
        amount_minor=2500,
        currency="CNY",
        reason="申诉受理中心调解：退25元。",
        customer_text="申诉受理中心调解：退25元。",
        actor=HANDLER,
        now=NOW + 20 * DAY,
    )
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.state, complaint.verdict, complaint.amount_minor) == (
        "implementing",
        "upheld",
        2500,
    )
    standing = Remedy.objects.exclude(state="rejected")
    assert sum(standing.values_list("amount_minor", flat=True)) == 2500
    letter = Reply.objects.filter(complaint=ref, kind__startswith="upheld").get()
    assert "申诉受理中心调解：退25元。" in letter.body
    assert "¥25.00" in letter.body
    _booked(NOW + 21 * DAY)
    clocks.check_clocks(now=NOW + 21 * DAY)
    assert _state(ref) == "resolved"


def test_what_was_paid_before_is_not_paid_twice_by_an_order(world: World) -> None:
    ref = _complaint()
    _solved(ref)
    reopen(ref, text="还有别的损失", actor=_user(world), now=NOW + DAY)
    declare_deadlock(
        ref,
        reason="不能达成一致。",
        customer_text="不能达成一致。",
        actor=HANDLER,
        now=NOW + 2 * DAY,
    )
    escalate_to_regulator(ref, actor=HANDLER, now=NOW + 3 * DAY)
    order_remedy(
        ref,
        amount_minor=5000,
        currency="CNY",
        reason="另行补偿五十元。",
        customer_text="另行补偿五十元。",
        actor=HANDLER,
        now=NOW + 9 * DAY,
    )
    new = Remedy.objects.filter(proposed_at=NOW + 9 * DAY)
    assert list(new.values_list("kind", "amount_minor")) == [("credit", 5000)]
    assert Decision.objects.filter(complaint=ref).count() == 2


def test_an_order_above_ones_limit_needs_somebody_with_a_higher_one(world: World) -> None:
    ref = _complaint()
    declare_deadlock(
        ref, reason="不能达成一致。", customer_text="不能达成一致。", actor=HANDLER, now=NOW
    )
    escalate_to_regulator(ref, actor=HANDLER, now=NOW)
    with pytest.raises(UnableToApprove):
        order_remedy(
            ref,
            amount_minor=90_000,
            currency="CNY",
            reason="按监管意见退款。",
            customer_text="按监管意见退款。",
            actor=HANDLER,
            now=NOW,
        )
    order_remedy(
        ref,
        amount_minor=90_000,
        currency="CNY",
        reason="按监管意见退款。",
        customer_text="按监管意见退款。",
        actor=MANAGER,
        now=NOW,
    )
    assert _state(ref) == "implementing"


def test_a_regulator_that_asks_is_answered_in_its_time(world: World) -> None:
    """Before, the ten days of a forwarded appeal began for no complaint, and nothing met them."""
    ref = _complaint()
    settle(ref, actor=HANDLER, now=NOW)
    complaint = Complaint.objects.get(id=ref)
    move_by_hand(complaint, "take_up", actor=HANDLER, now=NOW + DAY, reason="转来申诉一件。")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.next_step) == ("with_regulator", "answer_regulator")
    assert complaint.next_due_at is not None
    assert complaint.next_due_at.date().isoformat() == "2026-12-07", "ten days end on a Saturday"
    sequence(now=NOW + DAY, holder="test")
    answer_regulator(ref, actor=HANDLER, now=NOW + 2 * DAY)
    complaint.refresh_from_db()
    clock = complaint.clocks.get(step="answer_regulator")
    assert (clock.met_at, complaint.next_step) == (NOW + 2 * DAY, "")
    assert Handover.objects.get(complaint=ref).made_at == NOW + 2 * DAY
    assert len(_letters(ref, "handover")) == 1
    order_remedy(
        ref,
        amount_minor=0,
        currency="CNY",
        reason="监管机构认定处理得当。",
        customer_text="监管机构认定处理得当。",
        actor=HANDLER,
        now=NOW + 9 * DAY,
    )
    with pytest.raises(UnableToHandToRegulator):
        answer_regulator(ref, actor=HANDLER, now=NOW + 9 * DAY)


def test_what_was_charged_since_is_looked_into_when_it_is_opened_again(world: World) -> None:
    """Before, the records were read up to the first receipt, and a new charge was not there."""
    ref = _complaint()
    _solved(ref)
    month = {"charge_kind": "value_added", "offer": "offer-ring", "amount_minor": 1000}
    again = Fact(
        "ChargeMade",
        world.person,
        world.ringtone,
        NOW + 6 * DAY,
        "billing",
        month | {"charge": "chg-again", "currency": "CNY"},
    )
    with transaction.atomic():
        append(
            [again, covered("billing", "ChargeMade,RefundMade", until=NOW + 9 * DAY)],
            now=NOW + 6 * DAY,
        )
    reopen(ref, text="又扣了10块", actor=_user(world), now=NOW + 7 * DAY)
    (found,) = investigate_many([ref], actor=pipeline.DESK, now=NOW + 7 * DAY)
    assert found.ruling is not None
    assert found.decision is not None
    owed = {each.charge: each.amount_minor for each in found.ruling.remedies if each.charge}
    assert owed == {"chg-again": 1000}
    assert found.decision.amount_minor == 1000
    settle(ref, actor=HANDLER, now=NOW + 7 * DAY)
    assert sum(Remedy.objects.filter(kind="refund").values_list("amount_minor", flat=True)) == 4000
