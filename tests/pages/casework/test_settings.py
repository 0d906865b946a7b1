"""Pages of teams, rules, text modules, absences, notifications, reviews and the workload."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import Desk, colleague, signed_in

from amends.cases.complaints.actions.respond import withdraw
from amends.people.access.queries import actor_with_ref
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person
from amends.work.casework.models import Absence, AssignmentRule, QualityReview, Team, TextModule


@pytest.fixture
def manager(db: None) -> Any:
    return colleague("zhou.hua", "manager")


@pytest.fixture
def page(manager: Any) -> Client:
    return signed_in(manager)


def team(page: Client, **fields: Any) -> Any:
    given = {"title": "Billing", "slug": "billing", "members": [], "lead": "", "brand": ""}
    return page.post("/desk/settings/teams/new/", given | fields)


def test_a_team_is_made_changed_and_removed(page: Client, desk: Desk) -> None:
    assert "There is no team yet" in page.get("/desk/settings/teams/").content.decode()
    answer = team(page, members=[desk.handler.ref], lead=desk.handler.ref, classes=["billing"])
    assert answer.status_code == 302
    assert Team.objects.get().classes == ["billing"]
    listed = page.get("/desk/settings/teams/").content.decode()
    assert "@billing" in listed
    answer = page.post(
        "/desk/settings/teams/billing/", {"title": "Bills", "members": [], "lead": "", "brand": ""}
    )
    assert answer.status_code == 302
    assert (Team.objects.get().title, Team.objects.get().slug) == ("Bills", "billing")
    page.post("/desk/settings/teams/billing/remove/")
    assert not Team.objects.filter(is_active=True).exists()


def test_what_is_refused_is_shown_with_what_was_typed(page: Client) -> None:
    answer = team(page, title=" ", slug="billing")
    assert answer.status_code == 400
    assert 'value="billing"' in answer.content.decode()


def test_a_rule_and_a_text_module_are_kept(page: Client) -> None:
    team(page)
    answer = page.post(
        "/desk/settings/rules/new/",
        {
            "title": "All bills",
            "position": 1,
            "case_kind": "",
            "team": "billing",
            "assign_to": "queue",
            "valid_from": "2026-11-24",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    rule = AssignmentRule.objects.get()
    assert "All bills" in page.get("/desk/settings/rules/").content.decode()
    assert page.get(f"/desk/settings/rules/{rule.pk}/").status_code == 200
    page.post(f"/desk/settings/rules/{rule.pk}/remove/")
    assert not AssignmentRule.objects.exists()
    words = {"title": "Hello", "slug": "hello", "language": "en", "mode": "reply", "brand": ""}
    refused = page.post("/desk/settings/texts/new/", words | {"text": "Hi {{ balance }}"})
    assert "balance" in refused.content.decode()
    assert (
        page.post("/desk/settings/texts/new/", words | {"text": "Hi {{ code }}"}).status_code == 302
    )
    module = TextModule.objects.get()
    assert "Hello" in page.get("/desk/settings/texts/").content.decode()
    page.post(f"/desk/settings/texts/{module.pk}/remove/")
    assert "There is no text module yet" in page.get("/desk/settings/texts/").content.decode()


def test_everybody_sets_their_own_absence_and_leads_those_of_others(
    page: Client, desk: Desk
) -> None:
    days = {"first_day": "2026-12-01", "last_day": "2026-12-03"}
    own = desk.client.post("/desk/settings/absences/", days | {"person": desk.handler.ref})
    assert own.status_code == 302
    other = colleague("he.jie", "handler")
    refused = desk.client.post("/desk/settings/absences/", days | {"person": other.ref})
    assert refused.status_code == 400
    assert page.post("/desk/settings/absences/", days | {"person": other.ref}).status_code == 302
    assert Absence.objects.count() == 2
    row = Absence.objects.get(person=desk.handler.ref)
    assert row.last_day == date(2026, 12, 3)
    desk.client.post(f"/desk/settings/absences/{row.pk}/remove/")
    assert Absence.objects.count() == 1


def test_handlers_do_not_change_settings(desk: Desk) -> None:
    for address in ("teams/", "teams/new/", "rules/", "texts/"):
        assert desk.client.get(f"/desk/settings/{address}").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_notifications_name_the_case_and_are_marked_seen(desk: Desk, language: str) -> None:
    other = colleague("he.jie", "handler")
    add_note(
        "complaint",
        desk.complaint,
        text="@qiao.lin look",
        actor=actor_with_ref(other.ref),
        now=NOW,
    )
    desk.client.cookies["amends_language"] = language
    html = desk.client.get("/desk/notifications/").content.decode()
    assert "he.jie" in html
    assert f"/desk/c/{desk.complaint}/" in html
    desk.client.post("/desk/notifications/seen/")
    assert "Mark all as seen" not in desk.client.get("/desk/notifications/").content.decode()


def test_the_workload_lists_people_and_queues(page: Client, desk: Desk) -> None:
    lead = signed_in(colleague("chen.jing", "senior_handler"))
    nobody = "Neither a person nor a team has them"
    assert nobody in lead.get("/desk/workload/").content.decode()
    actor = actor_with_ref(desk.handler.ref)
    assign_to_person("complaint", [desk.complaint], actor.ref, actor=actor, now=NOW)
    team(page, members=[desk.handler.ref])
    html = lead.get("/desk/workload/").content.decode()
    assert "qiao.lin" in html
    assert "Billing" in html
    assert nobody not in html
    assert lead.get("/desk/workload/?team=billing").status_code == 200
    assert desk.client.get("/desk/workload/").status_code == 403


def test_a_review_is_drawn_answered_by_another_and_read_by_the_handler(desk: Desk) -> None:
    senior = colleague("chen.jing", "senior_handler")
    lead = signed_in(senior)
    actor = actor_with_ref(desk.handler.ref)
    assign_to_person("complaint", [desk.complaint], actor.ref, actor=actor, now=NOW)
    withdraw(desk.complaint, actor=actor, now=NOW, tell=False)
    assert lead.post("/desk/reviews/", {"number": 5, "days": 30}).status_code == 302
    row = QualityReview.objects.get()
    answers = {"understood": "yes", "decided": "yes", "worded": "no", "kept": "na", "words": ""}
    address = f"/desk/reviews/{row.pk}/"
    refused = lead.post(address, answers)
    assert refused.status_code == 400
    assert lead.post(address, answers | {"words": "Greet the customer."}).status_code == 302
    assert "Greet the customer." in desk.client.get("/desk/reviews/mine/").content.decode()
    assert desk.client.get("/desk/reviews/").status_code == 403
    assert lead.get("/desk/reviews/").status_code == 200
    assert lead.post("/desk/reviews/", {"number": 5, "days": 30}).status_code == 302
    assert QualityReview.objects.count() == 1, "what is in a sample is not drawn again"


def test_nobody_reviews_their_own_case(desk: Desk) -> None:
    senior = colleague("chen.jing", "senior_handler")
    actor = actor_with_ref(senior.ref)
    assign_to_person("complaint", [desk.complaint], senior.ref, actor=actor, now=NOW)
    withdraw(desk.complaint, actor=actor, now=NOW, tell=False)
    lead = signed_in(senior)
    lead.post("/desk/reviews/", {"number": 5, "days": 30})
    row = QualityReview.objects.get()
    answers = {"understood": "yes", "decided": "yes", "worded": "yes", "kept": "yes", "words": ""}
    assert lead.post(f"/desk/reviews/{row.pk}/", answers).status_code == 400
    assert QualityReview.objects.get().reviewed_at is None
