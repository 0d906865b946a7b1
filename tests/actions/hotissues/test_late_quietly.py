"""From the first complaint on: a closed issue is asked about quietly, and nothing reopens."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.actions.hotissues.test_late import LATER, closed_since
from tests.actions.hotissues.test_scan_words import NEW, say, usual
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.answer_late import UnableToAnswerLate, answer_late
from amends.problems.hotissues.actions.open_issue import close_issue
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_words import scan_words
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries import issues, members
from amends.problems.hotissues.queries.late_complaints import asked, asked_quietly
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Actor:
    return hire("manager")


@pytest.fixture
def closed(manager: Actor) -> HotIssue:
    """An issue a person closed three days ago, and one complaint in its place since."""
    return closed_since(manager, [-3])


def test_one_is_marked_and_nothing_is_opened_or_joined(closed: HotIssue) -> None:
    (late,) = asked_quietly(now=LATER)
    assert (late.issue.id, late.persons, late.quiet) == (closed.id, 1, True)
    assert asked(now=LATER) == []
    assert issues(state="open") == []
    assert len(members(closed.id)) == 20
    assert asked_quietly(now=LATER + timedelta(days=28)) == []


def test_it_is_answered_like_any_other(closed: HotIssue, manager: Actor) -> None:
    answer_late(closed.id, "leave", because="a known test", actor=manager, now=LATER)
    assert asked_quietly(now=LATER) == []
    with pytest.raises(UnableToAnswerLate):
        answer_late(closed.id, "leave", because="again", actor=manager, now=LATER)
    write([-4], "network.outage", area="south")
    after = LATER + timedelta(days=1)
    scan_desk(now=after)
    (late,) = asked_quietly(now=after)
    held = answer_late(closed.id, "reopen", because="same cable", actor=manager, now=after)
    assert (late.persons, held.id, held.state, held.complaints) == (1, closed.id, "open", 21)


@pytest.mark.parametrize(
    ("language", "mark", "words"),
    [
        ("en", "1 since the close fits", "no alarm was raised"),
        ("zh-hans", "关闭后又有1件符合", "未触发告警"),
    ],
)
def test_the_list_bears_a_mark_and_the_page_asks(
    closed: HotIssue, monkeypatch: pytest.MonkeyPatch, language: str, mark: str, words: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    client = signed_in(colleague("wang", "manager"), language)
    board = client.get("/desk/hotissues/").content.decode()
    assert "/desk/hotissues/surroundings/" in board
    closed_ones = client.get("/desk/hotissues/surroundings/").content.decode()
    assert mark in closed_ones
    assert words not in board + closed_ones
    assert words in client.get(f"/desk/hotissues/{closed.id}/").content.decode()
    (row,) = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)["asked"]
    assert (row["complaints"], row["quiet"]) == (1, True)


def test_one_who_says_the_phrase_is_asked_about_too(manager: Actor) -> None:
    usual(1)
    for at in range(12):
        say([NEW[at % 5]], [at % 2], ("network.speed", "service.attitude", "other.unclear")[at % 3])
    (ref,) = scan_words(now=NOW).opened
    close_issue(ref, because="gone", actor=manager, now=NOW + timedelta(minutes=1))
    say([NEW[0]], [-2], "service.attitude")
    scan_words(now=LATER)
    assert [(one.issue.id, one.persons) for one in asked_quietly(now=LATER)] == [(ref, 1)]
    assert asked(now=LATER) == []
    assert issues(state="open") == []
    say([NEW[at] for at in range(5)], [-3] * 5, "service.attitude")
    scan_words(now=LATER + timedelta(hours=1))
    (late,) = asked(now=LATER + timedelta(hours=1))
    assert (late.issue.id, late.persons, late.quiet) == (ref, 6, False)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "has taken this issue meanwhile"), ("zh-hans", "已在此期间接手这个问题")],
)
def test_who_takes_what_a_colleague_took_is_told_and_changes_nothing(
    db: None, language: str, words: str
) -> None:
    ordinary(21)
    write([0] * 20, "network.outage", area="south")
    (ref,) = scan_desk(now=NOW).issues
    page = f"/desk/hotissues/{ref}/"
    first = signed_in(colleague("wang", "manager"), language)
    second = signed_in(colleague("li", "manager"), language)
    assert 'name="seen" value=""' in second.get(page).content.decode()
    assert first.post(f"{page}act/take/", {"seen": ""}).status_code == 302
    owner = HotIssue.objects.get(id=ref).owner
    assert words in second.post(f"{page}act/take/", {"seen": ""}).content.decode()
    issue = HotIssue.objects.get(id=ref)
    assert (issue.owner, issue.happenings.filter(verb="owned").count()) == (owner, 1)
    assert f'name="seen" value="{owner}"' in second.get(page).content.decode()
    assert second.post(f"{page}act/take/", {"seen": owner}).status_code == 302
    assert HotIssue.objects.get(id=ref).owner != owner
