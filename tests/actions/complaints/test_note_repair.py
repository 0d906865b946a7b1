"""The limit for a repair is met by the repair, and missed where it came late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.record_repair import (
    UnableToNoteRepair,
    note_repair,
    repair_clocks,
)
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.platform.kit.actors import Actor
from amends.record.ledger.queries import facts_on

HANDLER = Actor("user", "usr-1", ("handler",))
DONE = "A broken splice in the street cabinet was replaced."
HOUR = timedelta(hours=1)


@pytest.fixture
def cut(world: World) -> Complaint:
    said = Submission(
        channel="app",
        key="k-1",
        received_at=NOW,
        phone=PHONE,
        language="en",
        text="My line is dead since this morning, nothing works.",
        identity="operator_login",
    )
    complaint = Complaint.objects.get(id=receive(said, now=NOW).complaint)
    if complaint.code != "network.outage":
        complaint = correct(complaint.id, code="network.outage", actor=HANDLER, now=NOW)
    return complaint


def _repaired(complaint: Complaint, *, after: int, noted: int) -> bool:
    return note_repair(
        complaint.id,
        at=NOW + after * HOUR,
        customer_text=DONE,
        actor=HANDLER,
        now=NOW + noted * HOUR,
    )


def test_a_repair_in_time_meets_the_limit_and_the_user_is_told(cut: Complaint) -> None:
    assert cut.next_step == "repair"
    assert _repaired(cut, after=20, noted=21)
    cut.refresh_from_db()
    assert cut.next_step == "resolve"
    assert set(cut.clocks.filter(step="repair").values_list("met_at", flat=True)) == {
        NOW + 20 * HOUR
    }
    assert clocks.check_clocks(now=NOW + 100 * HOUR).breached == 0
    (fact,) = facts_on([cut.id], kinds=["FaultRepaired"])
    assert fact.happened_at == NOW + 20 * HOUR
    letter = Reply.objects.get(complaint=cut, kind="repaired")
    assert DONE in letter.body
    event = Event.objects.get(complaint=cut, verb="repaired")
    assert (event.actor, event.details["in_time"]) == ("usr-1", True)


def test_a_late_repair_is_a_missed_limit_whether_or_not_the_job_saw_it(cut: Complaint) -> None:
    assert not _repaired(cut, after=90, noted=91)
    assert cut.clocks.filter(step="repair", binding=True, breached_at__isnull=True).count() == 0


def test_no_word_of_the_desk_undoes_a_missed_limit(cut: Complaint) -> None:
    clocks.check_clocks(now=NOW + 60 * HOUR)
    assert not _repaired(cut, after=10, noted=61)
    binding = cut.clocks.get(step="repair", binding=True)
    assert (binding.met_at, binding.breached_at) == (NOW + 10 * HOUR, NOW + 60 * HOUR)


@pytest.mark.parametrize(("after", "noted"), [(-2, 5), (6, 5)], ids=["before", "to come"])
def test_a_moment_that_cannot_be_right_changes_nothing(
    cut: Complaint, after: int, noted: int
) -> None:
    with pytest.raises(UnableToNoteRepair):
        _repaired(cut, after=after, noted=noted)
    assert repair_clocks(cut)
    assert not facts_on([cut.id], kinds=["FaultRepaired"])


def test_it_is_noted_once(cut: Complaint) -> None:
    _repaired(cut, after=1, noted=2)
    with pytest.raises(UnableToNoteRepair):
        _repaired(cut, after=1, noted=3)
    assert Reply.objects.filter(complaint=cut, kind="repaired").count() == 1
