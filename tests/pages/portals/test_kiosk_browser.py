"""A kiosk and large type in Chromium: forms are accepted, the screen clears itself, axe is content."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from actions.confirmations.conftest import shop as shop
from amends.cases.complaints.models import Complaint
from amends.entrances.portals.actions.clients import make_client
from amends.entrances.portals.public import kiosk_session
from tests.pages.window import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visitor = Callable[..., Window]


def kiosk(visitor: Visitor, **wishes: object) -> Window:
    window = visitor(language="en", **wishes)
    token = make_client("kiosk-1", scopes=["kiosk:use"], channel="kiosk", now=timezone.now())
    page = window.open("/kiosk/device/")
    page.get_by_label("Token of this kiosk").fill(token)
    window.press(page.get_by_role("button", name="Set up"))
    return window


@pytest.mark.usefixtures("shop")
def test_a_complaint_is_filed_and_the_screen_clears_itself(visitor: Visitor) -> None:
    window = kiosk(visitor)
    page = window.page
    page.clock.install()
    window.press(page.get_by_role("link", name="File a complaint"))
    assert window.axe() == []
    page.get_by_label("What happened?").fill("The ringtone was never ordered")
    window.press(page.get_by_role("button", name="Send and print a receipt"))
    code = Complaint.objects.get().code_public
    expect(page.get_by_text(code)).to_be_visible()
    page.clock.run_for(1000 * (kiosk_session.IDLE_S - kiosk_session.WARNING_S + 1))
    expect(page.get_by_role("button", name="I am still here")).to_be_visible()
    window.touch(page.get_by_role("button", name="I am still here"))
    page.clock.run_for(1000 * (kiosk_session.IDLE_S - kiosk_session.WARNING_S - 1))
    expect(page.get_by_text(code)).to_be_visible()
    page.clock.run_for(1000 * kiosk_session.IDLE_S)
    window.stands_at("/kiosk/")
    window.back()
    expect(page.get_by_text(code)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_large_type_is_chosen_on_any_page_and_remembered(visitor: Visitor, width: int) -> None:
    window = visitor(language="en", width=width)
    page = window.open("/follow/")
    window.press(page.get_by_role("button", name="Large type"))
    assert window.measure("getComputedStyle(document.body).fontSize") == "22px"
    assert window.axe() == []
    assert window.wider_than_itself() == 0
    window.open("/chat/")
    assert window.axe() == []
    window.press(page.get_by_role("button", name="Usual type"))
    assert window.measure("getComputedStyle(document.body).fontSize") != "22px"
    assert settings.LARGE_TYPE_COOKIE in {one["name"] for one in window.context.cookies()}
