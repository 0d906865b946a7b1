"""The palette: one field that finds complaints, customers, issues and pages, by keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.models import Complaint
from amends.problems.hotissues.models import HotIssue
from tests.actions.complaints.conftest import PHONE
from tests.pages.conftest import Desk, colleague, complain, signed_in

FIND = "/desk/find/"
PART = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


def found(client: Any, words: str) -> str:
    answer = client.post(FIND, {"words": words}, headers=PART)
    assert answer.status_code == 200
    return str(answer.content.decode())


def cable(brand: str = "") -> HotIssue:
    now = timezone.now()
    number = HotIssue.objects.count() + 1
    issue = HotIssue.objects.create(
        number=number,
        title=f"Cable of {brand or 'everybody'}",
        brand=brand,
        started_at=now,
        detected_at=now,
        last_alarm_at=now,
    )
    issue.cells.create(place="code=network.outage", main=True, added_at=now)
    return issue


def test_pages_are_found_by_name_and_only_those_one_may_open(desk: Desk) -> None:
    page = found(desk.client, "hot iss")
    assert 'href="/desk/hotissues/"' in page
    assert "Imports" not in found(desk.client, "")
    assert "Imports" in found(signed_in(colleague("a.dmin", "administrator")), "")


def test_a_complaint_is_found_by_its_code_and_its_words_masked(desk: Desk) -> None:
    complaint = Complaint.objects.get(id=desk.complaint)
    for words in (complaint.code_public, "彩铃"):
        page = found(desk.client, words)
        assert f'href="/desk/c/{complaint.id}/"' in page, words
        assert PHONE not in page


def test_a_customer_is_found_by_number_and_the_number_is_in_no_address(desk: Desk) -> None:
    page = found(desk.client, PHONE)
    assert "Customers" in page
    assert PHONE not in page
    assert "/desk/?search=1" in page
    shown = desk.client.get("/desk/?search=1").content.decode()
    assert desk.complaint in shown


def test_who_may_not_read_complaints_finds_none(desk: Desk) -> None:
    client = signed_in(colleague("r.eg", "regulator"))
    cable()
    assert desk.complaint not in found(client, "彩铃")
    assert "Cable of" not in found(client, "Cable"), "nor hot issues"


def test_a_brand_finds_its_own(desk: Desk) -> None:
    cable("plum")
    cable("pear")
    plum = signed_in(colleague("p.lum", "handler", brand="plum"))
    page = found(plum, "Cable")
    assert "Cable of plum" in page
    assert "Cable of pear" not in page
    assert desk.complaint not in found(plum, "彩铃")


def test_an_issue_is_found_by_its_number_and_what_it_is_called(desk: Desk) -> None:
    issue = cable()
    HotIssue.objects.update(number=42)
    for words in ("cable", "42"):
        assert f"/desk/hotissues/{issue.id}/" in found(desk.client, words)
    HotIssue.objects.update(title="")
    assert f"/desk/hotissues/{issue.id}/" in found(desk.client, "unstable connection")


def test_without_a_script_it_is_a_page(desk: Desk) -> None:
    page = desk.client.get(FIND).content.decode()
    assert "<h1>Find</h1>" in page
    assert "My day" in page
    assert "Nothing found" in desk.client.post(FIND, {"words": "zebra-crossing"}).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_opens_is_searched_and_followed_by_keyboard_alone(visitor: Any, desk: Desk) -> None:
    complain("k9", "My router blinks all day long.", language="en")
    window = visitor(language="en")
    window.let_in(desk.client)
    window.open("/desk/day/")
    field = window.page.get_by_role("combobox")
    window.touch(key="Control+k")
    expect(field).to_be_focused()
    expect(window.page.get_by_role("option").first).to_be_visible()
    field.fill("router blinks")
    chosen = window.page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("My router blinks")
    expect(field).to_have_attribute("aria-activedescendant", re.compile(r"hit-\d+-\d+"))
    window.touch(key="Escape")
    expect(field).to_be_hidden()
    window.touch(key="Control+k")
    field.fill("hot")
    expect(chosen).to_contain_text("Hot issues")
    window.press(key="Enter")
    window.stands_at("/desk/hotissues/")
    assert window.faults == []
