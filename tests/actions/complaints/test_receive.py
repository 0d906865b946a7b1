"""Receive: contacts and complaints, joined or new, keys, masks, clocks and facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from amends.cases.complaints.actions.intake import Submission, UnableToReceive
from amends.cases.complaints.actions.receive import receive, receive_many
from amends.cases.complaints.models import Clock, Complainant, Complaint, Contact, Event
from amends.platform.vault.sealing import open_sealed
from amends.record.ledger.models import SingleFact

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def said(text: str = "你们给我乱开彩铃，每月扣10块钱，我没订过！", **fields: object) -> Submission:
    base = Submission(channel="web", key="k1", text=text, received_at=NOW, phone="13900001234")
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_submission_becomes_a_complaint_with_class_clock_and_fact() -> None:
    receipt = receive(said(), now=NOW)
    complaint = Complaint.objects.get()
    assert receipt.complaint == complaint.id
    assert receipt.joined == "new"
    assert complaint.code != ""
    assert complaint.person_shown == "139****1234"
    assert receipt.due_at == complaint.next_due_at
    assert complaint.next_due_at is not None
    assert 13 < (complaint.next_due_at - NOW).days < 16
    assert Clock.objects.filter(complaint=complaint, binding=True).exists()
    assert SingleFact.objects.filter(kind="ComplaintReceived", subject=complaint.id).count() == 1


@pytest.mark.django_db
def test_fifty_identical_submissions_of_one_person_are_one_complaint() -> None:
    receipts = receive_many([said(key=f"k{n}") for n in range(30)], now=NOW)
    receipts += [receive(said(key=f"k{n}"), now=NOW) for n in range(30, 50)]
    assert Complaint.objects.count() == 1
    assert Contact.objects.count() == 50
    assert Complaint.objects.get().contacts_count == 50
    assert [receipt.joined for receipt in receipts] == ["new"] + ["exact"] * 49
    assert Event.objects.filter(verb="contact_joined").count() == 49
    assert SingleFact.objects.filter(kind="ComplaintReceived").count() == 1


@pytest.mark.django_db
def test_fifty_people_are_fifty_complaints() -> None:
    receive_many([said(key=f"k{n}", phone=f"139000020{n:02d}") for n in range(50)], now=NOW)
    assert Complaint.objects.count() == 50


@pytest.mark.django_db
def test_people_who_give_no_contact_never_join_each_other() -> None:
    receive_many([said(key=f"k{n}", phone="") for n in range(3)], now=NOW)
    assert Complaint.objects.count() == 3


@pytest.mark.django_db
def test_the_same_key_again_changes_nothing() -> None:
    first = receive(said(), now=NOW)
    again = receive(said(text="something else entirely"), now=NOW + timedelta(days=1))
    assert again.joined == "repeat"
    assert (again.complaint, again.contact) == (first.complaint, first.contact)
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_nearly_the_same_words_join_and_another_matter_does_not() -> None:
    first = receive(said(), now=NOW)
    near = receive(said(key="k2", text="你们给我乱开彩铃，每月扣10块钱，我根本没订过！！"), now=NOW)
    other = receive(said(key="k3", text="宽带断了三天，打客服没人来修"), now=NOW)
    assert (near.complaint, near.joined) == (first.complaint, "near")
    assert other.joined == "new"
    assert other.complaint != first.complaint


@pytest.mark.django_db
def test_a_tracking_code_joins_whatever_the_words() -> None:
    first = receive(said(), now=NOW)
    joined = receive(
        said(key="k2", text="补充一下", phone="", thread=first.tracking_code.lower()), now=NOW
    )
    assert (joined.complaint, joined.joined) == (first.complaint, "thread")


@pytest.mark.django_db
def test_a_closed_complaint_is_not_joined() -> None:
    first = receive(said(), now=NOW)
    Complaint.objects.update(is_open=False, state="withdrawn")
    assert receive(said(key="k2"), now=NOW).complaint != first.complaint


@pytest.mark.django_db
def test_personal_data_in_the_words_is_masked_and_the_original_sealed() -> None:
    words = "我身份证11010519491231002X，电话13812348000，为什么扣费"
    receive(said(text=words), now=NOW)
    contact = Contact.objects.get()
    assert "1949" not in contact.text
    assert "13812348000" not in contact.text + Complaint.objects.get().first_words
    sealed = bytes(contact.original)
    assert open_sealed("complaints_contact", "original", contact.id, sealed) == words
    person = Complainant.objects.get()
    assert b"13900001234" not in bytes(person.phone)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> 扣费",
        "nul\x00byte and more words",
        "name\u202egpj.exe",
        "😀🔥 no signal",
        "=cmd|' /C calc'!A0",
        "half \ud83d of a pair",
    ],
)
def test_hostile_words_are_stored_as_words(text: str) -> None:
    receive(said(text=text), now=NOW)
    stored = Contact.objects.get().text
    assert "\x00" not in stored
    assert "\u202e" not in stored


@pytest.mark.parametrize(
    "fields",
    [{"text": "  "}, {"text": "x" * 20_001}, {"key": ""}, {"received_at": datetime(2026, 1, 1)}],  # noqa: DTZ001
)
def test_what_is_no_complaint_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UnableToReceive):
        said(**fields)


@pytest.mark.django_db
def test_nothing_is_stored_when_the_fact_cannot_be_written() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {SingleFact._meta.db_table} RENAME TO hidden_facts")
    try:
        with pytest.raises(DatabaseError), transaction.atomic():
            receive(said(), now=NOW)
        assert Complaint.objects.count() == 0
        assert Contact.objects.count() == 0
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE hidden_facts RENAME TO {SingleFact._meta.db_table}")


@pytest.mark.django_db
def test_history_runs_no_clock_and_sends_nothing() -> None:
    receipt = receive(
        said(history=True, state="closed_unconfirmed", original_id="T-1", original_source="old"),
        now=NOW,
    )
    complaint = Complaint.objects.get()
    assert receipt.due_at is None
    assert complaint.is_open is False
    assert Clock.objects.count() == 0
