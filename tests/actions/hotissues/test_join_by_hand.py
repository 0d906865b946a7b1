"""Complaints joined to an issue by hand, and taken out: all that were named, or none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd, complain, hire
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import system
from amends.problems.emergencies.actions.start_drill import start_drill
from amends.problems.hotissues.actions.authority import UnableToLead
from amends.problems.hotissues.actions.join import join_if_open
from amends.problems.hotissues.actions.join_by_hand import (
    UnableToJoinByHand,
    join_by_hand,
    leave_by_hand,
)
from amends.problems.hotissues.actions.merge import merge_into
from amends.problems.hotissues.actions.open_issue import (
    UnableToClose,
    close_issue,
    open_issue,
    reopen_issue,
)
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries import members
from amends.site.cli.app import commands, loaded

pytestmark = pytest.mark.postgres_too

app = loaded("hotissues", commands())


def code_of(complaint: str) -> str:
    return Complaint.objects.get(id=complaint).code_public


def test_a_complaint_joins_an_open_issue_and_carries_its_mark(crowd: Crowd) -> None:
    ref = complain(4)
    code = code_of(ref).lower()
    joined = join_by_hand(crowd.issue, [code], because="same", actor=crowd.manager, now=NOW)
    assert joined == [ref]
    issue = HotIssue.objects.get(id=crowd.issue)
    assert issue.persons == 4
    assert Complaint.objects.get(id=ref).hot_issue == issue.number
    (said,) = [one for one in members(crowd.issue) if one.complaint == ref]
    assert (said.joined_by, said.join_reason) == (crowd.manager.ref, "same")
    assert join_by_hand(crowd.issue, [code], because="x", actor=crowd.manager, now=NOW) == []
    assert leave_by_hand(crowd.issue, [code], because="no", actor=crowd.manager, now=NOW) == [ref]
    assert Complaint.objects.get(id=ref).hot_issue is None


@pytest.mark.parametrize("wrong", ["unknown", "another brand", "enquiry", "nothing", "no reason"])
def test_one_that_cannot_join_keeps_all_of_them_out(crowd: Crowd, wrong: str) -> None:
    first, second = complain(4), complain(5)
    codes = [code_of(first), code_of(second)]
    because = "" if wrong == "no reason" else "same"
    actor = crowd.manager
    if wrong == "unknown":
        codes[1] = "ZZZZ-ZZZZ-ZZZZ"
    elif wrong == "another brand":
        Complaint.objects.filter(id=first).update(brand="plum")
        actor = hire("manager", brand="plum")
    elif wrong == "enquiry":
        Complaint.objects.filter(id=second).update(kind="enquiry")
    elif wrong == "nothing":
        codes = []
    with pytest.raises(UnableToJoinByHand) as refused:
        join_by_hand(crowd.issue, codes, because=because, actor=actor, now=NOW)
    if wrong in ("unknown", "another brand", "enquiry"):
        assert codes[1] in str(refused.value)
    assert len(members(crowd.issue)) == 3


def test_no_real_complaint_enters_a_drill(crowd: Crowd) -> None:
    drill = start_drill(title="drill", actor=crowd.manager, now=NOW)
    codes = [code_of(crowd.complaints[0])]
    with pytest.raises(UnableToJoinByHand):
        join_by_hand(drill.id, codes, because="x", actor=crowd.manager, now=NOW)


def test_only_who_leads_joins(crowd: Crowd) -> None:
    codes = [code_of(crowd.complaints[0])]
    for act in (join_by_hand, leave_by_hand):
        with pytest.raises(UnableToLead):
            act(crowd.issue, codes, because="x", actor=crowd.staff["senior_handler"], now=NOW)


def test_an_issue_that_goes_on_as_another_is_not_opened_again(crowd: Crowd) -> None:
    newer = open_issue(
        ["area=south"], started_at=NOW - timedelta(hours=1), now=NOW, actor=crowd.manager
    )
    merge_into(newer.id, crowd.issue, because="one cause", actor=crowd.manager, now=NOW)
    with pytest.raises(UnableToClose):
        reopen_issue(newer.id, because="again", actor=crowd.manager, now=NOW)


def test_the_page_and_the_command_do_it_too(crowd: Crowd) -> None:
    desk = signed_in(colleague("mei.lin", "manager"), "en")
    fourth, fifth = complain(4), complain(5)
    assert "Add complaints by hand" in desk.get(f"/desk/hotissues/{crowd.issue}/").content.decode()
    answer = desk.post(
        f"/desk/hotissues/{crowd.issue}/act/join/",
        {"complaints": code_of(fourth), "reason": "read by me"},
        follow=True,
    )
    assert "1 complaint joined" in answer.content.decode()
    number = str(HotIssue.objects.get(id=crowd.issue).number)
    by = ["--because", "the same charge", "--by", "mei.lin", "--json"]
    done = CliRunner().invoke(app, ["join", number, code_of(fifth), *by])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["joined"] == [code_of(fifth)]
    assert len(members(crowd.issue)) == 5
    done = CliRunner().invoke(app, ["leave", number, code_of(fifth), *by])
    assert json.loads(done.stdout)["left"] == [code_of(fifth)]
    assert len(members(crowd.issue)) == 4


def test_a_scan_that_meets_an_issue_closed_meanwhile_goes_on(crowd: Crowd) -> None:
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=NOW)
    ref = complain(4)
    scan = system("scan")
    assert join_if_open(crowd.issue, [ref], because="scan: x", actor=scan, now=NOW) == []
    assert len(members(crowd.issue)) == 3
