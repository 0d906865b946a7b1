"""Where each role arrives after sign-in: a page of its own, with work or the way to it."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from amends.people.access.queries.rights import rules_on
from amends.people.operator.models import Installation
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(db: None) -> None:
    """An installation in use: administrators are not led to the first steps."""
    Installation.objects.create(
        first_steps_ended=True, changed_by="usr-first", changed_at=timezone.now()
    )


STAFF = sorted(rules_on(timezone.localdate()).people)
WITHOUT_INBOX = {
    "network",
    "marketing",
    "partner_manager",
    "privacy_officer",
    "regulator",
    "administrator",
    "agent",
}


def links_of(page: str) -> list[str]:
    main = page[page.index('<main class="page') : page.index("</main>")]
    rail = page[page.index("<nav aria-label") : page.index("</nav>")]
    return sorted(set(re.findall(r'href="(/desk/[^"#]*)"', main + rail)))


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("address", ["/", "/desk/"])
def test_each_role_arrives_at_its_queue(role: str, address: str) -> None:
    answer = signed_in(colleague("r.ole", role)).get(address, follow=True)
    assert answer.status_code == 200
    if address == "/" or role in WITHOUT_INBOX:
        assert answer.redirect_chain[-1][0] == "/desk/day/"
        assert answer.context["questions"], "a list with the next step, even when it is empty"
    else:
        assert answer.redirect_chain == []


@pytest.mark.parametrize("role", STAFF)
def test_every_link_of_the_first_page_opens(role: str) -> None:
    client = signed_in(colleague("r.ole", role))
    links = links_of(client.get("/desk/day/").content.decode())
    assert links
    refused = {
        link: status
        for link in links
        if (status := client.get(link, follow=True).status_code) != 200
    }
    assert refused == {}


def test_an_agent_finds_its_apps_and_the_form_of_an_order() -> None:
    page = signed_in(colleague("r.ole", "agent")).get("/desk/day/").content.decode()
    assert "Your apps" in page
    assert "Take an order" in page
