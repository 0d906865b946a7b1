"""`amends hotissues emergency` and what a leader does from the shell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd, complain, victim
from tests.pages.conftest import colleague
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint
from amends.platform.cli.codes import UnableToKnowCode
from amends.problems.emergencies.actions.declare import known_scope
from amends.problems.hotissues.models import BesideAlarm, HotIssue
from amends.problems.hotissues.queries import members
from amends.problems.hotissues.queries.issue_summary import DECLARED, hit
from amends.record.catalogue.queries import is_frozen
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

BY = ("--by", "mei.lin")


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout)


@pytest.fixture
def number(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    colleague("mei.lin", "manager")
    HotIssue.objects.filter(id=crowd.issue).update(persons=150)
    return str(HotIssue.objects.get(id=crowd.issue).number)


def test_an_emergency_is_led_from_the_shell(number: str) -> None:
    assert run("emergency", number)["reaches"] == "level3"
    declared = run(
        "declare", number, "--level", "level4", "--because", "few", "--offer", "offer-ring", *BY
    )
    assert (declared["level"], declared["reaches"], declared["hit"]) == ("level4", "level3", 152)
    shown = hit(HotIssue.objects.get(number=number), now=timezone.now())
    assert (shown.hit, shown.by) == (152, DECLARED), "its page tells the same number"
    because = ("--because", "it grew")
    raised = run("level", number, "level3", *because, *BY)
    assert (raised["level"], raised["reaches"]) == ("level3", "")
    assert {one["stand"] for one in raised["steps"]} >= {"done", "due"}
    frozen = run("freeze", number, "offer", "offer-ring", *because, *BY)
    assert frozen["frozen"] == [{"kind": "offer", "ref": "offer-ring"}]
    run("freeze", number, "offer", "offer-ring", "--lift", *because, *BY)
    assert not is_frozen("offer", "offer-ring")
    assert "Some complaints are not answered yet" in raised["missing"]
    refused = CliRunner().invoke(app, ["close", number, *because, *BY])
    assert refused.exit_code != 0
    said = CliRunner().invoke(app, ["emergency", number])
    assert "2026-11-24 11:00" in said.stdout or "2026-11-24 12:00" in said.stdout, said.stdout


@pytest.mark.parametrize("option", ["--offer", "--area"])
def test_who_is_hit_is_not_told_by_a_code_nobody_knows(
    number: str, crowd: Crowd, option: str
) -> None:
    """Before, an emergency was declared that hit nobody."""
    asked = ["declare", number, "--level", "level4", "--because", "few", option, "nonsense", *BY]
    with pytest.raises(UnableToKnowCode) as refused:
        CliRunner().invoke(app, asked, catch_exceptions=False)
    assert refused.value.where == option
    assert "nonsense" in str(refused.value)
    assert run("emergency", number)["level"] == ""


def test_without_a_scope_those_are_hit_whom_the_page_says(number: str, crowd: Crowd) -> None:
    """Before, the list said which level an issue reaches and `declare` that it reaches none."""
    HotIssue.objects.filter(id=crowd.issue).update(persons=49)
    issue = HotIssue.objects.get(id=crowd.issue)
    issue.causes.create(
        kind="campaign",
        reference="ring",
        fit=0.9,
        rank=1,
        numbers={"silent": 2},
        facts=[],
        from_at=NOW,
    )
    assert known_scope(issue).causes == ("campaign:ring",)
    issue.causes.all().delete()
    issue.cells.all().delete()
    issue.cells.create(place="product=offer-ring", main=True, added_at=NOW)
    reached = run("emergency", number)["reaches"]
    declared = run("declare", number, *BY)
    assert (declared["level"], declared["hit"]) == (reached, 51)


def test_an_issue_that_is_closed_is_asked_about_before_a_complaint_joins_it(
    number: str, crowd: Crowd
) -> None:
    because = ("--because", "the same cable")
    run("close", number, *because, *BY)
    victim(9)
    ref = complain(9)
    late = Complaint.objects.get(id=ref).code_public
    asked = CliRunner().invoke(app, ["join", number, late, *because, *BY])
    assert asked.exit_code != 0
    assert "--although-closed" in str(asked.exception.next_step)
    assert ref not in {one.complaint for one in members(crowd.issue)}
    done = run("join", number, late, "--although-closed", *because, *BY)
    assert done["joined"] == [late]


def test_one_without_an_emergency_is_closed_and_opened_again(number: str) -> None:
    because = ("--because", "the cable is mended")
    assert run("close", number, *because, *BY)["state"] == "closed"
    assert run("reopen", number, *because, *BY)["state"] == "open"


def test_only_who_leads_leads_and_only_what_is_there(number: str) -> None:
    colleague("bo.wei", "handler")
    for words in (
        ("declare", number, "--level", "level4", "--because", "x", "--by", "bo.wei"),
        ("close", number, "--because", "x", "--by", "bo.wei"),
        ("close", "999", "--because", "x", *BY),
        ("declare", number, "--kind", "bling", *BY),
    ):
        assert CliRunner().invoke(app, [*words]).exit_code != 0, words
    assert HotIssue.objects.get(number=int(number)).state == "open"


def test_the_list_says_what_is_reached_what_is_loud_and_what_is_expected_false(
    number: str,
) -> None:
    BesideAlarm.objects.create(
        kind="post",
        place="code=network",
        day=NOW.date(),
        since=NOW.date(),
        persons=13,
        expected=0.8,
        evidence=9.0,
        raised_at=NOW,
    )
    document = run("list")
    assert [one["reaches"] for one in document["issues"]] == ["level3"]
    assert [(one["series"], one["voices"]) for one in document["beside"]] == [("post", 13)]
    assert document["accepted_a_week"] >= document["false_a_week"] > 0
    said = CliRunner().invoke(app, ["list"]).stdout
    assert "reaches" in said
    assert "13 voices about" in said
