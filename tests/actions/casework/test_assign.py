"""Assignment: to people who can work on it, to teams, and back to the queue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pytest
from tests.actions.casework.conftest import Staff
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import complain

from amends.cases.complaints.actions.assign import hand_back, take
from amends.cases.complaints.models import Complaint, Event
from amends.cases.complaints.queries import inbox
from amends.people.access.models import User
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.assign import (
    UnableToAssignCase,
    assign_to_person,
    assign_to_team,
    return_to_queue,
)
from amends.work.casework.actions.watch import unwatch, watch
from amends.work.casework.apps import CaseworkConfig
from amends.work.casework.models import Absence, Assignment, CaseActivity, Team
from amends.work.casework.queries.kinds import CaseKind, CaseSummary
from amends.work.casework.queries.work import notifications, owner, watchers
from amends.work.casework.refusals import UnableToFindCase
from amends.work.casework.texts.timeline import timeline


class AppealKind(CaseKind):
    """A kind of case that is no complaint, with two appeals."""

    name = "appeal"
    title = "appeal"

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        return {
            key: CaseSummary(
                "appeal", key, key, "An appeal", f"/appeals/{key}/", "", "", "zh", "", True, NOW
            )
            for key in keys
            if key in {"a-1", "a-2"}
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        return set(self.summaries(keys)) if actor.roles else set()

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        return self.visible(keys, actor)


def verbs(ref: str) -> list[str]:
    return list(Event.objects.filter(complaint=ref).values_list("verb", flat=True))


def test_a_complaint_goes_to_a_colleague_who_is_notified(
    staff: Staff, complaint: Complaint
) -> None:
    changed = assign_to_person("complaint", [complaint.id], staff.wang.ref, actor=staff.li, now=NOW)
    assert changed == [complaint.id]
    complaint.refresh_from_db()
    assert complaint.handler == staff.wang.ref
    assert owner("complaint", complaint.id).person == staff.wang.ref
    assert [entry.what for entry in notifications(staff.wang)] == ["assigned"]
    assert verbs(complaint.id)[-1] == "assigned"
    again = assign_to_person("complaint", [complaint.id], staff.wang.ref, actor=staff.li, now=NOW)
    assert again == []


def test_taking_over_and_handing_back_keep_their_events(staff: Staff, complaint: Complaint) -> None:
    (taken,) = take([complaint.id], actor=staff.li, now=NOW)
    assert taken.handler == staff.li.ref
    (back,) = hand_back([complaint.id], actor=staff.li, now=NOW)
    assert back.handler == ""
    assert verbs(complaint.id)[-2:] == ["taken", "handed_back"]


def test_a_team_has_a_queue_and_keeps_what_a_member_takes(
    staff: Staff, complaint: Complaint
) -> None:
    Team.objects.create(slug="billing", title="资费组", lead=staff.lead.ref)
    assign_to_team("complaint", [complaint.id], "billing", actor=staff.li, now=NOW)
    assert [entry.what for entry in notifications(staff.lead)] == ["team_assigned"]
    wanted = inbox.InboxFilter(view="open", team="billing", owner="nobody")
    assert [row["id"] for row in inbox.page(wanted, now=NOW).rows] == [complaint.id]
    take([complaint.id], actor=staff.wang, now=NOW)
    assert owner("complaint", complaint.id).team == "billing"
    assert inbox.page(wanted, now=NOW).rows == []
    return_to_queue("complaint", [complaint.id], actor=staff.wang, now=NOW)
    assert (owner("complaint", complaint.id).person, owner("complaint", complaint.id).team) == (
        "",
        "billing",
    )


def test_nobody_is_assigned_who_cannot_work_on_it(staff: Staff, complaint: Complaint) -> None:
    for person in (staff.officer.ref, "usr-unknown"):
        with pytest.raises(UnableToAssignCase):
            assign_to_person("complaint", [complaint.id], person, actor=staff.li, now=NOW)
    User.objects.filter(ref=staff.wang.ref).update(is_active=False)
    with pytest.raises(UnableToAssignCase):
        assign_to_person("complaint", [complaint.id], staff.wang.ref, actor=staff.li, now=NOW)
    assert not Assignment.objects.exists()


def test_somebody_who_is_away_is_not_assigned(staff: Staff, complaint: Complaint) -> None:
    day = date(2026, 11, 24)
    Absence.objects.create(
        person=staff.wang.ref, first_day=day, last_day=day, set_by=staff.wang.ref, set_at=NOW
    )
    with pytest.raises(UnableToAssignCase, match="2026-11-24"):
        assign_to_person("complaint", [complaint.id], staff.wang.ref, actor=staff.li, now=NOW)


def test_a_team_of_another_brand_does_not_get_it(staff: Staff, complaint: Complaint) -> None:
    Team.objects.create(slug="other", title="Other", brand="other")
    with pytest.raises(UnableToAssignCase):
        assign_to_team("complaint", [complaint.id], "other", actor=staff.li, now=NOW)


def test_one_case_out_of_reach_assigns_none(staff: Staff, complaint: Complaint) -> None:
    with pytest.raises(UnableToFindCase):
        assign_to_person(
            "complaint", [complaint.id, "nothing"], staff.li.ref, actor=staff.li, now=NOW
        )
    assert not Assignment.objects.exists()


def test_watchers_learn_of_it_and_of_what_the_customer_writes(
    staff: Staff, complaint: Complaint
) -> None:
    assert watch("complaint", complaint.id, actor=staff.lead, now=NOW)
    assert not watch("complaint", complaint.id, actor=staff.lead, now=NOW)
    assert list(watchers("complaint", complaint.id)) == [staff.lead.ref]
    take([complaint.id], actor=staff.li, now=NOW)
    complain("k2")
    assert {entry.what for entry in notifications(staff.lead)} == {"reassigned", "customer_wrote"}
    assert {entry.what for entry in notifications(staff.li)} == {"customer_wrote"}
    assert unwatch("complaint", complaint.id, actor=staff.lead, now=NOW)


def test_any_kind_of_case_can_be_assigned(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "tests.actions.casework.test_assign.AppealKind"
    monkeypatch.setattr(CaseworkConfig, "case_kinds", (path,))
    assign_to_person("appeal", ["a-1"], staff.wang.ref, reason="熟悉", actor=staff.li, now=NOW)
    assert CaseActivity.objects.get().verb == "assigned"
    (entry,) = timeline("appeal", "a-1")
    assert "wang.wei" in entry.words
    assert entry.reason == "熟悉"
    with pytest.raises(UnableToFindCase):
        assign_to_person("appeal", ["a-3"], staff.wang.ref, actor=staff.li, now=NOW)
