"""Nothing runs out of its place on a low laptop screen or a phone, in the longer language."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from amends.complaints.actions.respond import refuse
from amends.complaints.actions.show_identity import as_complainant
from amends.complaints.models import Complaint
from tests.pages.conftest import Desk, complain
from tests.pages.portals.conftest import code_sent_for, propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OUT_OF_THEIR_CARD = """
[...document.querySelectorAll('.card dd, .card dd *')]
  .filter(one => one.checkVisibility()
    && one.getBoundingClientRect().right > one.closest('.card').getBoundingClientRect().right)
  .map(one => one.textContent)
"""


def test_the_desk_on_a_low_screen(visitor: Any, desk: Desk) -> None:
    window = visitor(language="en", width=1280)
    window.let_in(desk.client)
    window.page.set_viewport_size({"width": 1280, "height": 700})
    window.open(f"/desk/c/{desk.complaint}/")
    expect(window.page.locator(".rail-foot .switch")).to_be_in_viewport(ratio=1)
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
    refuse(ref, words="A month is missing.", actor=as_complainant(complaint.subscriber), now=now)
    client = Client()
    address = f"/follow/{complaint.code_public}/identity/"
    client.post(address, {"ask": "1"})
    client.post(address, {"digits": code_sent_for(complaint.code_public)})
    window = visitor(language="en", width=390)
    window.let_in(client)
    window.open(f"/follow/{complaint.code_public}/")
    expect(window.page.locator("#resort .button")).to_contain_text("Pass it on to")
    assert window.wider_than_itself() == 0
