"""What is approved at the desk is carried out seconds later, once, or goes back to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.actions.complaints.conftest import NOW, World
from tests.pages.conftest import colleague, complain

from amends.cases.complaints.actions.approve_later import (
    UNDO_WITHIN,
    approve_due,
    approve_later,
    pending_of,
    undo,
)
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.respond import withdraw
from amends.cases.complaints.actions.settle import UnableToSettle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Event, PendingApproval, Reply
from amends.cases.complaints.queries.status import newest_decisions
from amends.people.access.queries.staff import actor_of_user
from amends.platform.kit.actors import Actor
from amends.work.remedies.actions.approve import UnableToApprove
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.postgres_too

DUE = NOW + UNDO_WITHIN


@pytest.fixture
def ref(world: World) -> str:
    """A complaint under investigation, upheld with 30.00 by the rules."""
    found = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([found], actor=pipeline.DESK, now=NOW)
    return found


@pytest.fixture
def handler(db: Any) -> Actor:
    """Somebody with an account: the roles that count are those of the moment it is carried out."""
    return actor_of_user(colleague("qiao.lin", "handler"))


def _approve(ref: str, actor: Actor, **letter: str) -> PendingApproval:
    return approve_later(ref, actor=actor, now=NOW, seen=newest_decisions([ref])[ref].id, **letter)


def test_it_is_carried_out_once_with_the_letter_as_it_was_edited(ref: str, handler: Actor) -> None:
    pending = _approve(ref, handler, subject="关于您的投诉", body="已退还 30.00 元。")
    assert pending_of(handler) == [pending]
    assert b"30.00" not in bytes(pending.body_sealed), "the letter rests sealed"
    assert approve_due(now=DUE - timedelta(seconds=1)) == 0
    assert not Remedy.objects.exists()
    assert (approve_due(now=DUE), approve_due(now=DUE)) == (1, 0)
    assert Complaint.objects.get(id=ref).state == "implementing"
    (letter,) = Reply.objects.filter(complaint=ref, kind__startswith="upheld")
    assert (letter.body, letter.reviewed_by) == ("已退还 30.00 元。", handler.ref)
    assert not undo([ref])


def test_undone_is_as_if_nothing_had_been(ref: str, handler: Actor) -> None:
    events = Event.objects.count()
    _approve(ref, handler)
    assert undo([ref], brand="another") == 0
    assert undo([ref]) == 1
    assert approve_due(now=DUE) == 0
    assert (Event.objects.count(), Remedy.objects.count()) == (events, 0)
    _approve(ref, handler)


def test_what_would_be_refused_is_refused_at_once(ref: str, handler: Actor) -> None:
    overrule(
        ref,
        verdict="upheld",
        amount_minor=50_000,
        currency="CNY",
        reason="长期误扣",
        customer_text="多扣的全部退还给您。",
        actor=handler,
        now=NOW,
    )
    with pytest.raises(UnableToApprove):
        _approve(ref, handler)
    assert not PendingApproval.objects.exists()
    with pytest.raises(UnableToSettle):
        approve_later(ref, actor=handler, now=NOW, seen="")


def test_nobody_approves_it_twice(ref: str, handler: Actor) -> None:
    _approve(ref, handler)
    with pytest.raises(UnableToSettle):
        _approve(ref, handler)


def test_decided_anew_or_taken_back_meanwhile_nothing_leaves(ref: str, handler: Actor) -> None:
    _approve(ref, handler)
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        reason="录音里同意过",
        customer_text="录音里您同意过开通。",
        actor=handler,
        now=NOW,
    )
    assert approve_due(now=DUE) == 0
    event = Event.objects.get(complaint=ref, verb="approval_failed")
    assert "decided otherwise" in event.reason
    assert not PendingApproval.objects.exists()
    assert Complaint.objects.get(id=ref).state == "investigating"
    _approve(ref, handler)
    withdraw(ref, actor=handler, now=NOW)
    assert approve_due(now=DUE) == 0
    assert Complaint.objects.get(id=ref).state == "withdrawn"
    assert not Remedy.objects.exists()


def test_who_was_put_out_of_service_meanwhile_grants_nothing(ref: str, handler: Actor) -> None:
    from amends.people.access.models import User

    _approve(ref, handler)
    User.objects.filter(ref=handler.ref).update(is_active=False)
    assert approve_due(now=DUE) == 0
    assert Event.objects.filter(complaint=ref, verb="approval_failed").exists()
    assert not Remedy.objects.exists()


def _credit(ref: str, minor: int, actor: Actor) -> None:
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    overrule(
        ref,
        verdict="upheld",
        amount_minor=minor,
        currency="CNY",
        reason="长期断线，给予补偿",
        customer_text="我们给予补偿。",
        actor=actor,
        now=NOW,
    )


def test_nobody_divides_an_amount_above_their_limit_among_complaints(
    world: World, handler: Actor
) -> None:
    """A handler pays 200.00 alone; two complaints of one person do not make 400.00 of it."""
    text = "家里宽带这几天晚上一直断线，网速很慢，请派人来修。"
    first, second = complain("s1"), complain("s2", text)
    assert first != second
    _credit(first, 19_000, handler)
    _approve(first, handler)
    assert approve_due(now=DUE) == 1
    granted = Remedy.objects.get(kind="credit")
    assert (granted.state, granted.approved_by) == ("approved", handler.ref)
    _credit(second, 19_000, handler)
    with pytest.raises(UnableToApprove, match="last 30 days"):
        _approve(second, handler)
    senior = actor_of_user(colleague("he.yu", "senior_handler"))
    _approve(second, senior)
    assert approve_due(now=DUE) == 1
