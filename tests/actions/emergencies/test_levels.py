"""A level that an issue reaches and nobody has given: noticed, told once, stated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd, hire

from amends.cases.complaints.models import Complaint
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.platform.kit.actors import system
from amends.problems.emergencies.actions.declare import Declaration, change_level, declare
from amends.problems.emergencies.actions.record_levels import note_levels
from amends.problems.emergencies.queries.affected import growth_of
from amends.problems.emergencies.queries.levels import reached
from amends.problems.hotissues.actions.open_issue import close_issue, open_issue, reopen_issue
from amends.problems.hotissues.models import HotIssue, Membership
from amends.record.ledger.queries import facts_on

SCAN = system("scan")


def grown(issue: str, persons: int) -> HotIssue:
    HotIssue.objects.filter(id=issue).update(persons=persons)
    return HotIssue.objects.get(id=issue)


def told(issue: str) -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(key__startswith=f"emergency:{issue}:reached:")
    return [open_letter(row.id) for row in rows.order_by("id")]


def test_nobody_waits_for_somebody_to_open_the_page(crowd: Crowd) -> None:
    grown(crowd.issue, 150)
    assert note_levels(now=NOW) == 1
    ((subject, body),) = told(crowd.issue)
    assert subject.startswith("Level 3 reached: hot issue")
    assert "150 persons are known to be affected" in body
    assert "Nobody has declared an emergency" in body
    assert body.endswith(f"/desk/hotissues/{crowd.issue}/emergency/")
    (stated,) = facts_on(crowd.issue, kinds=["EmergencyLevelReached"])
    assert (stated.payload["level"], stated.payload["persons"]) == ("level3", 150)
    assert HotIssue.objects.get(id=crowd.issue).level == ""
    # Who lets it be is not asked again; a graver level is told.
    assert note_levels(now=NOW + timedelta(minutes=1)) == 0
    grown(crowd.issue, 1200)
    assert note_levels(now=NOW + timedelta(minutes=2)) == 1
    assert len(told(crowd.issue)) == 2


def test_an_issue_without_a_title_is_told_by_its_place(crowd: Crowd) -> None:
    HotIssue.objects.filter(id=crowd.issue).update(title="")
    grown(crowd.issue, 150)
    note_levels(now=NOW)
    ((subject, _body),) = told(crowd.issue)
    assert "without" not in subject
    assert not subject.endswith(", ")


def test_what_was_declared_low_and_grows_is_told_as_well(crowd: Crowd) -> None:
    declare(crowd.issue, Declaration("thirdparty", "level4", "few"), actor=crowd.manager, now=NOW)
    assert note_levels(now=NOW) == 0
    found = reached(grown(crowd.issue, 150), now=NOW)
    assert found is not None
    assert (found.level.id, found.reasons) == ("level3", ("persons", "kind"))
    assert note_levels(now=NOW) == 1
    assert "is at a lower level" in told(crowd.issue)[0][1]
    change_level(crowd.issue, "level3", because="it grew", actor=crowd.manager, now=NOW)
    assert reached(HotIssue.objects.get(id=crowd.issue), now=NOW) is None


def test_it_is_told_again_after_it_was_opened_again(crowd: Crowd) -> None:
    grown(crowd.issue, 150)
    note_levels(now=NOW)
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=NOW)
    assert note_levels(now=NOW) == 0
    reopen_issue(crowd.issue, because="it came back", actor=crowd.manager, now=NOW)
    assert note_levels(now=NOW) == 1


def test_where_nobody_may_declare_it_says_so(db: None) -> None:
    issue = open_issue(["code=billing.wrong_amount"], started_at=NOW, now=NOW, actor=SCAN)
    grown(issue.id, 5000)
    assert note_levels(now=NOW) == 1
    assert issue.happenings.filter(verb="nobody_to_tell").count() == 1
    assert note_levels(now=NOW) == 0
    hire("manager", email="late@example.org")
    assert note_levels(now=NOW) == 1
    assert len(told(issue.id)) == 1
    assert len(facts_on(issue.id, kinds=["EmergencyLevelReached"])) == 1


def joined(crowd: Crowd, number: int, *, hours_ago: int, person: str = "") -> None:
    """So many complaints that came so long ago, of people of their own or all of one."""
    one = Complaint.objects.get(id=crowd.complaints[0])
    for at in range(number):
        ref = f"G-{hours_ago}-{person}-{at}"
        one.pk, one.code_public = ref, ref
        one.received_at = NOW - timedelta(hours=hours_ago)
        one.save(force_insert=True)
        Membership.objects.create(
            issue_id=crowd.issue,
            complaint=ref,
            person=person or ref,
            joined_at=NOW,
            joined_by="scan",
            joined_because="x",
        )


@pytest.mark.parametrize(
    ("before", "last", "growth"),
    [(0, 1, None), (0, 12, 3.0), (4, 12, 3.0), (10, 22, 2.5), (10, 0, 0.3)],
)
def test_what_began_today_has_grown(
    crowd: Crowd, before: int, last: int, growth: float | None
) -> None:
    # Three more came this hour.
    joined(crowd, before, hours_ago=30)
    joined(crowd, last, hours_ago=2)
    issue = HotIssue.objects.get(id=crowd.issue)
    assert growth_of(issue, NOW) == growth


def test_one_person_many_times_is_no_growth(crowd: Crowd) -> None:
    joined(crowd, 500, hours_ago=2, person="one")
    assert growth_of(HotIssue.objects.get(id=crowd.issue), NOW) is None


def test_whoever_was_told_of_the_lower_level_is_told_of_the_graver(crowd: Crowd) -> None:
    declare(crowd.issue, Declaration("thirdparty", "level3", "few"), actor=crowd.manager, now=NOW)
    later = NOW + timedelta(hours=1)
    change_level(crowd.issue, "level1", because="it spreads", actor=crowd.manager, now=later)
    raised = OutboxMessage.objects.filter(key__startswith=f"emergency:{crowd.issue}:raised:level1")
    subjects = [open_letter(row.id)[0] for row in raised]
    assert len(subjects) == 2
    assert all(one.startswith("Level 1: hot issue") for one in subjects)
    change_level(crowd.issue, "level4", because="it ended", actor=crowd.manager, now=later)
    assert OutboxMessage.objects.filter(key__contains=":raised:level4").count() == 0


@pytest.mark.parametrize(
    ("place", "level"), [("code=network.outage|area=south", "level3"), ("area=south", "")]
)
def test_a_place_hits_everybody_there_where_the_network_fails(
    db: None, place: str, level: str
) -> None:
    register_many([NewSubscriber(area="south")] * 120, now=NOW - timedelta(days=50))
    issue = open_issue([place], started_at=NOW, now=NOW, actor=SCAN)
    found = reached(issue, now=NOW)
    assert (found.level.id if found else "") == level
