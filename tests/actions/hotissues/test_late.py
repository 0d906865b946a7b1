"""Complaints that fit an issue a person has closed: asked about, never joined or opened silently."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.actions.hotissues.test_scan_words import NEW, say, usual
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.answer_late import UnableToAnswerLate, answer_late
from amends.problems.hotissues.actions.authority import UnableToLead
from amends.problems.hotissues.actions.open_issue import close_issue
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_words import scan_words
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries import issues, members
from amends.problems.hotissues.queries.late_complaints import asked
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)


@pytest.fixture
def manager() -> Actor:
    return hire("manager")


@pytest.fixture
def closed(manager: Actor) -> HotIssue:
    """An issue a person closed three days ago, and a dozen that came in its place since."""
    return closed_since(manager, [-3] * 12)


def closed_since(manager: Actor, days: list[int]) -> HotIssue:
    """A closed issue, with complaints in its place so many days before its day, scanned later."""
    ordinary(21)
    write([0] * 20, "network.outage", area="south")
    (ref,) = scan_desk(now=NOW).issues
    found = close_issue(ref, because="光缆已修复", actor=manager, now=NOW + timedelta(minutes=1))
    write(days, "network.outage", area="south")
    assert scan_desk(now=LATER).issues == []
    return found


def test_it_is_asked_once_and_nothing_is_opened_or_joined(closed: HotIssue) -> None:
    assert issues(state="open") == []
    assert len(members(closed.id)) == 20
    (late,) = asked(now=LATER)
    assert (late.issue.id, len(late.complaints), late.persons) == (closed.id, 12, 12)
    scan_desk(now=LATER + timedelta(hours=1))
    assert closed.happenings.filter(verb="asks").count() == 1
    assert issues(state="open") == []


def test_the_same_opens_it_again_with_what_came(closed: HotIssue, manager: Actor) -> None:
    held = answer_late(closed.id, "reopen", because="same cable", actor=manager, now=LATER)
    assert (held.id, held.state, held.complaints) == (closed.id, "open", 32)
    assert asked(now=LATER) == []
    said = closed.happenings.get(verb="late_reopened")
    assert (said.actor, said.reason, said.details["complaints"]) == (
        manager.ref,
        "same cable",
        12,
    )


def test_a_new_one_holds_them_and_the_scan_goes_on_with_it(
    closed: HotIssue, manager: Actor
) -> None:
    held = answer_late(closed.id, "new", because="another cable", actor=manager, now=LATER)
    assert (held.id != closed.id, held.state, held.complaints) == (True, "open", 12)
    assert HotIssue.objects.get(id=closed.id).state == "closed"
    assert closed.happenings.get(verb="late_new").details["number"] == held.number
    write([-4] * 9, "network.outage", area="south")
    assert scan_desk(now=LATER + timedelta(days=1)).issues == [held.id]
    assert len(members(held.id)) == 21
    assert asked(now=LATER + timedelta(days=1)) == []


def test_left_alone_they_are_not_asked_about_again_but_later_ones_are(
    closed: HotIssue, manager: Actor
) -> None:
    answer_late(closed.id, "leave", because="a known test", actor=manager, now=LATER)
    scan_desk(now=LATER + timedelta(hours=1))
    assert asked(now=LATER + timedelta(hours=1)) == []
    assert issues(state="open") == []
    with pytest.raises(UnableToAnswerLate):
        answer_late(closed.id, "reopen", because="too late", actor=manager, now=LATER)
    write([-4] * 9, "network.outage", area="south")
    scan_desk(now=LATER + timedelta(days=1))
    assert [len(one.complaints) for one in asked(now=LATER + timedelta(days=1))] == [9]


@pytest.fixture
def worded(manager: Actor) -> HotIssue:
    """An issue no class has a name for, closed by a person, whose phrase six more say since."""
    usual(1)
    for at in range(12):
        say([NEW[at % 5]], [at % 2], ("network.speed", "service.attitude", "other.unclear")[at % 3])
    (ref,) = scan_words(now=NOW).opened
    found = close_issue(ref, because="套餐已下架", actor=manager, now=NOW + timedelta(minutes=1))
    for at in range(6):
        say([NEW[at % 5]], [-2], ("network.speed", "service.attitude", "other.unclear")[at % 3])
    return found


def test_what_says_the_phrase_of_a_closed_issue_is_asked_about(
    worded: HotIssue, manager: Actor
) -> None:
    found = scan_words(now=LATER)
    assert (found.opened, issues(state="open")) == ([], [])
    (late,) = asked(now=LATER)
    assert (late.issue.id, late.persons, late.place) == (worded.id, 6, f"words={worded.words[0]}")
    say([NEW[0]], [-3], "service.attitude")
    scan_words(now=LATER + timedelta(hours=1))
    (late,) = asked(now=LATER + timedelta(hours=1))
    assert (late.persons, worded.happenings.filter(verb="asks").count()) == (7, 1)
    held = answer_late(
        worded.id, "reopen", because="still sold", actor=manager, now=LATER + timedelta(hours=2)
    )
    assert (held.id, held.state, held.complaints) == (worded.id, "open", 19)


def test_a_new_issue_of_the_phrase_is_joined_by_who_says_it(
    worded: HotIssue, manager: Actor
) -> None:
    scan_words(now=LATER)
    held = answer_late(worded.id, "new", because="sold again", actor=manager, now=LATER)
    assert (held.id != worded.id, held.complaints, held.words) == (True, 6, worded.words)
    say([NEW[1]], [-3], "network.speed")
    scan_words(now=LATER + timedelta(hours=1))
    assert len(members(held.id)) == 7
    assert asked(now=LATER + timedelta(hours=1)) == []


def test_words_in_the_place_of_a_closed_issue_are_asked_about(
    closed: HotIssue, manager: Actor
) -> None:
    """What was found by counting and comes again is no new issue because words find it first."""
    answer_late(closed.id, "leave", because="a test", actor=manager, now=LATER)
    usual(3)
    say(["光缆又被挖断了，全家上不了网"] * 8, [-4] * 8, "network.outage", area="south")
    found = scan_words(now=LATER + timedelta(days=1, hours=1))
    assert found.opened == []
    assert [len(one.complaints) for one in asked(now=LATER + timedelta(days=1, hours=1))] == [8]


def test_only_who_leads_answers_and_only_with_a_reason(closed: HotIssue, manager: Actor) -> None:
    with pytest.raises(UnableToLead):
        answer_late(closed.id, "leave", because="x y z", actor=hire("handler"), now=LATER)
    for answer, because in (("leave", " "), ("perhaps", "because")):
        with pytest.raises(UnableToAnswerLate):
            answer_late(closed.id, answer, because=because, actor=manager, now=LATER)
    assert asked(now=LATER)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "12 complaints since the close fit: reopen, new issue, or leave?"),
        ("zh-hans", "关闭之后又有12件投诉符合"),
    ],
)
def test_board_and_issue_ask_and_take_the_answer(
    closed: HotIssue, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    client = signed_in(colleague("wang", "manager"), language)
    for address in ("/desk/hotissues/", f"/desk/hotissues/{closed.id}/"):
        assert words in client.get(address).content.decode()
    answer = client.post(
        f"/desk/hotissues/{closed.id}/act/late/", {"answer": "reopen", "reason": "same cable"}
    )
    assert answer.status_code == 302
    page = client.get(f"/desk/hotissues/{closed.id}/").content.decode()
    assert words not in page
    assert ("Answered: part of this issue" in page) is (language == "en")


def test_the_command_lists_the_question_and_answers_it(
    closed: HotIssue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)["asked"]
    assert [(one["number"], one["complaints"]) for one in listed] == [(closed.number, 12)]
    assert "12 complaints since fit" in " ".join(CliRunner().invoke(app, ["list"]).stdout.split())
    done = CliRunner().invoke(
        app,
        [
            "answer",
            str(closed.number),
            "reopen",
            "--because",
            "same cable",
            "--by",
            "manager-x",
            "--json",
        ],
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["held_by"] == closed.number
