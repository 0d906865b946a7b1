"""Nothing runs out of its place on a low laptop screen or a phone, in the longer language."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.prove_identity import as_complainant
from amends.cases.complaints.actions.respond import refuse
from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import Actor
from tests.pages.conftest import Desk, colleague, complain, signed_in
from tests.pages.portals.conftest import code_sent_for, propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OUT_OF_THEIR_CARD = """
[...document.querySelectorAll('.card dd, .card dd *')]
  .filter(one => one.checkVisibility()
    && one.getBoundingClientRect().right > one.closest('.card').getBoundingClientRect().right)
  .map(one => one.textContent)
"""

UNDER_THE_MARK = """
(box => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  .closest('a').className)(document.querySelector('td.what a.badge').getBoundingClientRect())
"""


def test_the_desk_on_a_low_screen(visitor: Any, desk: Desk) -> None:
    window = visitor(language="en", width=1280)
    window.let_in(desk.client)
    window.page.set_viewport_size({"width": 1280, "height": 700})
    window.open(f"/desk/c/{desk.complaint}/?tab=evidence")
    expect(window.page.locator(".rail-foot .switch")).to_be_in_viewport(ratio=1)
    expect(window.page.locator(".strip")).to_be_visible()
    assert window.measure(OUT_OF_THEIR_CARD) == []
    for width in (1280, 1190):
        window.page.set_viewport_size({"width": width, "height": 700})
        hidden = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
        assert window.measure(f"{hidden}(document.querySelector('.strip'))") == 0, "the newest too"
        assert window.measure("document.documentElement.scrollWidth") <= width


def test_the_way_on_to_the_regulator_on_a_phone(visitor: Any, desk: Desk) -> None:
    """The authority's name is long, and stands on a button."""
    ref = complain("k2", "You charge me for a ringtone I never ordered.", language="en")
    complaint = Complaint.objects.get(id=ref)
    now = timezone.now()
    propose(complaint, now=now)
    refuse(ref, text="A month is missing.", actor=as_complainant(complaint.subscriber), now=now)
    client = Client()
    address = f"/follow/{complaint.code_public}/identity/"
    client.post(address, {"ask": "1"})
    client.post(address, {"digits": code_sent_for(complaint.code_public)})
    window = visitor(language="en", width=390)
    window.let_in(client)
    window.open(f"/follow/{complaint.code_public}/")
    expect(window.page.locator("#resort .button")).to_contain_text("Pass it on to")
    assert window.wider_than_itself() == 0


@pytest.mark.parametrize("width", [390, 721, 960, 1440])
def test_the_inbox_shows_the_words_and_both_ways_on(visitor: Any, desk: Desk, width: int) -> None:
    Complaint.objects.filter(id=desk.complaint).update(hot_issue=1)
    window = visitor(language="en", width=width)
    window.let_in(desk.client)
    page = window.open("/desk/")
    assert window.wider_than_itself() == 0
    expect(page.locator("td.what a[data-open]")).to_be_in_viewport()
    assert window.measure(UNDER_THE_MARK).startswith("badge"), "the mark leads to its issue"
    window.press("td.what a[data-open]")
    window.stands_at(f"/desk/c/{desk.complaint}/")


OPEN_TAB_OUT_OF_SIGHT = """
(([tab, row]) => Math.max(row.left - tab.left, tab.right - row.right, 0))(
  [document.querySelector('.tabs [aria-current]'), document.querySelector('.tabs')]
    .map(one => one.getBoundingClientRect()))
"""


@pytest.mark.parametrize("view", ["open", "closed"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_open_tab_is_in_sight(visitor: Any, desk: Desk, width: int, view: str) -> None:
    window = visitor(language="en", width=width)
    window.let_in(desk.client)
    window.open(f"/desk/?view={view}")
    assert window.measure(OPEN_TAB_OUT_OF_SIGHT) < 1
    seldom = window.open("/desk/?view=enquiries").locator(".tab-row summary")
    expect(seldom).to_contain_text("Enquiries")
    expect(seldom).to_be_in_viewport(ratio=1)
    assert window.wider_than_itself() == 0


def test_many_are_picked_and_taken_over_on_a_phone(visitor: Any, desk: Desk) -> None:
    complain("k2", "You charge me for a ringtone I never ordered.", language="en")
    window = visitor(language="en", width=390)
    window.let_in(desk.client)
    page = window.open("/desk/")
    window.touch("td.tick-cell label >> nth=0")
    expect(page.locator("[data-picked]")).to_have_text("1")
    window.touch(".pick-all")
    expect(page.locator("[data-picked]")).to_have_text("2")
    expect(page.locator(".bulk")).to_be_in_viewport(ratio=1)
    assert window.wider_than_itself() == 0
    window.press(".bulk button[value=take]")
    expect(page.locator("h1")).to_have_text("Take complaints over")
    window.press("form button.main")
    assert set(Complaint.objects.values_list("handler", flat=True)) == {desk.handler.ref}


def test_long_words_wrap_on_a_small_phone(visitor: Any, desk: Desk) -> None:
    handler = Actor("user", desk.handler.ref, ("handler",))
    correct(desk.complaint, code="consent.unauthorised_change", actor=handler, now=timezone.now())
    window = visitor(language="en", width=320)
    window.let_in(desk.client)
    window.open("/desk/corrections/")
    expect(window.page.locator("span.chip")).to_contain_text("→")
    assert window.wider_than_itself() == 0
    manager = visitor(language="en", width=320)
    manager.let_in(signed_in(colleague("zhao.an", "manager")))
    manager.open("/desk/indicators/")
    assert manager.wider_than_itself() == 0


ROOM = """
(([tabs, composer]) => composer.top - tabs.bottom)(
  ['.detail-tabs', '.composer'].map(one => document.querySelector(one).getBoundingClientRect()))
"""


def test_the_conversation_has_room_on_a_phone(visitor: Any, desk: Desk) -> None:
    """Before, header, banner and composer left 100 of 844 px."""
    window = visitor(language="en", width=390)
    window.let_in(desk.client)
    page = window.open(f"/desk/c/{desk.complaint}/")
    expect(page.locator(".composer textarea >> nth=0")).to_be_hidden()
    assert window.measure(ROOM) >= 400
    window.touch("[data-mode=reply]")
    expect(page.locator("#write-reply textarea")).to_be_visible()
    window.touch("[data-mode=reply]")
    expect(page.locator("#write-reply textarea")).to_be_hidden()
    assert window.wider_than_itself() == 0
