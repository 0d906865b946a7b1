"""A person erased is gone from every app, and the ledger verifies as before."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import trails
from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.forget import complaints_about
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.queries import complaint
from amends.causes.notices.models import Preference
from amends.channels.queries import messages_with
from amends.operations.actions.erasure import UnableToErasePerson, erase_person
from amends.operations.actions.subject_access_export import export_person
from amends.operations.backups.status import BackupStatus, write_status
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries import actor_called, looks_at
from amends.people.access.refusals import UnableToAccess
from amends.people.subscribers.actions.hold import place_hold, release_holds
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.queries import identify
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import Period
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.queries import facts_about
from at_rest import (
    database_bytes,
    everything_that_opens,
    files_at_rest,
    found_in,
    planted,
    signs_of,
)
from shell import amends
from tests.clock import MORNING, begin_at

pytestmark = pytest.mark.django_db(transaction=True)
NOW = MORNING
EVER = Period(datetime(1970, 1, 1, tzinfo=UTC))
ALICE, BOB = planted(2, seed=7)
# What is readable after masking: these words say nothing about a person, and go all the same.
PHRASE = "灯塔下的月亮很圆"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@pytest.fixture
def officer(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    return actor_called("wei")


def everywhere(person: NewSubscriber, tmp_path: Path) -> str:
    """The person complains on every channel; the pseudonym."""
    pseudonym = register(person, now=NOW - timedelta(days=300))
    sent, begun = Client(), Client()
    trails.web_form(sent, person)
    trails.web_form(begun, person, send=False)
    trails.api(Client(), [person], now=NOW)
    trails.mail(person, now=NOW)
    trails.call(person, now=NOW)
    trails.imported([person], tmp_path, rejects=tmp_path / "rejects.csv", now=NOW)
    trails.dispatched(now=NOW)
    return pseudonym


def decided(person: NewSubscriber, pseudonym: str) -> str:
    """A complaint of theirs that is answered by a person who types names and numbers."""
    said = Submission(
        channel="app",
        key=f"decided-{person.phone}",
        text=f"{PHRASE}。{trails.words_of(person)}",
        received_at=NOW,
        phone=person.phone,
        identity="operator_login",
    )
    receipt = receive(said, now=NOW)
    attach(receipt.contact, [NewFile("证件.txt", trails.words_of(person).encode())], now=NOW)
    while pipeline.process(now=NOW).did_something:
        pass
    handler = Actor("user", "usr-handler", ("senior_handler",))
    overrule(
        receipt.complaint,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        actor=handler,
        now=NOW,
        reason=f"{PHRASE}：{person.phone}已有记录，地址{person.address}",
        customer_text=f"{PHRASE}：{person.phone}已有记录，地址{person.address}",
    )
    settle(
        receipt.complaint,
        actor=handler,
        now=NOW,
        subject=f"致{person.name}{person.phone}",
        body=f"{PHRASE}。{trails.words_of(person)}",
    )
    return receipt.complaint


def test_nothing_of_an_erased_person_is_readable_and_the_ledger_verifies(
    officer: Actor, tmp_path: Path
) -> None:
    alice, bob = everywhere(ALICE, tmp_path), register(BOB, now=NOW)
    ref = decided(ALICE, alice)
    bobs = decided(BOB, bob)
    sequence(now=NOW + timedelta(seconds=10), holder="test")
    issue = open_issue(["code=all"], started_at=NOW, now=NOW, actor=system("scan"))
    join(issue.id, [ref, bobs], because="same class", actor=system("scan"), now=NOW)
    opened = [text.encode() for _, text in everything_that_opens()]
    assert found_in(b"\n".join(opened), signs_of([ALICE])) != [], "the search finds what is there"
    assert PHRASE.encode() in database_bytes()

    done = erase_person(alice, officer, NOW, request="letter-1", withdraw_open=True)

    assert done.complaints >= 1
    assert done.messages >= 4
    assert done.drafts == 2
    for place, text in everything_that_opens():
        assert found_in(text.encode(), signs_of([ALICE])) == [], place
    for path, content in files_at_rest():
        assert found_in(content, signs_of([ALICE])) == [], path
    content = database_bytes()
    assert found_in(content, signs_of([ALICE])) == []
    assert identify(phone=ALICE.phone) is None
    assert messages_with([(ALICE.phone, EVER), (ALICE.email, EVER)]) == []
    gone = complaint(ref)
    assert gone is not None
    assert gone.row.verdict == "not_upheld", "what happened stays"
    assert (gone.row.first_words, gone.row.person_shown, gone.contacts[0].text) == ("", "", "")
    assert not any(reply.body for reply in gone.replies)
    assert PHRASE not in json.dumps([one.decision for one in gone.decisions], ensure_ascii=False)
    persons = dict(issue.memberships.values_list("complaint", "person"))
    assert persons[ref] == "", "the complaint stays in the issue, whose it is does not"
    assert persons[bobs] != ""
    sequence(now=NOW + timedelta(seconds=20), holder="test")
    report = verify(deep=True)
    assert report.ok, report.findings
    assert len(facts_about(alice)) > 3

    kept = complaint(bobs)
    assert kept is not None
    assert kept.contacts[0].text.startswith(PHRASE), "nobody else loses a word"
    assert identify(phone=BOB.phone) is not None


def test_the_words_are_overwritten_where_they_lay(officer: Actor, tmp_path: Path) -> None:
    """Even masked words of an erased person are found nowhere in the bytes of the database."""
    alice = register(ALICE, now=NOW)
    decided(ALICE, alice)
    erase_person(alice, officer, NOW)
    assert PHRASE.encode() not in database_bytes()


def test_erasing_twice_is_the_same_as_once(officer: Actor, tmp_path: Path) -> None:
    alice = register(ALICE, now=NOW)
    ref = decided(ALICE, alice)
    erase_person(alice, officer, NOW)
    erase_person(alice, officer, NOW)
    found = complaint(ref)
    assert found is not None
    assert [event.verb for event in found.events].count("forgotten") == 1


def test_a_hold_and_an_open_complaint_refuse_with_their_reason(
    officer: Actor, tmp_path: Path
) -> None:
    alice = everywhere(ALICE, tmp_path)
    place_hold(alice, reason="申诉尚未办结", by="wei", now=NOW)
    with pytest.raises(UnableToErasePerson, match="申诉尚未办结"):
        erase_person(alice, officer, NOW, withdraw_open=True)
    release_holds(alice, by="wei", now=NOW)
    with pytest.raises(UnableToErasePerson) as refused:
        erase_person(alice, officer, NOW)
    assert refused.value.next_step
    assert looks_at(alice) == [], "nobody looked at anything for a refusal"
    assert identify(phone=ALICE.phone) is not None
    assert any(text == ALICE.phone for _, text in everything_that_opens())


def test_a_complaint_by_a_number_nobody_was_known_by_is_found(officer: Actor) -> None:
    """They wrote before the operator knew them: the contact they gave leads to the complaint."""
    early = Submission(
        channel="web", key="early", text=f"{PHRASE}，多扣了我钱", received_at=NOW, phone=ALICE.phone
    )
    ref = receive(early, now=NOW).complaint
    alice = register(ALICE, now=NOW)
    assert complaints_about(alice) == []
    assert complaints_about(alice, addresses=[(ALICE.phone, EVER)]) == [ref]
    erase_person(alice, officer, NOW, withdraw_open=True)
    assert PHRASE.encode() not in database_bytes()


@pytest.mark.parametrize("role", ["handler", "senior_handler", "manager", "administrator"])
def test_nobody_else_may(role: str) -> None:
    alice = register(ALICE, now=NOW)
    other = Actor("user", "usr-x", (role,))
    with pytest.raises(UnableToAccess):
        erase_person(alice, other, NOW)
    with pytest.raises(UnableToAccess):
        export_person(alice, other, NOW, reason="用户来函要求查阅")
    assert identify(phone=ALICE.phone) is not None


def test_an_export_holds_everything_and_is_a_look(officer: Actor, tmp_path: Path) -> None:
    alice = everywhere(ALICE, tmp_path)
    decided(ALICE, alice)
    for whose, channel in ((alice, "sms"), (register(BOB, now=NOW), "mail")):
        Preference.objects.create(
            subscriber=whose, duty="*", channel=channel, chosen_at_ms=0, chosen_on="web"
        )
    later = timezone.now() + timedelta(hours=1)  # what came by the API goes by the clock
    document = export_person(alice, officer, later, reason="用户来函要求查阅", request="letter-2")
    assert document["person"]["id_card"] == ALICE.id_card
    text = json.dumps(document, ensure_ascii=False, default=str)
    assert trails.words_of(ALICE) in text, "their own words, in full"
    assert document["complaints"]
    assert document["messages"]
    assert [row["channel"] for row in document["notices_preference"]] == ["sms"], "theirs alone"
    assert "code_print" not in text
    kinds = {fact["kind"] for fact in document["facts"]}
    assert {"ComplaintReceived", "DecisionMade", "ReplySent"} <= kinds
    looks = looks_at(alice)
    assert any(look.unmasked and look.reason == "用户来函要求查阅" for look in looks)
    assert any(look.user == "export" for look in looks)


def test_words_of_who_never_showed_who_they_are_leave_masked(officer: Actor) -> None:
    """Anybody may have typed this number; what they told about themselves is not the owner's."""
    alice = register(ALICE, now=NOW)
    stranger = Submission(
        channel="web",
        key="s",
        text=trails.words_of(BOB),
        received_at=NOW,
        email=BOB.email,
        subscriber=alice,
    )
    receive(stranger, now=NOW)
    document = export_person(alice, officer, NOW, reason="用户来函要求查阅")
    text = json.dumps(document, ensure_ascii=False, default=str)
    assert len(document["complaints"]) == 1
    assert found_in(text.encode(), signs_of([BOB])) == []


def test_from_the_shell(officer: Actor, tmp_path: Path) -> None:
    """Find by a value that is asked for, export, hold, release, erase: exit codes and files."""
    people, pairs = tmp_path / "people.csv", tmp_path / "pairs.csv"
    people.write_text(f"客户编号,姓名,手机号\n1,{ALICE.name},{ALICE.phone}\n", encoding="utf-8")
    done = amends("import", "subscribers", people, "--out", pairs)
    assert done.code == 0, done.err
    pseudonym = pairs.read_text().splitlines()[1].partition(",")[2]
    assert amends("subscribers", "find", "--value", ALICE.phone).out.strip() == pseudonym

    out = tmp_path / "person.json"
    export = ("subscribers", "export", pseudonym, "--out", out, "--by", "wei")
    assert amends(*export, "--reason", "?").code == 2, "a reason that says nothing"
    exported = amends(*export, "--reason", "用户来函要求查阅")
    assert exported.code == 0, exported.err
    assert json.loads(out.read_text())["person"]["phone"] == ALICE.phone
    assert out.stat().st_mode & 0o777 == 0o600
    assert ALICE.phone not in exported.out + exported.err
    assert amends(*export, "--reason", "用户来函要求查阅").code == 2, "the file is there already"

    held = amends("subscribers", "hold", pseudonym, "--by", "wei", "--reason", "法院要求保留")
    assert held.code == 0, held.err
    refused = amends("subscribers", "erase", pseudonym, "--by", "wei")
    assert refused.code == 1
    assert "法院要求保留" in refused.err
    assert amends("subscribers", "release", pseudonym, "--by", "wei").code == 0
    erased = amends("subscribers", "erase", pseudonym, "--by", "wei", "--json")
    assert erased.document["complaints"] == 0
    assert erased.document["backup_holds_until"] is None
    assert amends("subscribers", "find", "--value", ALICE.phone).code == 1
    assert amends("subscribers", "erase", "sub-nobody", "--by", "wei").code == 2
    assert amends("subscribers", "erase", pseudonym, "--by", "nobody").code == 2
    assert amends("ledger", "verify", "--deep").code == 0


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (None, "No continuous backup is known here."),
        (
            BackupStatus(began_at=NOW, days=14),
            "until {day} at the latest, while `amends backup --keep` runs.",
        ),
    ],
    ids=["none", "kept"],
)
def test_an_erasure_says_until_when_the_backup_holds_it(
    officer: Actor,
    settings: Any,
    tmp_path: Path,
    kept: BackupStatus | None,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    if kept:
        write_status(kept)
    pseudonym = register(ALICE, now=NOW)
    done = amends("subscribers", "erase", pseudonym, "--by", "wei")
    assert done.code == 0, done.err
    day = timezone.localdate(NOW + timedelta(days=16))
    assert words.replace("{day}", day.isoformat()) in done.out
    assert "Archives (`amends backup FILE`) hold it until you delete them." in done.out
    assert words.replace("{day}", day.isoformat()) in amends("retention", "--do").out
