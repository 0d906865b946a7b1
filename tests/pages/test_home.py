"""The first page after sign-in: what is due, what got worse, what helped, for each role."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from amends.cases.complaints.web.my_day import MOST_ROWS
from amends.people.access.queries import may
from amends.people.access.queries.rights import rules_on
from amends.people.operator.models import Installation
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.models import HotIssue
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(db: None) -> None:
    """An installation in use: administrators are not led to the first steps."""
    Installation.objects.create(
        first_steps_ended=True, changed_by="usr-first", changed_at=timezone.now()
    )


HOMES = {
    "handler": {"worse", "helped"},
    "senior_handler": {"worse", "helped"},
    "manager": {"due", "worse", "helped"},
    "network": {"due", "worse", "helped"},
    "marketing": {"due", "worse", "helped"},
    "privacy_officer": {"helped"},
    "partner_manager": {"due", "worse", "helped"},
    "regulator": {"due", "worse", "helped"},
    "administrator": {"due", "worse"},
    "agent": {"due"},
}


def every_panel() -> list[registry.HomePanel]:
    return [panel for app in registry.installed() for panel in app.home_panels]


@pytest.mark.parametrize(("role", "questions"), HOMES.items())
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_role_has_its_first_page_with_a_next_step_in_every_empty_list(
    role: str, questions: set[str], language: str
) -> None:
    client = signed_in(colleague("r.ole", role), language)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/day/"
    page = answer.content.decode()
    shown = re.findall(r'aria-labelledby="home-(\w+)"', page)
    assert set(shown) == questions
    for _question, _heading, panels in answer.context["questions"]:
        for one in panels:
            assert one.rows or str(one.panel.empty) in page
            assert client.get(reverse(one.panel.page)).status_code == 200


def test_a_panel_is_declared_for_roles_that_may_open_its_page() -> None:
    """Else the panel would silently be missing from somebody's first page."""
    roles = rules_on(timezone.localdate()).roles
    for panel in every_panel():
        assert set(panel.roles) <= roles.keys(), panel.title
        for role in panel.roles:
            assert may([role], panel.permission), (str(panel.title), role)
        assert callable(import_string(panel.rows))


def test_a_panel_shows_the_first_rows_and_how_many_more() -> None:
    now = timezone.now()
    for number in range(MOST_ROWS + 2):
        issue = HotIssue.objects.create(
            number=number + 1,
            title=f"Issue of {number} people",
            persons=number,
            started_at=now - timedelta(days=1),
            detected_at=now,
            last_alarm_at=now,
        )
        issue.cells.create(place="code=network.outage", main=True, added_at=now)
    page = signed_in(colleague("n.et", "network")).get("/desk/day/").content.decode()
    assert page.index("Issue of 6 people") < page.index("Issue of 2 people")
    assert "Issue of 1 people" not in page
    assert "2 more" in page


def test_a_panel_shows_one_brand_only_its_own() -> None:
    now = timezone.now()
    for number, brand in enumerate(("plum", "pear", ""), start=1):
        issue = HotIssue.objects.create(
            number=number,
            title=f"Issue of {brand or 'everybody'}",
            brand=brand,
            started_at=now,
            detected_at=now,
            last_alarm_at=now,
        )
        issue.cells.create(place="code=network.outage", main=True, added_at=now)
    page = signed_in(colleague("p.lum", "network", brand="plum")).get("/desk/day/").content.decode()
    assert "Issue of plum" in page
    assert "Issue of everybody" in page
    assert "Issue of pear" not in page


def test_every_panel_can_be_asked_by_anybody_of_any_brand() -> None:
    now = timezone.now()
    for panel in every_panel():
        for brand in ("", "plum"):
            rows = import_string(panel.rows)(Actor("user", "u1", panel.roles, "", brand), now)
            assert list(rows) == [] or rows[0].title, panel.title
