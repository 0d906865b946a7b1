"""Teams, assignment rules, absences, people who left, escalation and the workload."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.actions.casework.conftest import Staff, actor
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import colleague, complain

from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.jobs.assign_new import assign_new
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.workload import workload_by_owner
from amends.people.access.models import User
from amends.work.casework.actions.absences import UnableToSetAbsence, remove_absence, set_absence
from amends.work.casework.actions.assign import UnableToAssignCase, assign_to_person, assign_to_team
from amends.work.casework.actions.assign_by_rules import assign_by_rules
from amends.work.casework.actions.assignment_rules import UnableToSaveRule, save_rule
from amends.work.casework.actions.escalate import UnableToEscalate, escalate_case
from amends.work.casework.actions.return_work import return_work
from amends.work.casework.actions.teams import UnableToSaveTeam, remove_team, save_team
from amends.work.casework.actions.text_modules import (
    UnableToSaveTextModule,
    remove_text_module,
    save_text_module,
)
from amends.work.casework.models import Assignment, InternalNote, Team, TextModule
from amends.work.casework.queries.work import notifications, owner, watchers

DAY = date(2026, 11, 24)


@pytest.fixture
def manager(staff: Staff):  # type: ignore[no-untyped-def]
    return actor(colleague("zhou.hua", "manager"))


@pytest.fixture
def billing(staff: Staff, manager) -> Team:  # type: ignore[no-untyped-def]
    return save_team(
        "billing",
        title="资费组",
        members=[staff.li.ref, staff.wang.ref],
        lead=staff.lead.ref,
        actor=manager,
    )


def test_a_team_is_saved_with_its_people_and_changed(staff: Staff, manager, billing: Team) -> None:
    assert {one.person for one in billing.members.all()} == {
        staff.li.ref,
        staff.wang.ref,
        staff.lead.ref,
    }
    save_team("billing", title="账单组", members=[staff.li.ref], actor=manager)
    assert Team.objects.get().title == "账单组"
    assert Team.objects.get().members.count() == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"slug": "Bad Name!"},
        {"title": " "},
        {"members": ["usr-unknown"]},
        {"languages": ["fr"]},
        {"by": "li"},
    ],
)
def test_a_team_that_cannot_be_is_refused(staff: Staff, manager, terms: dict[str, object]) -> None:
    by = staff.li if terms.pop("by", "") else manager
    given = {"slug": "billing", "title": "资费组", "members": [staff.li.ref], **terms}
    with pytest.raises(UnableToSaveTeam):
        save_team(given.pop("slug"), actor=by, **given)
    assert not Team.objects.exists()


def test_a_team_that_ends_leaves_its_queue_to_everybody(
    staff: Staff, manager, billing: Team, complaint: Complaint
) -> None:
    assign_to_team("complaint", [complaint.id], "billing", actor=staff.li, now=NOW)
    assert remove_team("billing", actor=manager, now=NOW) == 1
    complaint.refresh_from_db()
    assert complaint.team == ""
    with pytest.raises(UnableToAssignCase):
        assign_to_team("complaint", [complaint.id], "billing", actor=staff.li, now=NOW)


def rule(manager, **terms: object) -> None:  # type: ignore[no-untyped-def]
    given = {"title": "资费", "team": "billing", "valid_from": DAY, **terms}
    save_rule(actor=manager, **given)


def test_new_complaints_go_to_the_team_of_the_first_rule(
    staff: Staff, manager, billing: Team, complaint: Complaint
) -> None:
    rude = Complaint.objects.get(id=complain("k9", "客服态度很差，电话里骂人。"))
    rule(manager, classes=["network"], position=1)
    rule(manager, classes=[rude.code.split(".")[0]], position=2)
    process(now=NOW)
    assert assign_new(now=NOW + timedelta(minutes=2)) == 1
    rude.refresh_from_db()
    assert (rude.team, rude.handler) == ("billing", "")
    complaint.refresh_from_db()
    assert complaint.team == "", "the rules settled it alone"
    assert assign_new(now=NOW + timedelta(minutes=3)) == 0


def test_the_least_loaded_member_who_is_here_is_given_it(
    staff: Staff, manager, billing: Team, complaint: Complaint
) -> None:
    other = complain("k9", "家里宽带一直断线，网速很慢。")
    take([other], actor=staff.li, now=NOW)
    set_absence(staff.lead.ref, first_day=DAY, last_day=DAY, actor=staff.lead, now=NOW)
    rule(manager, assign_to="least_loaded", most_open=1)
    assert assign_by_rules("complaint", [complaint.id], now=NOW) == 1
    assert owner("complaint", complaint.id).person == staff.wang.ref
    third = complain("k10", "客服态度很差，骂人。")
    assign_by_rules("complaint", [third], now=NOW)
    assert owner("complaint", third).person == "", "everybody has as many as the rule allows"
    assert owner("complaint", third).team == "billing"


def test_what_no_rule_matches_is_not_looked_at_again(
    staff: Staff, manager, billing: Team, complaint: Complaint
) -> None:
    rule(manager, classes=["network"])
    assert assign_by_rules("complaint", [complaint.id], now=NOW) == 0
    rule(manager)
    assert assign_by_rules("complaint", [complaint.id], now=NOW) == 0


def test_a_rule_names_a_team_and_ends_after_it_begins(manager, billing: Team) -> None:
    for terms in (
        {"team": "nobody"},
        {"valid_until": DAY - timedelta(days=1)},
        {"assign_to": "somebody"},
    ):
        with pytest.raises(UnableToSaveRule):
            rule(manager, **terms)


def test_the_work_of_somebody_who_is_away_goes_to_the_team(
    staff: Staff, billing: Team, complaint: Complaint
) -> None:
    take([complaint.id], actor=staff.wang, now=NOW)
    later = NOW + timedelta(hours=1)
    absence = set_absence(staff.wang.ref, first_day=DAY, last_day=DAY, actor=staff.wang, now=later)
    assert return_work(now=later) == 1
    assert (owner("complaint", complaint.id).person, owner("complaint", complaint.id).team) == (
        "",
        "billing",
    )
    take([complaint.id], actor=staff.wang, now=later + timedelta(minutes=5))
    assert return_work(now=later + timedelta(minutes=6)) == 0, "what they take themselves stays"
    assert remove_absence(absence.pk, actor=staff.lead)


def test_the_cases_of_somebody_who_left_return_to_the_queue(
    staff: Staff, complaint: Complaint
) -> None:
    take([complaint.id], actor=staff.wang, now=NOW)
    User.objects.filter(ref=staff.wang.ref).update(is_active=False)
    assert return_work(now=NOW) == 1
    complaint.refresh_from_db()
    assert complaint.handler == ""
    assert return_work(now=NOW) == 0


@pytest.mark.parametrize("days", [(DAY, DAY - timedelta(days=1)), (DAY, date(2029, 1, 1))])
def test_an_absence_that_cannot_be_is_refused(staff: Staff, days: tuple[date, date]) -> None:
    with pytest.raises(UnableToSetAbsence):
        set_absence(staff.li.ref, first_day=days[0], last_day=days[1], actor=staff.li, now=NOW)


def test_nobody_but_a_lead_sets_the_absence_of_another(staff: Staff) -> None:
    with pytest.raises(UnableToSetAbsence):
        set_absence(staff.wang.ref, first_day=DAY, last_day=DAY, actor=staff.li, now=NOW)
    assert set_absence(staff.wang.ref, first_day=DAY, last_day=DAY, actor=staff.lead, now=NOW)


def test_an_escalation_hands_over_with_a_note(staff: Staff, complaint: Complaint) -> None:
    for terms in ({"note": "急"}, {"person": ""}):
        given = {"note": "用户要求今天答复，已联系网络部门。", "person": staff.lead.ref} | terms
        with pytest.raises(UnableToEscalate):
            escalate_case("complaint", complaint.id, actor=staff.li, now=NOW, **given)
    escalate_case(
        "complaint",
        complaint.id,
        note="用户要求今天答复，已联系网络部门。",
        person=staff.lead.ref,
        actor=staff.li,
        now=NOW,
    )
    assert owner("complaint", complaint.id).person == staff.lead.ref
    assert [entry.what for entry in notifications(staff.lead)] == ["escalated"]
    assert InternalNote.objects.get().author == staff.li.ref
    assert staff.li.ref in watchers("complaint", complaint.id)


def test_the_lead_sees_who_has_how_much(staff: Staff, billing: Team, complaint: Complaint) -> None:
    assign_to_person("complaint", [complaint.id], staff.wang.ref, actor=staff.li, now=NOW)
    queued = complain("k9", "家里宽带一直断线，网速很慢。")
    assign_to_team("complaint", [queued], "billing", actor=staff.li, now=NOW)
    set_absence(staff.li.ref, first_day=DAY, last_day=DAY, actor=staff.li, now=NOW)
    found = workload_by_owner(now=NOW + timedelta(days=3))
    by_name = {one.name: one for one in found.people}
    assert by_name["wang.wei"].open == 1
    assert by_name["wang.wei"].ages == (0, 1, 0, 0, 0)
    assert by_name["li_na"].open == 0
    assert [(one.team, one.open) for one in found.queues] == [("billing", 1)]
    assert workload_by_owner(now=NOW).people[0].name
    later = workload_by_owner(now=complaint.next_due_at + timedelta(hours=1), team="billing")
    assert later.people[0].late == 1
    assert workload_by_owner(now=NOW, brand="other").people == [] or all(
        one.open == 0 for one in workload_by_owner(now=NOW, brand="other").people
    )


def test_a_customer_with_400_complaints_is_handed_over_whole(
    staff: Staff, complaint: Complaint
) -> None:
    rows = [
        Complaint(
            channel="app",
            jurisdiction="cn",
            person=complaint.person,
            first_words="催",
            code=complaint.code,
            classified_by="x",
            state="investigating",
            state_since=NOW,
            received_at=NOW,
            recorded_at=NOW,
        )
        for _number in range(400)
    ]
    Complaint.objects.bulk_create(rows)
    keys = [row.id for row in rows]
    assert len(assign_to_person("complaint", keys, staff.wang.ref, actor=staff.li, now=NOW)) == 400
    assert Assignment.objects.filter(person=staff.wang.ref).count() == 400
    User.objects.filter(ref=staff.wang.ref).update(is_active=False)
    assert return_work(now=NOW) == 400


def module(by, **terms: object) -> TextModule:  # type: ignore[no-untyped-def]
    given = {"title": "问候", "text": "您好，编号{{ code }}。", "actor": by, "now": NOW, **terms}
    return save_text_module("hello", "zh", **given)


def test_a_text_module_with_an_unknown_placeholder_is_refused(staff: Staff, manager) -> None:
    with pytest.raises(UnableToSaveTextModule, match="balance"):
        module(manager, text="余额{{ balance }}")
    with pytest.raises(UnableToSaveTextModule):
        module(manager, text=" ")
    with pytest.raises(UnableToSaveTeam):
        module(staff.li)
    saved = module(manager)
    assert module(manager, title="您好").pk == saved.pk
    remove_text_module(saved.pk, actor=manager, now=NOW)
    assert not TextModule.objects.get().is_active
