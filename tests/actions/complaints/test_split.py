"""Splitting: the new complaint has the first receipt and every deadline that runs; words are copied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.casework.conftest import Staff, complaint, staff
from tests.actions.complaints.conftest import NOW, PHONE

from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.split import UnableToSplit, split
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Clock, Complainant, Complaint, Contact, Event
from amends.cases.complaints.queries.attachments import attachments_of
from amends.channels.queries.contacts import opened_column

__all__ = ["complaint", "staff"]

LATER = NOW + timedelta(hours=3)
OTHER = "另外，我家宽带晚上八点以后一直断线，网速很慢。"


def add(complaint: Complaint, key: str = "second", text: str = OTHER) -> Contact:
    """Another message under the code of the complaint."""
    said = Submission(
        channel="app",
        key=key,
        text=text,
        received_at=LATER,
        phone=PHONE,
        thread=complaint.code_public,
    )
    return Contact.objects.get(id=receive(said, now=LATER).contact)


def test_a_message_becomes_a_complaint_of_the_same_day(staff: Staff, complaint: Complaint) -> None:
    message = add(complaint)
    attach(message.id, [NewFile("speed.txt", b"2 Mbps")], now=LATER)
    child = split(complaint.id, [message.id], reason="宽带另立", actor=staff.li, now=LATER)
    assert child.received_at == complaint.received_at
    assert (child.person, child.subscriber, child.identity) == (
        complaint.person,
        complaint.subscriber,
        complaint.identity,
    )
    assert child.code.startswith("network.")
    copy = Contact.objects.get(complaint=child)
    assert (copy.text, copy.received_at) == (message.text, message.received_at)
    assert opened_column(copy, "original") == opened_column(message, "original")
    assert [file.name for file in attachments_of(child.id)] == ["speed.txt"]
    message.refresh_from_db()
    assert message.complaint_id == complaint.id, "copied, not moved"
    assert opened_column(Complainant.objects.get(complaint=child), "phone") == PHONE
    verbs = Event.objects.values_list("verb", flat=True)
    assert {"split_off", "split_from"} <= set(verbs)


def test_nobody_gains_time_by_a_split(staff: Staff, complaint: Complaint) -> None:
    running = {"complaint": complaint.id, "binding": True, "met_at__isnull": True}
    Clock.objects.filter(**running).update(due_at=NOW + timedelta(days=1))
    child = split(complaint.id, [add(complaint).id], actor=staff.li, now=LATER)
    steps = set(Clock.objects.filter(**running).values_list("step", flat=True))
    mine = Clock.objects.filter(complaint=child, binding=True, step__in=steps)
    assert steps <= set(mine.values_list("step", flat=True))
    assert {clock.due_at for clock in mine} == {NOW + timedelta(days=1)}
    assert child.next_due_at == NOW + timedelta(days=1)


def test_the_new_complaint_goes_the_way_of_any_other(staff: Staff, complaint: Complaint) -> None:
    child = split(complaint.id, [add(complaint).id], actor=staff.li, now=LATER)
    process(now=LATER)
    child.refresh_from_db()
    assert child.state != "received"


def test_no_message_all_messages_or_a_strangers_are_refused(
    staff: Staff, complaint: Complaint
) -> None:
    message = add(complaint)
    everything = list(Contact.objects.filter(complaint=complaint).values_list("id", flat=True))
    for chosen in ([], everything, [message.id, "nothing"]):
        with pytest.raises(UnableToSplit):
            split(complaint.id, chosen, actor=staff.li, now=LATER)
    with pytest.raises(UnableToSplit):
        split(complaint.id, [message.id], actor=staff.officer, now=LATER)
    assert Complaint.objects.count() == 1
