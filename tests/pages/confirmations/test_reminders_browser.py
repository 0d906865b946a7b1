"""My reminders in a real browser: on a phone, in both languages, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from actions.confirmations.conftest import Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.notices.actions.hold import hold_rows
from amends.causes.notices.models import Hold
from amends.causes.notices.queries import choices_of
from tests.pages.confirmations.test_mine import enter
from tests.pages.confirmations.test_reminders import now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "script"), [("zh-hans", False), ("en", True)])
def test_a_cap_is_chosen_and_a_hold_is_answered_on_a_phone(
    visitor: Any, shop: Shop, language: str, script: bool
) -> None:
    hold_rows(
        [("k" * 32, shop.person, shop.plan, "cn.roaming_cap", "roaming", "2026-11-01", "hold")],
        now=now(),
    )
    client = Client()
    client.cookies["amends_language"] = "en"
    enter(client, shop)
    window = visitor(language=language, width=390, script=script)
    window.let_in(client)
    page = window.open("/mine/services/")
    window.press("a[href='/mine/reminders/']")
    if script:
        assert window.axe() == []
        assert not window.wider_than_itself()
        assert window.small_targets() == []
    page.fill("[id='own-cn.own_cap']", "50")
    window.press("[id='cn.own_cap'] button")
    expect(page.locator("[id='own-cn.own_cap']")).to_have_value("50.00")
    assert choices_of([shop.person]).of(shop.person, "", "cn.own_cap").own_step == 5_000
    window.press("form[action*='/mine/holds/'] button")
    assert Hold.objects.get().ended_by == "consent"
    window.press("form[action*='/mine/holds/'] button")
    assert Hold.objects.get().ended_at_ms is None
    assert window.strangers == []
