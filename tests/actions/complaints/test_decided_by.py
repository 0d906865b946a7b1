"""Who decided: the rule, a person who approved what it proposed, or a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from tests.actions.complaints.conftest import NOW, World
from tests.pages.conftest import colleague, complain

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.settle import settle, settle_alone
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, DecidedBy, Decision, Reply
from amends.cases.complaints.queries.analytics import complaint_columns_of
from amends.cases.complaints.queries.casefile import decided_alone
from amends.cases.complaints.queries.status import newest_decisions
from amends.people.access.queries.staff import actor_of_user
from amends.platform.kit.actors import Actor


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def ref(world: World) -> str:
    """A complaint under investigation, upheld with 30.00 by a rule that may act alone."""
    found = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([found], actor=pipeline.DESK, now=NOW)
    return found


@pytest.fixture
def handler(db: Any) -> Actor:
    return actor_of_user(colleague("qiao.lin", "handler"))


def _decided(ref: str) -> Decision:
    return newest_decisions([ref])[ref]


def _counted(ref: str) -> bool:
    return bool(complaint_columns_of([ref])["decided_by_rule"][0])


def test_nobody_decided_what_is_only_proposed(ref: str) -> None:
    assert _decided(ref).alone
    assert _decided(ref).decided_by == ""
    assert not _counted(ref)
    assert decided_alone(since=NOW, limit=9) == 0


def test_the_rule_alone(ref: str) -> None:
    assert settle_alone([ref], now=NOW) == [ref]
    assert _decided(ref).decided_by == DecidedBy.RULE
    assert _decided(ref).decided_by_text() == "decided by rule"
    assert _counted(ref)
    assert decided_alone(since=NOW, limit=9) == 1


def test_what_a_person_approves_the_rule_did_not_decide(ref: str, handler: Actor) -> None:
    settle(ref, actor=handler, now=NOW)
    decision = _decided(ref)
    assert decision.decided_by == DecidedBy.APPROVED
    names = {handler.ref: "Qiao Lin"}
    assert decision.decided_by_text(names) == "proposed by rule, approved by Qiao Lin"
    with translation.override("zh-hans"):
        assert decision.decided_by_text(names) == "由规则提出，经Qiao Lin批准"
    assert not _counted(ref)
    assert decided_alone(since=NOW, limit=9) == 0


@pytest.mark.parametrize(("verdict", "amount_minor"), [("partly_upheld", 1_500), ("upheld", 3_000)])
def test_a_typed_verdict_is_the_persons(
    ref: str, handler: Actor, verdict: str, amount_minor: int
) -> None:
    overrule(
        ref,
        verdict=verdict,
        amount_minor=amount_minor,
        currency="CNY",
        reason="She used it once.",
        customer_text="您使用过一次。",
        actor=handler,
        now=NOW,
    )
    another = actor_of_user(colleague("zhao.an", "handler"))
    settle(ref, actor=another, now=NOW)
    decision = _decided(ref)
    assert decision.decided_by == DecidedBy.PERSON
    names = {handler.ref: "Qiao Lin", another.ref: "Zhao An"}
    assert decision.decided_by_text(names) == "decided by Qiao Lin"


def test_a_corrected_class_is_a_persons_decision(ref: str, handler: Actor) -> None:
    before = Complaint.objects.get(id=ref).code
    correct(ref, code="network.speed", actor=handler, now=NOW)
    correct(ref, code=before, actor=handler, now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    assert settle_alone([ref], now=NOW) == [], "no rule acts on a person's class without a person"
    settle(ref, actor=handler, now=NOW)
    assert _decided(ref).decided_by == DecidedBy.PERSON
    assert _decided(ref).decided_by_text({handler.ref: "Qiao Lin"}) == "decided by Qiao Lin"
    assert not _counted(ref)


@pytest.mark.parametrize(
    ("alone", "said"),
    [
        (True, "本结论由规则根据记录自动得出，没有人工参与"),
        (False, "本结论由规则提出，经工作人员批准。"),
    ],
)
def test_the_letter_says_who_decided(ref: str, handler: Actor, alone: bool, said: str) -> None:
    if alone:
        settle_alone([ref], now=NOW)
    else:
        settle(ref, actor=handler, now=NOW)
    letter = Reply.objects.get(complaint=ref, kind__startswith="upheld")
    assert said in letter.body
    assert "qiao.lin" not in letter.body
