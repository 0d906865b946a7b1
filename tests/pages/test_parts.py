"""Parts that are switched off: not in navigation, home or palette; their pages say where."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amends.people.operator.models import Installation
from amends.people.operator.queries import forget, parts_in_use, parts_off
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.site.schedule import Schedule, is_switched_off
from tests.pages.conftest import colleague, signed_in
from tests.pages.test_landing import links_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/settings/parts/"
EVERYTHING = frozenset(registry.parts())
PAGES = {
    "launches": "/desk/launches/",
    "publicity": "/desk/publicity/",
    "partners": "/desk/services/",
    "network": "/desk/network/",
    "protection": "/desk/protection/",
    "hotissues": "/desk/hotissues/",
    "measures": "/desk/measures/",
    "emergencies": "/desk/hotissues/emergencies/",
    "chat": "/desk/chats/",
    "notices": "/desk/coverage/",
    "examinations": "/desk/examination/",
}
PUBLIC = {
    "partners": "/services/",
    "network": "/speed/",
    "protection": "/protect/",
    "chat": "/chat/",
}


def switch_off(*names: str) -> None:
    """Leave these parts out."""
    Installation.objects.create(
        parts_off=list(names),
        first_steps_ended=True,
        changed_by="usr-first",
        changed_at=timezone.now(),
    )
    forget()


def test_every_part_has_a_page_to_test() -> None:
    assert PAGES.keys() == EVERYTHING
    assert parts_in_use() == EVERYTHING, "an installation that nobody changed uses everything"


@pytest.mark.parametrize(("part", "page"), PAGES.items())
def test_a_part_that_is_off_is_in_no_navigation_and_its_pages_say_where(
    part: str, page: str
) -> None:
    everyone = colleague("a.ll", "administrator", "manager", "senior_handler")
    client = signed_in(everyone)
    assert client.get(page).status_code == 200
    switch_off(part)
    links = links_of(client.get("/desk/day/").content.decode())
    assert page not in links
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link
    answer = client.get(page)
    assert answer.status_code == 404
    assert PAGE in answer.content.decode()
    found = client.post("/desk/find/", {"words": ""}).content.decode()
    assert f'href="{page}"' not in found
    manager = signed_in(colleague("m.anager", "manager")).get(page)
    assert manager.status_code == 404
    assert "An administrator switches it on" in manager.content.decode()


@pytest.mark.parametrize(("part", "page"), PUBLIC.items())
def test_public_pages_of_a_part_that_is_off_are_gone(part: str, page: str) -> None:
    colleague("s.omebody")
    client = Client()
    assert client.get(page).status_code == 200
    assert f'href="{page}"' in client.get("/").content.decode()
    switch_off(part)
    answer = client.get(page)
    assert answer.status_code == 404
    assert PAGE not in answer.content.decode()
    assert f'href="{page}"' not in client.get("/").content.decode()


def test_links_to_confirm_an_order_stay_open() -> None:
    switch_off("notices")
    answer = Client(headers={"accept-language": "en"}).get("/confirm/unknown-token/")
    assert "There is nothing at this address" not in answer.content.decode()


def test_an_administrator_chooses_the_parts() -> None:
    client = signed_in(colleague("a.dmin", "administrator"))
    assert "needs" in client.post(PAGE, {"parts": ["measures"]}).content.decode()
    client.post(PAGE, {"parts": ["hotissues", "measures", "network"]})
    assert parts_in_use() == {"hotissues", "measures", "network"}
    assert signed_in(colleague("m.anager", "manager")).get(PAGE).status_code == 403
    switch_off("hotissues")
    assert {"measures", "emergencies"} <= parts_off(), "they need hot issues"


def test_a_small_operator_sees_complaints_deadlines_and_indicators() -> None:
    switch_off(*EVERYTHING)
    client = signed_in(colleague("a.ll", "administrator", "manager", "senior_handler"))
    links = links_of(client.get("/desk/day/").content.decode())
    assert {"/desk/", "/desk/indicators/"} <= set(links)
    assert not set(links) & set(PAGES.values())
    panels = registry.home_panels(["manager"], off=EVERYTHING)
    assert all(registry.part_of(panel.rows) == "" for panel in panels)
    waiting = {source.name.partition(".")[0] for source in registry.waiting_sources(off=EVERYTHING)}
    assert "launches" not in waiting
    assert "complaints" in waiting


def test_scans_of_a_part_that_is_off_rest_and_what_was_begun_is_ended() -> None:
    jobs = {job.name: job for job in registry.jobs()}
    assert not is_switched_off(jobs["hot issues"])
    switch_off("hotissues", "launches", "notices", "protection")
    assert is_switched_off(jobs["hot issues"])
    scheduled = next(job for job in Schedule(only="heavy").jobs if job.name == "hot issues")
    assert scheduled.run() is None
    for goes_on in registry.jobs():
        part = registry.part_of(goes_on.run)
        if goes_on.group not in ("heavy", "fetch") or part in ("", "notices"):
            assert not is_switched_off(goes_on), goes_on.name


def test_the_navigation_costs_no_statement_once_read(django_assert_num_queries: Any) -> None:
    switch_off("launches")
    parts_off()
    with django_assert_num_queries(0):
        assert "launches" not in parts_in_use()
        registry.home_panels(Actor("user", "u1", ("manager",)).roles, off=parts_off())
