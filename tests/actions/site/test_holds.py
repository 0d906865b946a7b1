"""A hold on one complaint or one hot issue keeps its words, whoever wrote them, and is a fact."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint
from amends.channels.actions.receive import Incoming
from amends.channels.actions.receive import receive as take_in
from amends.channels.models import InboundMessage
from amends.operations.actions import holds
from amends.operations.actions.erasure import UnableToErasePerson, erase_person
from amends.operations.actions.retention import carry_out, plan
from amends.people.access.actions.add_user import add_user
from amends.people.access.actions.hold_record import UnableToHoldRecord
from amends.people.access.queries import actor_called
from amends.people.subscribers.actions.hold import place_hold
from amends.people.subscribers.actions.register import register
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.models import HotIssue, Membership
from amends.record.ledger.queries import facts_on
from at_rest import planted
from shell import amends
from tests.actions.site.test_retention import ALICE, LATER, NOW, _complained, _counts, _words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def officer(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    return actor_called("wei")


def _stranger() -> str:
    """A complaint of somebody who was never recognised, ended."""
    said = Submission(
        channel="web", key="s", text="我的宽带老是断", received_at=NOW, email="who@example.org"
    )
    ref = receive(said, now=NOW).complaint
    Complaint.objects.filter(id=ref).update(is_open=False, state_since=NOW)
    return ref


def test_a_complaint_of_a_stranger_can_be_held_and_is_forgotten_once_released(
    officer: Actor,
) -> None:
    ref = _stranger()
    code = Complaint.objects.get(id=ref).code_public
    assert holds.place("complaint", code, officer, reason="申诉尚未办结", now=NOW) == ref
    assert _counts(plan(LATER), "complaint") == (0, 1, 0)
    assert _counts(carry_out(LATER), "complaint") == (0, 1, 0)
    assert _words(ref) != ""
    assert holds.release("complaint", ref, officer, now=LATER) == 1
    assert _counts(carry_out(LATER), "complaint") == (1, 0, 1)
    assert _words(ref) == ""
    told = [
        (fact.kind, fact.payload["of"], fact.payload["by"])
        for fact in facts_on([ref])
        if fact.kind.startswith("Hold")
    ]
    assert told == [
        ("HoldPlaced", "complaint", officer.ref),
        ("HoldLifted", "complaint", officer.ref),
    ]


def test_a_hot_issue_keeps_all_that_belongs_to_it_or_did_or_comes_to_it(officer: Actor) -> None:
    _, ref = _complained(ALICE, key="a")
    found = HotIssue.objects.create(number=7, started_at=NOW, detected_at=NOW, last_alarm_at=NOW)
    holds.place("hotissue", "7", officer, reason="事故调查", now=NOW)
    assert _counts(plan(LATER), "complaint") == (1, 0, 0)
    member = Membership.objects.create(
        issue=found,
        complaint=ref,
        person="p",
        joined_at=NOW,
        joined_by="scan",
        joined_because="same place",
    )
    assert _counts(plan(LATER), "complaint") == (0, 1, 0)
    Membership.objects.filter(pk=member.pk).update(left_at=NOW, left_by="wei", left_because="x")
    assert _counts(carry_out(LATER), "complaint") == (0, 1, 0)
    assert _words(ref) != ""


def test_an_erasure_is_refused_while_one_of_the_complaints_is_held(officer: Actor) -> None:
    alice, ref = _complained(ALICE, key="a")
    holds.place("complaint", ref, officer, reason="法院要求保留", now=NOW)
    with pytest.raises(UnableToErasePerson, match="法院要求保留"):
        erase_person(alice, officer, NOW)
    assert _words(ref) != ""
    holds.release("complaint", ref, officer, now=NOW)
    erase_person(alice, officer, NOW)
    assert _words(ref) == ""


def test_others_may_not_hold_and_nothing_unknown_is_held(officer: Actor) -> None:
    ref = _stranger()
    with pytest.raises(UnableToHoldRecord):
        holds.place("complaint", ref, Actor("user", "usr-1", ("manager",)), reason="x", now=NOW)
    with pytest.raises(UnableToHoldRecord):
        holds.place("complaint", ref, officer, reason=" ", now=NOW)
    with pytest.raises(holds.UnableToFindRecord):
        holds.place("hotissue", "99", officer, reason="x", now=NOW)
    with pytest.raises(UnableToHoldRecord):
        holds.release("complaint", ref, officer, now=NOW)


def test_a_hold_on_a_person_is_a_fact_too(officer: Actor) -> None:
    alice = register(ALICE, now=NOW)
    held = amends("subscribers", "hold", alice, "--by", "wei", "--reason", "申诉")
    assert held.code == 0, held.err
    assert amends("subscribers", "release", alice, "--by", "wei").code == 0
    kinds = [fact.kind for fact in facts_on([alice]) if fact.kind.startswith("Hold")]
    assert kinds == ["HoldPlaced", "HoldLifted"]


def test_from_the_shell(officer: Actor) -> None:
    ref = _stranger()
    code = Complaint.objects.get(id=ref).code_public
    done = amends("holds", "place", "complaint", code, "--by", "wei", "--reason", "申诉")
    assert (done.code, done.out.strip()) == (0, f"Held: complaint {ref}.")
    assert amends("holds", "release", "complaint", code, "--by", "wei").code == 0
    again = amends("holds", "release", "complaint", code, "--by", "wei")
    assert again.code == 1
    assert amends("holds", "release", "person", code, "--by", "wei").code == 2


def _came(key: str, sender: str, **fields: Any) -> InboundMessage:
    message = take_in(
        Incoming(channel="sms", external_id=key, sender=sender, text="退订", received_at=NOW),
        now=NOW,
    )
    InboundMessage.objects.filter(pk=message.pk).update(**fields)
    return message


def test_messages_that_became_nothing_have_a_term_of_their_own(officer: Actor) -> None:
    alice, bob = planted(2, seed=31)
    pseudonym = register(alice, now=NOW)
    place_hold(pseudonym, reason="申诉", by="wei", now=NOW)
    gone = _came("1", bob.phone, state="dispatched", became="order:o1")
    held = _came("2", alice.phone, state="ignored")
    waits = _came("3", bob.phone)
    part = _came("4", bob.phone, state="dispatched", became="complaint:c1")
    half_a_year = NOW + timedelta(days=181)
    assert _counts(plan(NOW + timedelta(days=179)), "received") == (0, 0, 0)
    assert _counts(plan(half_a_year), "received") == (1, 1, 0)
    assert _counts(carry_out(half_a_year), "received") == (1, 1, 1)
    rows = {row.pk: row for row in InboundMessage.objects.all()}
    assert (bytes(rows[gone.pk].text_sealed), rows[gone.pk].sender_index) == (b"", "")
    assert rows[gone.pk].became == "order:o1"
    assert all(bytes(rows[one.pk].text_sealed) for one in (held, waits, part))
    assert _counts(carry_out(half_a_year), "received") == (0, 1, 0)
