"""Who waits beyond the deadline is told so, once, with whom to turn to; the rest is not bothered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Clock, Complaint, Reply
from amends.channels.models import OutboxMessage
from amends.platform.kit.actors import Actor
from amends.record.ledger.queries import facts_about

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _complaint(key: str = "k-1", language: str = "zh") -> Complaint:
    said = Submission(
        channel="app",
        key=key,
        text=f"宽带一到晚上就断，打了三次电话都说在排期。{key}",
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
        language=language,
    )
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def _last_moment(complaint: Complaint, step: str) -> Clock:
    clock = complaint.clocks.filter(step=step, binding=True).order_by("due_at").first()
    assert clock is not None
    return clock


def _told(complaint: Complaint) -> list[Reply]:
    return list(Reply.objects.filter(complaint=complaint, kind="unresolved").order_by("id"))


def test_a_deadline_that_passed_is_owned_up_to_once(world: World) -> None:
    complaint = _complaint()
    due = _last_moment(complaint, "resolve").due_at
    clocks.check_clocks(now=due - HOUR)
    assert [one for one in _told(complaint) if "答复您，没有做到" in one.body] == []
    report = clocks.check_clocks(now=due + HOUR)
    assert report.notified_late == 1
    assert clocks.check_clocks(now=due + 2 * HOUR).notified_late == 0
    letter = _told(complaint)[-1]
    assert "我们本应在" in letter.body
    assert "答复您，没有做到" in letter.body
    assert "申诉" in letter.body
    assert "{" not in letter.body
    assert OutboxMessage.objects.filter(key=f"reply:{letter.id}", channel="sms").count() == 1
    sent = [fact for fact in facts_about(complaint.subscriber) if fact.kind == "ReplySent"]
    assert "unresolved" in [fact.payload["reply"] for fact in sent]


def test_the_same_in_english(world: World) -> None:
    complaint = _complaint(language="en")
    clocks.check_clocks(now=_last_moment(complaint, "resolve").due_at + HOUR)
    body = _told(complaint)[-1].body
    assert "We should have answered you by" in body
    assert "you can take your complaint to" in body


@pytest.mark.parametrize("verb", ["withdraw"])
def test_who_needs_no_answer_any_more_gets_none(world: World, verb: str) -> None:
    complaint = _complaint()
    due = _last_moment(complaint, "resolve").due_at
    move(complaint, verb, actor=Actor("subscriber", world.person), now=NOW + HOUR)
    assert clocks.check_clocks(now=due + HOUR).notified_late == 0
    assert _told(complaint) == []


def test_history_from_another_desk_is_left_alone(world: World) -> None:
    complaint = _complaint()
    Complaint.objects.filter(id=complaint.id).update(history=True)
    assert (
        clocks.check_clocks(now=_last_moment(complaint, "resolve").due_at + HOUR).notified_late == 0
    )


def test_the_letter_on_dispute_resolution_leaves_before_its_last_moment(
    world: World, settings
) -> None:
    settings.JURISDICTION = "uk"
    complaint = _complaint(language="en")
    clock = _last_moment(complaint, "adr_letter")
    assert clocks.check_clocks(now=clock.due_at - 2 * DAY).adr_letters == 0
    report = clocks.check_clocks(now=clock.due_at - HOUR)
    assert (report.adr_letters, report.breached) == (1, 0)
    assert clocks.check_clocks(now=clock.due_at + DAY).adr_letters == 0
    (letter,) = _told(complaint)
    assert "We have not yet solved" in letter.body
    assert "We should have" not in letter.body
    clock.refresh_from_db()
    complaint.refresh_from_db()
    assert clock.met_at == clock.due_at - HOUR
    assert complaint.next_step != "adr_letter"


def test_a_letter_that_is_late_leaves_all_the_same(world: World, settings) -> None:
    settings.JURISDICTION = "uk"
    complaint = _complaint(language="en")
    late = _last_moment(complaint, "adr_letter").due_at + 3 * DAY
    assert clocks.check_clocks(now=late).adr_letters == 1
    assert len(_told(complaint)) == 1
