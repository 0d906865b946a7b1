"""A number is given out again: whose it is now, and whose it was for what is of their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.forget import complaints_about
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries import messages_with
from amends.operations.actions.erasure import erase_person
from amends.operations.actions.subject_access_export import export_person
from amends.people.access.actions.reach import UnableToReach, reach, reach_many
from amends.people.access.queries import actor_called
from amends.people.subscribers.actions.mark_left import leave
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.models import Subscriber
from amends.people.subscribers.queries import identify, subscriber, times_theirs
from amends.people.subscribers.queries.personal import index_entries
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import Period
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
LEFT = NOW - timedelta(days=200)
BEFORE, SINCE = LEFT - timedelta(days=30), LEFT + timedelta(days=100)
NUMBER = "13900006611"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def first() -> str:
    """Whoever had the number until they left."""
    person = NewSubscriber(name="旧机主", phone=NUMBER, email="old@example.org", language="en")
    who = register(person, now=BEFORE - timedelta(days=500))
    assert leave({who: LEFT}) == 1
    return who


@pytest.fixture
def second(first: str) -> str:
    """Whoever has it now."""
    return register(NewSubscriber(name="新机主", phone=NUMBER, language="en"), now=SINCE)


def _who(**asked: object) -> str:
    found = identify(**asked)  # type: ignore[arg-type]
    return found.pseudonym if found else ""


def _theirs(who: str) -> Period:
    number = index_entries("phone", [NUMBER])[0]
    (period,) = times_theirs(who)[number]
    return period


def _complaint(key: str, at: datetime, text: str) -> Complaint:
    said = Submission(
        channel="phone",
        key=key,
        text=text,
        received_at=at,
        phone=NUMBER,
        language="en",
        history=True,
    )
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def test_nobody_has_a_number_whose_holder_has_left(first: str) -> None:
    assert _who(phone=NUMBER) == ""
    assert _who(phone=NUMBER, at=BEFORE) == first
    assert _who(phone=NUMBER, at=LEFT) == ""
    assert _who(email="old@example.org") == first, "a mailbox stays with the person"


def test_it_belongs_to_who_has_it_now_and_before_to_who_had_it(first: str, second: str) -> None:
    assert _who(phone=NUMBER) == _who(phone=NUMBER, at=SINCE) == second
    assert _who(phone=NUMBER, at=BEFORE) == first
    third = register(NewSubscriber(phone=NUMBER), now=NOW)
    assert _who(phone=NUMBER) == "", "of two who have it now neither is guessed"
    leave({second: NOW - timedelta(days=1)})
    assert (_who(phone=NUMBER), _who(phone=NUMBER, at=SINCE)) == (third, second)
    assert (_theirs(first).end, _theirs(second).start) == (LEFT, LEFT)
    assert _theirs(third).start == NOW - timedelta(days=1)


def test_a_complaint_is_of_whoever_had_the_number_then(first: str, second: str) -> None:
    old = _complaint("k-1", BEFORE, "I was charged for a ringtone I never ordered.")
    new = _complaint("k-2", SINCE, "The line is cut every evening.")
    assert (old.subscriber, new.subscriber) == (first, second)


def test_the_number_of_who_left_is_not_used_to_reach_them(first: str, second: str) -> None:
    desk = system("identity")
    said = {"reference": "cmp-1", "reason": "code to check an identity", "now": NOW}
    reached = reach(desk, subscriber=first, **said)  # type: ignore[arg-type]
    assert (reached.kind, reached.recipient) == ("email", "old@example.org")
    assert reach(desk, subscriber=second, **said).recipient.endswith(NUMBER)  # type: ignore[arg-type]
    many = reach_many(
        system("notices"), {first: "n-1", second: "n-2"}, reason="a notice due to you", now=NOW
    )
    assert (many[first].phone, many[first].email) == ("", "old@example.org")
    assert many[second].phone.endswith(NUMBER)
    nowhere = register(NewSubscriber(phone="13900006612"), now=BEFORE)
    leave({nowhere: LEFT})
    with pytest.raises(UnableToReach):
        reach(desk, subscriber=nowhere, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "mark"), [("en", "former holder"), ("zh-hans", "原机主")])
def test_the_desk_finds_both_by_the_number_and_marks_the_former(
    first: str, second: str, language: str, mark: str
) -> None:
    old = _complaint("k-1", BEFORE, "I was charged for a ringtone I never ordered.")
    new = _complaint("k-2", SINCE, "The line is cut every evening.")
    late = _complaint("k-3", BEFORE, "The bill of May has a fee twice.")
    Complaint.objects.filter(id=late.id).update(received_at=LEFT + timedelta(days=9))
    desk = signed_in(colleague("qiao.lin", "handler"), language)
    html = desk.get("/desk/", {"words": NUMBER}).content.decode()
    rows = {
        ref: html.partition(f'data-row="{ref}"')[2].split("</tr>")[0] for ref in (old.id, new.id)
    }
    assert mark in rows[old.id]
    assert mark not in rows[new.id]
    assert late.id not in html, "of after their time: not found by a number that is another's"
    assert mark not in desk.get("/desk/", {"words": old.code_public}).content.decode()


def _message(key: str, at: datetime) -> None:
    text = Outgoing(
        key=key,
        channel="sms",
        recipient=NUMBER,
        subject="",
        body=f"Text {key}",
        language="en",
        reference="",
    )
    with transaction.atomic():
        post_many([text], now=at)


@pytest.fixture
def officer(settings, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    colleague("wei", "privacy_officer")
    return actor_called("wei")


@pytest.mark.django_db(transaction=True)
def test_what_is_handed_out_and_erased_is_of_the_persons_own_time(
    first: str, second: str, officer: Actor
) -> None:
    _message("old", BEFORE)
    _message("new", SINCE)
    handed = {
        who: str(export_person(who, officer, NOW, reason="asked for by mail")["messages"])
        for who in (first, second)
    }
    assert ("Text old" in handed[first], "Text new" in handed[first]) == (True, False)
    assert ("Text old" in handed[second], "Text new" in handed[second]) == (False, True)

    erase_person(first, officer, NOW)
    left = str(messages_with([(NUMBER, Period(datetime(1970, 1, 1, tzinfo=UTC)))]))
    assert ("Text old" in left, "Text new" in left) == (False, True)


def test_unrecognised_complaints_of_another_time_stay(first: str, second: str) -> None:
    Subscriber.objects.filter(pseudonym__in=(first, second)).update(brand="plum")
    old, new = (
        _stranger(key, at, text)
        for key, at, text in (
            ("k-1", BEFORE, "I was charged for a ringtone I never ordered."),
            ("k-2", SINCE, "The line is cut every evening."),
        )
    )
    assert {old.subscriber, new.subscriber} == {""}
    for who, expected in ((first, old), (second, new)):
        found = complaints_about(who, addresses=[(NUMBER, _theirs(who))])
        assert found == [expected.id]


def _stranger(key: str, at: datetime, text: str) -> Complaint:
    """From the number, over a channel of another brand: nobody is known there."""
    said = Submission(
        channel="phone",
        key=key,
        text=text,
        received_at=at,
        phone=NUMBER,
        language="en",
        history=True,
        brand="pear",
    )
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def test_the_register_brings_the_next_holder_and_repeats_itself(tmp_path: Path) -> None:
    register_file, keys = tmp_path / "people.csv", tmp_path / "keys.csv"
    command = ("import", "subscribers", register_file, "--out", keys, "--force", "--json")
    register_file.write_text(f"customer id,phone,left\nc-1,{NUMBER},\n", "utf-8")
    assert amends(*command).document["accepted"] == 1
    left = f"{LEFT:%Y-%m-%d}"
    register_file.write_text(
        f"customer id,phone,left\nc-2,{NUMBER},\nc-1,{NUMBER},{left}\n", "utf-8"
    )
    first_day = amends(*command).document
    assert (first_day["accepted"], first_day["duplicates"]) == (1, 1)
    assert "c-2" in keys.read_text("utf-8")
    again = amends(*command).document
    assert (again["accepted"], again["duplicates"]) == (0, 2)
    corrected = f"{LEFT + timedelta(days=5):%Y-%m-%d}"
    register_file.write_text(f"customer id,phone,left\nc-1,{NUMBER},{corrected}\n", "utf-8")
    assert amends(*command).document["duplicates"] == 1
    states = dict(Subscriber.objects.values_list("pseudonym", "status"))
    assert sorted(states.values()) == ["active", "left"]
    served = next(who for who, status in states.items() if status == "active")
    assert _who(phone=NUMBER) == served


def test_who_comes_back_is_served_again_and_not_forgotten_with_who_left(tmp_path: Path) -> None:
    """Under the same key as who they were, also with another number."""
    register_file, keys = tmp_path / "people.csv", tmp_path / "keys.csv"
    command = ("import", "subscribers", register_file, "--out", keys, "--force", "--json")

    def brought(*rows: str) -> tuple[int, int]:
        text = "\n".join(("customer id,phone,email,left", *rows, ""))
        register_file.write_text(text, "utf-8")
        told = amends(*command).document
        return told["accepted"], told["duplicates"]

    left = f"{LEFT:%Y-%m-%d}"
    assert brought(f"c-1,{NUMBER},ann@example.org,{left}", "c-2,13900006622,bo@example.org,") == (
        2,
        0,
    )
    (ann,) = Subscriber.objects.filter(status="left").values_list("pseudonym", flat=True)
    assert brought(f"c-1,{NUMBER},ann@example.org,") == (0, 1)
    assert _who(phone=NUMBER) == ann
    assert not Subscriber.objects.filter(status="left").exists()
    assert brought(f"c-1,{NUMBER},ann@example.org,{left}") == (0, 1)
    for _ in range(2):
        assert brought("c-1,13900006633,ann@example.org,") == (0, 1)
        assert _who(phone="13900006633") == _who(email="ann@example.org") == ann
    assert (_who(phone=NUMBER), _who(phone=NUMBER, at=BEFORE)) == ("", ann)
    assert not Subscriber.objects.filter(status="left").exists()


def test_a_file_that_does_not_speak_of_leaving_brings_nobody_back(
    tmp_path: Path, first: str
) -> None:
    register_file = tmp_path / "people.csv"
    register_file.write_text("customer id,email\nc-1,old@example.org\n", "utf-8")
    told = amends(
        "import", "subscribers", register_file, "--out", tmp_path / "k.csv", "--force", "--json"
    )
    assert told.document["duplicates"] == 1
    known = subscriber(first)
    assert known is not None
    assert known.has_left


def test_the_privacy_officer_finds_who_had_it_by_a_day(first: str, second: str) -> None:
    assert amends("subscribers", "find", "--value", NUMBER).out.strip() == second
    day = f"{BEFORE:%Y-%m-%d}"
    assert amends("subscribers", "find", "--value", NUMBER, "--on", day).out.strip() == first
    assert amends("subscribers", "find", "--value", NUMBER, "--on", "spring").code == 2
    known = subscriber(first)
    assert known is not None
    assert known.has_left
