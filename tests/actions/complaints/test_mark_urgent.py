"""Urgent or not is said by a person with a reason, and the clocks follow the rules for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.mark_urgent import UnableToMarkUrgent, mark_urgent
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.platform.kit.actors import Actor, system

HANDLER = Actor("user", "usr-1", ("handler",))
WHY = "The caller cannot reach an ambulance."
LATER = NOW + timedelta(hours=1)


def _complaint(**fields: object) -> Complaint:
    said = {
        "channel": "app",
        "key": "k-1",
        "text": "You charged me twice for the month of October.",
        "received_at": NOW,
        "phone": PHONE,
        "identity": "operator_login",
        "language": "en",
    }
    receipt = receive(Submission(**(said | fields)), now=NOW)  # type: ignore[arg-type]
    return Complaint.objects.get(id=receipt.complaint)


@pytest.fixture
def australian(settings, world: World) -> None:
    settings.JURISDICTION = "au"


def _to_resolve(complaint: Complaint) -> datetime:
    return Clock.objects.get(complaint=complaint, binding=True, step="resolve").due_at


@pytest.mark.usefixtures("australian")
def test_the_shorter_limit_of_the_pack_holds_and_goes_again() -> None:
    plain = _complaint()
    words = "My bill for October was charged two times, I want it back."
    at_once = _complaint(key="k-2", text=words, urgent=True, phone="13900009999")
    usual, urgent = _to_resolve(plain), _to_resolve(at_once)
    assert urgent < usual
    assert mark_urgent(plain.id, urgent=True, reason=WHY, actor=HANDLER, now=LATER)
    plain.refresh_from_db()
    assert plain.urgent
    assert _to_resolve(plain) == urgent
    assert mark_urgent(plain.id, urgent=False, reason="It works again.", actor=HANDLER, now=LATER)
    plain.refresh_from_db()
    assert not plain.urgent
    assert _to_resolve(plain) == usual
    events = Event.objects.filter(complaint=plain).order_by("at", "id")
    verbs = [(event.verb, event.reason) for event in events if "urgent" in event.verb]
    assert sorted(verbs) == [("not_urgent", "It works again."), ("urgent", WHY)]


@pytest.mark.usefixtures("australian")
def test_once_acknowledged_the_urgent_limit_is_the_next_one_due() -> None:
    complaint = _complaint()
    move(complaint, "acknowledge", actor=system("desk"), now=LATER)
    usual = complaint.next_due_at
    mark_urgent(complaint.id, urgent=True, reason=WHY, actor=HANDLER, now=LATER)
    complaint.refresh_from_db()
    assert complaint.next_due_at == _to_resolve(complaint)
    assert usual is not None
    assert complaint.next_due_at < usual


@pytest.mark.usefixtures("australian")
def test_a_deadline_that_the_mark_moves_into_the_past_is_warned_of_at_once() -> None:
    complaint = _complaint()
    late = NOW + timedelta(days=8)
    mark_urgent(complaint.id, urgent=True, reason=WHY, actor=HANDLER, now=late)
    clocks.check_clocks(now=late)
    steps = Event.objects.filter(complaint=complaint, verb="breach").values_list(
        "details", flat=True
    )
    complaint.refresh_from_db()
    assert complaint.next_step in {each["step"] for each in steps}
    assert complaint.escalated_to


def test_where_the_rules_know_no_other_limit_only_the_mark_changes(world: World) -> None:
    complaint = _complaint()
    before = list(Clock.objects.filter(complaint=complaint).values_list("due_at", "binding"))
    assert not mark_urgent(complaint.id, urgent=True, reason=WHY, actor=HANDLER, now=LATER)
    after = list(Clock.objects.filter(complaint=complaint).values_list("due_at", "binding"))
    assert after == before


@pytest.mark.parametrize("reason", ["", "   ", "ok ok ok"])
def test_without_a_reason_nothing_changes(world: World, reason: str) -> None:
    complaint = _complaint()
    with pytest.raises(UnableToMarkUrgent):
        mark_urgent(complaint.id, urgent=True, reason=reason, actor=HANDLER, now=LATER)
    complaint.refresh_from_db()
    assert not complaint.urgent


def test_twice_and_closed_are_refused(world: World) -> None:
    complaint = _complaint()
    mark_urgent(complaint.id, urgent=True, reason=WHY, actor=HANDLER, now=LATER)
    with pytest.raises(UnableToMarkUrgent):
        mark_urgent(complaint.id, urgent=True, reason=WHY, actor=HANDLER, now=LATER)
    complaint.refresh_from_db()
    move(complaint, "withdraw", actor=Actor("subscriber", world.person), now=LATER)
    with pytest.raises(UnableToMarkUrgent):
        mark_urgent(complaint.id, urgent=False, reason=WHY, actor=HANDLER, now=LATER)
