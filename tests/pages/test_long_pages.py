"""Long parts of pages are closed until somebody opens them, and open where an address leads there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.pages.conftest import colleague, signed_in

OPEN_ALL = """() => {
  document.querySelector('.ten-rows').id = 'long'
  document.querySelectorAll('details.fold').forEach(part => { part.open = true })
}"""
PERIOD = "from=2026-09-01&to=2026-11-24"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_indicators_open_with_their_answer(language: str) -> None:
    client: Client = signed_in(colleague("lin", "manager"), language)
    page = client.get(f"/desk/indicators/?{PERIOD}").content.decode()
    assert page.count('<details class="fold"') >= 5
    assert '" open>' not in page
    asked = client.get(f"/desk/indicators/?{PERIOD}&by=area").content.decode()
    assert '" open>' in asked


@pytest.mark.django_db
def test_the_bulletin_folds_its_tables_on_the_page_and_not_in_the_file() -> None:
    client: Client = signed_in(colleague("lin", "manager"), "en")
    page = client.get("/desk/indicators/bulletin/?quarter=2026-Q3").content.decode()
    assert page.count('<details class="fold">') > 5
    file = client.get("/desk/indicators/bulletin/download/?quarter=2026-Q3&format=html")
    assert "<details" not in file.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone_a_long_table_shows_ten_rows_and_a_button(visitor: Any) -> None:
    window = visitor(language="en", width=390)
    window.let_in(signed_in(colleague("lin", "manager"), "en"))
    page = window.open("/desk/rules/#main")
    window.measure(OPEN_ALL)
    rows = page.locator("#long > tr")
    expect(rows.nth(9)).to_be_visible()
    expect(rows.nth(10)).to_be_hidden()
    button = page.locator("button.all-rows:visible >> nth=0")
    window.touch(button)
    expect(rows.nth(10)).to_be_visible()
    assert window.wider_than_itself() == 0
    assert window.axe() == []
