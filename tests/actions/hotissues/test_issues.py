"""An issue is opened, joined, left, closed and opened again; each with who, when and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import Actor, system
from amends.problems.hotissues.actions.join import UnableToJoin, join, leave
from amends.problems.hotissues.actions.open_issue import (
    UnableToClose,
    UnableToOpenIssue,
    close_issue,
    open_issue,
    reopen_issue,
)
from amends.problems.hotissues.queries import every_issue_of, issue, issues, members
from amends.record.ledger.queries import facts_on

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIN = Actor("user", "lin", ("manager",))


def complaint(person: str = "", at: datetime = NOW) -> str:
    return Complaint.objects.create(
        channel="web",
        jurisdiction="cn",
        person=person,
        code="network.outage",
        classified_by="test",
        first_words="断网",
        received_at=at,
        recorded_at=at,
        state_since=at,
    ).id


def opened() -> str:
    return open_issue(
        ["code=network.outage", "area=north"],
        started_at=NOW - timedelta(days=1),
        now=NOW,
        actor=system("scan"),
    ).id


def test_opening_and_closing_are_facts(db: None) -> None:
    ref = opened()
    close_issue(ref, because="线路已修复", actor=LIN, now=NOW)
    reopen_issue(ref, because="又断了", actor=LIN, now=NOW)
    stated = [(fact.kind, fact.subscriber) for fact in facts_on(ref)]
    assert sorted(stated) == [
        ("HotIssueClosed", ""),
        ("HotIssueOpened", ""),
        ("HotIssueOpened", ""),
    ]
    found = issue("1")
    assert found is not None
    assert (found.state, found.reopened_count) == ("open", 1)
    assert [one.verb for one in found.happenings.order_by("id")] == ["opened", "closed", "reopened"]


def test_persons_count_once_and_those_without_a_name_each(db: None) -> None:
    ref = opened()
    refs = [complaint("p1"), complaint("p1"), complaint(), complaint()]
    join(ref, refs, because="same class and area", actor=system("scan"), now=NOW)
    found = issue(ref)
    assert found is not None
    assert (found.persons, found.complaints) == (3, 4)
    assert every_issue_of(refs)[refs[0]] == [ref]


def test_a_scan_does_not_bring_back_what_a_person_took_out(db: None) -> None:
    ref = opened()
    one = complaint("p1")
    join(ref, [one], because="same class", actor=system("scan"), now=NOW)
    assert leave(ref, [one], because="another matter", actor=LIN, now=NOW) == [one]
    assert join(ref, [one], because="same class", actor=system("scan"), now=NOW) == []
    assert members(ref) == []
    assert join(ref, [one], because="it is this after all", actor=LIN, now=NOW) == [one]
    assert [each.leave_reason for each in members(ref, left_too=True)] == ["another matter", ""]


def test_a_closed_issue_is_asked_about(db: None) -> None:
    ref = opened()
    close_issue(ref, because="线路已修复", actor=LIN, now=NOW)
    with pytest.raises(UnableToJoin):
        join(ref, [complaint("p2")], because="same class", actor=system("scan"), now=NOW)
    assert join(ref, [complaint("p3")], because="too", actor=LIN, now=NOW, allow_closed=True)


def test_what_makes_no_sense_is_refused(db: None) -> None:
    with pytest.raises(UnableToOpenIssue):
        open_issue([], started_at=NOW, now=NOW, actor=LIN)
    with pytest.raises(UnableToOpenIssue):
        open_issue([""], started_at=NOW + timedelta(hours=1), now=NOW, actor=LIN)
    ref = opened()
    with pytest.raises(UnableToClose):
        close_issue(ref, because=" ", actor=LIN, now=NOW)
    with pytest.raises(UnableToClose):
        reopen_issue(ref, because="x", actor=LIN, now=NOW)


def test_a_drill_stands_in_no_list_unless_asked_for(db: None) -> None:
    open_issue([""], started_at=NOW, now=NOW, actor=LIN, drill=True)
    assert issues() == []
    assert len(issues(drills=True)) == 1
