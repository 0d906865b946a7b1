"""Where a complaint goes that the desk and its complainant do not agree on, or cannot begin."""

from __future__ import annotations

from datetime import timedelta

from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.escalate_to_regulator import (
    close,
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.prove_identity import identity_shown
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.regulator_file import make_waiting
from amends.cases.complaints.actions.respond import refuse
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Event, Reply
from amends.cases.complaints.queries import class_names, standings
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.sequence import sequence

HANDLER = Actor("user", "usr-1", ("handler",))


def _complain(identity: str = "operator_login") -> str:
    said = Submission(
        channel="app",
        key="k1",
        text="宽带一到晚上就断，打了三次电话都说在排期。",
        received_at=NOW,
        phone=PHONE,
        identity=identity,
    )
    return receive(said, now=NOW).complaint


def test_a_case_nobody_agrees_on_goes_to_the_regulator_and_is_closed(world: World) -> None:
    ref, user = _complain(), Actor("subscriber", world.person)
    pipeline.process(now=NOW)
    overrule(
        ref,
        verdict="partly_upheld",
        amount_minor=500,
        currency="CNY",
        reason="线路已修复，补偿五元。",
        customer_text="线路已修复，补偿五元。",
        actor=HANDLER,
        now=NOW,
    )
    settle(ref, actor=HANDLER, now=NOW)
    refuse(ref, text="太少了", actor=user, now=NOW)
    letter = declare_deadlock(
        ref, reason="超出可补偿的范围。", customer_text="超出可补偿的范围。", actor=HANDLER, now=NOW
    )
    assert letter.posted_at == NOW
    assert "超出可补偿的范围。" in letter.body
    escalate_to_regulator(ref, actor=user, now=NOW + timedelta(days=3))
    assert standings([ref])[ref].state == "with_regulator"
    told = Reply.objects.filter(complaint=ref, kind="handover")
    assert not told.exists(), "nothing can be proved yet, so nothing was handed over"
    assert make_waiting(now=NOW + timedelta(days=3, seconds=2)) == 0
    sequence(now=NOW + timedelta(days=3, seconds=4), holder="test")
    assert make_waiting(now=NOW + timedelta(days=3, seconds=5)) == 1
    assert make_waiting(now=NOW + timedelta(days=3, seconds=6)) == 0
    letter = told.get()
    assert "通信管理局" in letter.body or "申诉" in letter.body
    assert "我们的核查结果、全部往来" in letter.body
    assert letter.posted_at == NOW + timedelta(days=3, seconds=5)
    closed = close(ref, reason="受理机构已答复。", actor=HANDLER, now=NOW + timedelta(days=20))
    assert (closed.state, closed.is_open) == ("closed", False)
    assert standings([ref])[ref].amount_minor == 500


def test_nothing_is_looked_up_before_the_complainant_is_known(world: World) -> None:
    ref = _complain(identity="")
    pipeline.process(now=NOW)
    before = standings([ref, "no such complaint"])
    assert set(before) == {ref}
    assert (before[ref].state, before[ref].identity, before[ref].verdict) == (
        "investigating",
        "asked",
        "",
    )
    user = Actor("subscriber", world.person)
    assert identity_shown([ref], by="operator_login", actor=user, now=NOW) == [ref]
    assert identity_shown([ref], by="operator_login", actor=user, now=NOW) == []
    assert Event.objects.filter(complaint=ref, verb="identity_verified").count() == 1
    pipeline.process(now=NOW)
    assert standings([ref])[ref].identity == "verified"
    assert standings([ref])[ref].verdict
    assert Reply.objects.filter(complaint=ref).exists()


def test_every_class_has_a_name_in_both_languages() -> None:
    names = class_names()
    assert names["network.speed"] == ("网速不达标", "slow line")
    assert all(zh and en for zh, en in names.values())
    assert len(set(names.values())) == len(names) > 20
