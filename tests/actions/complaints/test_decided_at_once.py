"""Two people on one complaint: nobody approves, replaces or sends what they have not read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions import investigate as investigating
from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.escalate_to_regulator import (
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.investigate_again import (
    UnableToInvestigateAgain,
    investigate_again,
)
from amends.cases.complaints.actions.overrule import (
    Overruling,
    UnableToOverruleNow,
    newest_decisions,
    overrule,
    overrule_many,
)
from amends.cases.complaints.actions.prove_identity import identity_shown
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.regulator_file import make_waiting
from amends.cases.complaints.actions.respond import accept, refuse, reopen, withdraw
from amends.cases.complaints.actions.settle import UnableToSettle, settle, settle_many
from amends.cases.complaints.jobs import clocks, pipeline
from amends.cases.complaints.models import Complaint, Decision, Event, Handover, Reply
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries import facts_on
from amends.work.remedies.actions.approve import UnableToApprove
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.postgres_too

ONE = Actor("user", "usr-1", ("handler",))
OTHER = Actor("user", "usr-2", ("handler",))
MANAGER = Actor("user", "usr-m", ("manager",))
COLLEAGUE = Actor("user", "usr-n", ("manager",))


def _complaint(key: str = "k-1", **more: object) -> str:
    """Received and investigated; `received_at` may differ from the order of ids."""
    said = {
        "channel": "app",
        "key": key,
        "received_at": NOW,
        "phone": PHONE,
        "identity": "operator_login",
        "text": "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    }
    ref = receive(Submission(**(said | more)), now=NOW).complaint  # type: ignore[arg-type]
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    return ref


def _overrule(ref: str, verdict: str, minor: int, actor: Actor, **more: Any) -> Decision:
    return overrule(
        ref,
        verdict=verdict,
        amount_minor=minor,
        currency="CNY",
        actor=actor,
        now=NOW,
        reason="核查了录音，按此处理。",
        customer_text="核查了录音，按此处理。",
        **more,
    )


def _standing(ref: str) -> str:
    return newest_decisions([ref])[ref].id


def test_who_approves_what_a_colleague_has_replaced_is_told(world: World) -> None:
    """The letter in the editor grants 30.00; what stands by now refuses it."""
    ref = _complaint()
    seen = _standing(ref)
    _overrule(ref, "not_upheld", 0, OTHER, seen=seen)
    with pytest.raises(UnableToSettle):
        settle(ref, actor=ONE, now=NOW, seen=seen, subject="处理结果", body="退您30.00元。")
    assert not Reply.objects.filter(complaint=ref, kind__startswith="upheld").exists()
    assert Complaint.objects.get(id=ref).state == "investigating"
    settle(ref, actor=ONE, now=NOW, seen=_standing(ref))
    assert Complaint.objects.get(id=ref).state == "not_upheld"


def test_who_overrules_what_a_colleague_has_replaced_is_told(world: World) -> None:
    ref = _complaint()
    seen = _standing(ref)
    _overrule(ref, "not_upheld", 0, OTHER, seen=seen)
    with pytest.raises(UnableToOverruleNow):
        _overrule(ref, "upheld", 1000, ONE, seen=seen)
    assert Decision.objects.filter(complaint=ref).count() == 2


def test_a_proposal_for_another_class_is_not_approved(world: World) -> None:
    """Nobody is known, so nothing was decided anew: the person's old verdict does not stand."""
    ref = _complaint(identity="", channel="web")
    _overrule(ref, "upheld", 1000, ONE)
    correct(ref, code="network.speed", actor=OTHER, now=NOW)
    with pytest.raises(UnableToSettle):
        settle(ref, actor=ONE, now=NOW)
    _overrule(ref, "upheld", 500, ONE)
    settle(ref, actor=ONE, now=NOW)
    assert sum(Remedy.objects.values_list("amount_minor", flat=True)) == 500


def test_a_class_corrected_after_the_decision_takes_nothing_of_it_away(world: World) -> None:
    ref = _complaint()
    settle(ref, actor=ONE, now=NOW)
    correct(ref, code="network.speed", actor=OTHER, now=NOW)
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.state, complaint.verdict, complaint.amount_minor) == (
        "implementing",
        "upheld",
        3000,
    )


def test_above_the_limit_for_one_two_people_decide_and_approve(world: World) -> None:
    """Before, whoever approved had also proposed: nothing so large could ever be granted."""
    ref = _complaint()
    _overrule(ref, "upheld", 150_000, MANAGER)
    with pytest.raises(UnableToApprove):
        settle(ref, actor=MANAGER, now=NOW)
    settle(ref, actor=COLLEAGUE, now=NOW)
    made = set(Remedy.objects.values_list("proposed_by", "approved_by"))
    assert made == {(MANAGER.ref, COLLEAGUE.ref)}
    assert sum(Remedy.objects.values_list("amount_minor", flat=True)) == 150_000


def test_a_job_does_not_replace_what_a_person_has_just_decided(world: World) -> None:
    """It chose the complaint a moment ago; the verdict would have been granted away by the rule."""
    ref = _complaint(identity="", channel="web")
    user = Actor("subscriber", world.person)
    identity_shown([ref], by="operator_login", actor=user, now=NOW)
    _overrule(ref, "not_upheld", 0, ONE)
    assert pipeline.decide_on([ref], now=NOW) == ([], [])
    assert Complaint.objects.get(id=ref).verdict == "not_upheld"
    assert Decision.objects.filter(complaint=ref).count() == 1


def test_one_that_cannot_be_read_stops_no_other(world: World, monkeypatch) -> None:
    """Its identity was shown late, so it is under investigation already, and first in the row."""
    bad = _complaint(identity="", channel="web")
    identity_shown([bad], by="counter_document", actor=ONE, now=NOW)
    good = _complaint("k-2", text="宽带一到晚上就断，装维说来一直没来。", received_at=NOW)
    Complaint.objects.filter(id=good).update(verdict="")
    real = investigating._decided

    def broken(item: Complaint, *args: Any) -> Any:
        if item.id == bad:
            raise KeyError("a fact nobody can read")
        return real(item, *args)

    monkeypatch.setattr(investigating, "_decided", broken)
    pipeline.process(now=NOW)
    assert Complaint.objects.get(id=bad).verdict == "person_must_decide"
    assert Event.objects.get(complaint=bad, verb="left_to_person").reason == "KeyError"
    assert Complaint.objects.get(id=good).verdict == "person_must_decide"
    assert Decision.objects.filter(complaint=good).count() == 2
    assert not pipeline.process(now=NOW).investigated, "and it is not tried for ever"


def test_records_that_changed_are_read_again_at_a_persons_wish(world: World) -> None:
    ref = _complaint()
    seen = _standing(ref)
    found = investigate_again(ref, actor=ONE, now=NOW, seen=seen)
    assert (found.verdict, found.amount_minor) == ("upheld", 3000)
    assert Event.objects.get(complaint=ref, verb="read_again").actor == ONE.ref
    with pytest.raises(UnableToInvestigateAgain):
        investigate_again(ref, actor=OTHER, now=NOW, seen=seen)
    settle(ref, actor=ONE, now=NOW, seen=found.id)
    with pytest.raises(UnableToInvestigateAgain):
        investigate_again(ref, actor=ONE, now=NOW)


# ------------------------------------------------------- in one moment, on threads of PostgreSQL


def _at_once(*acts: Callable[[], object]) -> list[object]:
    """Begin all in one moment; what each returned, or how it was refused. A ring of locks raises."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(60)
            return act()
        except AmendsError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as people:
        return [done.result(120) for done in [people.submit(run, act) for act in acts]]


def _refusals(found: list[object]) -> list[AmendsError]:
    return [one for one in found if isinstance(one, AmendsError)]


@pytest.fixture
def people(transactional_db: None, request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue("world")  # type: ignore[no-any-return]


@pytest.mark.postgres
@pytest.mark.parametrize("turn", range(4))
def test_eight_approve_and_one_does(turn: int, people: World) -> None:
    ref = _complaint()
    found = _at_once(
        *[
            lambda who=who: settle(ref, actor=Actor("user", f"usr-{who}", ("handler",)), now=NOW)
            for who in range(8)
        ]
    )
    assert len(_refusals(found)) == 7
    assert Reply.objects.filter(complaint=ref, kind__startswith="upheld").count() == 1
    assert sum(Remedy.objects.values_list("amount_minor", flat=True)) == 3000
    assert len(facts_on(ref, kinds=["DecisionMade"])) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("turn", range(4))
def test_one_approves_while_another_overrules(turn: int, people: World) -> None:
    """Either the first decision is granted, or the second stands and nothing has left."""
    ref = _complaint()
    seen = _standing(ref)
    found = _at_once(
        lambda: settle(ref, actor=ONE, now=NOW, seen=seen, subject="结果", body="退您30.00元。"),
        lambda: _overrule(ref, "not_upheld", 0, OTHER, seen=seen),
    )
    assert len(_refusals(found)) == 1
    complaint = Complaint.objects.get(id=ref)
    told = Reply.objects.filter(complaint=ref, kind__startswith="upheld").count()
    assert (complaint.state, complaint.verdict, told) in (
        ("implementing", "upheld", 1),
        ("investigating", "not_upheld", 0),
    )


@pytest.mark.postgres
def test_of_two_verdicts_in_one_moment_one_stands(people: World) -> None:
    ref = _complaint()
    seen = _standing(ref)
    found = _at_once(
        lambda: _overrule(ref, "upheld", 1000, ONE, seen=seen),
        lambda: _overrule(ref, "not_upheld", 0, OTHER, seen=seen),
    )
    assert len(_refusals(found)) == 1
    assert Event.objects.filter(complaint=ref, verb="overruled").count() == 1


@pytest.mark.postgres
def test_the_user_accepts_refuses_and_withdraws_in_one_moment(people: World) -> None:
    ref, user = _complaint(), Actor("subscriber", people.person)
    _overrule(ref, "partly_upheld", 2000, ONE)
    settle(ref, actor=ONE, now=NOW)
    found = _at_once(
        lambda: accept(ref, actor=user, now=NOW),
        lambda: refuse(ref, text="太少了", actor=user, now=NOW),
        lambda: withdraw(ref, actor=user, now=NOW),
    )
    state = Complaint.objects.get(id=ref).state
    remedies = set(Remedy.objects.values_list("state", flat=True))
    assert (state, remedies) in (
        ("implementing", {"approved"}),
        ("withdrawn", {"rejected"}),
        ("refused_by_user", {"rejected"}),
    )
    # A refusal may still be followed by taking it all back.
    assert 1 <= len(_refusals(found)) <= 2


@pytest.mark.postgres
def test_passed_on_reopened_and_closed_by_several_at_once_is_done_once(people: World) -> None:
    ref, user = _complaint(), Actor("subscriber", people.person)
    _overrule(ref, "not_upheld", 0, ONE)
    settle(ref, actor=ONE, now=NOW)
    sequence(now=NOW, holder="test")
    found = _at_once(
        *[lambda: escalate_to_regulator(ref, actor=user, now=NOW)] * 3,
        lambda: reopen(ref, text="还在扣", actor=user, now=NOW),
        lambda: declare_deadlock(
            ref, reason="不能达成一致。", customer_text="不能达成一致。", actor=OTHER, now=NOW
        ),
    )
    moves = Event.objects.filter(complaint=ref).exclude(to_state="").values_list("verb", flat=True)
    state = Complaint.objects.get(id=ref).state
    assert state in ("with_regulator", "reopened", "deadlocked")
    assert sum(verb == "pass_on" for verb in moves) == Handover.objects.count() <= 1
    # In this order each may follow the other: reopened, a deadlock, passed on.
    assert len(_refusals(found)) in (2, 3, 4)
    assert len(moves) >= 5 - len(_refusals(found))
    sequence(now=NOW, holder="test")
    _at_once(*[lambda: make_waiting(now=NOW)] * 3)
    assert Reply.objects.filter(complaint=ref, kind="handover").count() == Handover.objects.count()


@pytest.mark.postgres
def test_many_settled_in_both_orders_at_once_do_not_lock_each_other_out(people: World) -> None:
    """A job takes them by receipt, people by id: whoever comes second waits, and none is lost."""
    texts = [
        "宽带一到晚上就断，装维说来一直没来。",
        "手机在家里没有信号，打不了电话。",
        "营业员态度很差，还骂人。",
        "收到很多垃圾短信，烦死了。",
    ]
    refs = [_complaint(f"k-{at}", text=text) for at, text in enumerate(texts)]
    for ref in refs:
        _overrule(ref, "upheld", 100, ONE)
    found = _at_once(
        lambda: settle_many(refs, actor=ONE, now=NOW),
        lambda: settle_many(refs[::-1], actor=OTHER, now=NOW),
        lambda: clocks.check_clocks(now=NOW),
        lambda: pipeline.process(now=NOW),
    )
    assert not _refusals(found)
    assert set(Complaint.objects.values_list("state", flat=True)) == {"implementing"}
    assert Remedy.objects.count() == len(refs)


@pytest.mark.postgres
@pytest.mark.parametrize("turn", range(4))
def test_locks_are_taken_in_one_order_though_ids_say_another(turn: int, people: World) -> None:
    """What came in last was received first, as from a file: by ids and by receipt would be a ring."""
    texts = [
        "宽带一到晚上就断，装维说来一直没来。",
        "手机在家里没有信号，打不了电话。",
        "营业员态度很差，还骂人。",
        "收到很多垃圾短信，烦死了。",
    ]
    refs = [
        _complaint(f"k-{at}", text=text, received_at=NOW - timedelta(days=at))
        for at, text in enumerate(texts)
    ]
    said = [
        Overruling(
            complaint=ref,
            verdict="upheld",
            amount_minor=100,
            currency="CNY",
            reason="核查了录音，按此处理。",
            customer_text="核查了录音，按此处理。",
        )
        for ref in refs
    ]
    overrule_many(said, actor=ONE, now=NOW)
    found = _at_once(
        lambda: settle_many(refs, actor=ONE, now=NOW),
        lambda: overrule_many(said, actor=OTHER, now=NOW),
        lambda: take(refs, actor=OTHER, now=NOW),
        lambda: investigate_many(refs, actor=pipeline.DESK, now=NOW),
    )
    # A refusal is an answer: whoever came first has left nothing to settle, or to decide.
    assert all(isinstance(one, (list, AmendsError)) for one in found)
    assert Complaint.objects.exclude(handler=OTHER.ref).count() == 0
