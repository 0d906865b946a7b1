"""The navigation: four areas, five entries at most, each called what its page is called."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import expect

from amends.people.access.queries import roles_that_may
from amends.platform import registry
from amends.site.templatetags.navigation import AREAS, areas_for
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


def every_entry() -> list[registry.Entry]:
    return [
        entry
        for area, _heading, _icon in AREAS
        for section in registry.sections(area)
        for entry in section
    ]


def test_an_area_has_five_entries_at_most() -> None:
    for area, _heading, _icon in AREAS:
        names = [section[0].name for section in registry.sections(area)]
        assert 0 < len(names) <= registry.MOST_ENTRIES, names


def test_every_declared_entry_is_in_the_navigation() -> None:
    """A page within an entry that does not exist would be in no menu."""
    declared = {entry.name for app in registry.installed() for entry in app.navigation}
    assert {entry.name for entry in every_entry()} == declared


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_entry_is_called_what_its_page_is_called(language: str) -> None:
    everything = sorted({role for one in every_entry() for role in roles_that_may(one.permission)})
    client = signed_in(colleague("z.all", *everything), language)
    for entry in every_entry():
        answer = client.get(entry.path)
        assert answer.status_code == 200, entry.name
        page = answer.content.decode()
        with translation.override(language):
            label = str(entry.label)
        heading = re.search(r"<h1[^>]*>(.*?)(</h1>|<span)", page, re.S)
        title = re.search(r"<title>(.*?) · Amends</title>", page, re.S)
        assert heading, entry.name
        assert title, entry.name
        assert html.unescape(heading[1].strip()) == label, entry.name
        assert html.unescape(title[1].strip()) == label, entry.name
        assert reverse(entry.name) == entry.path


def test_a_person_sees_the_first_page_of_a_section_that_they_may_open() -> None:
    """A manager does not answer requests about personal data, but reads the reviews."""
    compliance = next(one for one in areas_for(["manager"]) if one.name == "compliance")
    names = [link.entry.name for link in compliance.links]
    assert "privacy_reviews" in names
    assert "privacy_board" not in names
    assert areas_for([]) != [], "my day is for everybody"
    assert not any(one.name == "compliance" for one in areas_for([]))


def test_the_pages_of_a_section_are_tabs_of_each_other(db: None) -> None:
    client = signed_in(colleague("m.manager", "manager"))
    page = client.get("/desk/hotissues/emergencies/").content.decode()
    tabs = re.search(r'<nav class="tabs section-tabs".*?</nav>', page, re.S)
    assert tabs
    assert re.findall(r'<a href="([^"]*)"', tabs[0]) == [
        "/desk/hotissues/",
        "/desk/hotissues/emergencies/",
        "/desk/measures/",
    ]
    assert 'href="/desk/hotissues/emergencies/" aria-current="page"' in tabs[0]
    assert "section-tabs" not in client.get("/desk/measures/new/").content.decode()


def test_the_administration_of_django_is_no_entry(db: None) -> None:
    user = colleague("a.admin", "administrator")
    user.is_staff = True
    user.save()
    page = signed_in(user).get("/desk/day/").content.decode()
    assert 'href="/admin/"' not in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_phone_has_a_labelled_bar_with_the_account(visitor: Any) -> None:
    window = visitor(language="en", width=390)
    window.let_in(signed_in(colleague("m.manager", "manager")))
    window.open("/desk/day/")
    bar = window.page.locator(".phone-bar")
    for name in ("Work", "Problems", "Compliance", "Reports", "Account"):
        expect(bar.locator("summary", has_text=name)).to_be_in_viewport(ratio=1)
    window.touch(bar.locator("summary", has_text="Problems"))
    window.press(bar.get_by_role("link", name="Hot issues"))
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Hot issues")
    window.touch(bar.locator("summary", has_text="Account"))
    expect(bar.get_by_role("link", name="Sign out")).to_be_in_viewport(ratio=1)
