"""The public site in a real browser: from the first page to an accepted proposal.

With and without JavaScript, in Chinese and English, on a phone; axe looks at every page, nothing
runs off the side, every target fits a thumb, and no request leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.models import Complaint
from amends.entrances.portals.jobs.receive_sent import receive_sent
from tests.actions.complaints.conftest import PHONE, World
from tests.pages.conftest import colleague
from tests.pages.portals.conftest import SECRET, code_sent_for, propose
from tests.pages.window import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORY = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
PDF = {"name": "账单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 bill"}
ONWARD = "main .button.main"
PROGRAM = {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}


def journey(window: Window, look: Callable[[], None]) -> None:
    """File, follow, show who one is, accept; `look` is called on every page on the way."""
    colleague("qiao.lin")
    window.open("/")
    look()
    window.press(ONWARD)
    file_a_complaint(window, look)
    code = window.text(".code-card .code")
    look()
    window.again()
    expect(window.page.locator(".code-card .code")).to_have_text(code)
    window.press(ONWARD)
    assert SECRET not in window.source()
    look()
    receive_sent(now=timezone.now())
    window.press("main .form-end a.button")
    look()
    propose(Complaint.objects.get(), now=timezone.now())
    window.press(ONWARD)
    look()
    window.press(ONWARD)
    look()
    show_who_one_is(window, look, code)
    accept(window, look, code)


def file_a_complaint(window: Window, look: Callable[[], None]) -> None:
    """All steps of the form, each once with something missing or wrong."""
    page, fault = window.page, window.page.locator(".error-summary a")
    window.press(ONWARD)
    expect(fault).to_have_attribute("href", "#id_text")
    look()
    page.fill("#id_text", STORY)
    page.set_input_files("#id_files", [PDF, PROGRAM])
    window.press(ONWARD)
    expect(fault).to_have_attribute("href", "#id_files")
    expect(page.locator("#files").get_by_text("账单.pdf").first).to_be_visible()
    look()
    window.press(ONWARD)
    look()
    page.fill("#id_about", PHONE)
    window.press(ONWARD)
    page.fill("#id_email", "lin@")
    window.press(ONWARD)
    expect(fault).to_have_attribute("href", "#id_email")
    look()
    page.fill("#id_email", "lin@example.org")
    window.press(ONWARD)
    expect(page.locator(".summary").get_by_text(STORY)).to_be_visible()
    look()
    window.press(ONWARD)


def show_who_one_is(window: Window, look: Callable[[], None], code: str) -> None:
    """By the digits sent, after others; then everything is open."""
    page = window.page
    page.fill("#id_digits", "12")
    window.press(ONWARD)
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("#id_digits", code_sent_for(code))
    window.press(ONWARD)
    assert SECRET in window.source()
    look()
    window.touch(page.locator("summary").first)
    window.press("details[open] a.button")
    look()
    window.back()


def accept(window: Window, look: Callable[[], None], code: str) -> None:
    """Who looked is read, and the proposal accepted."""
    window.open(f"/follow/{code}/looks/")
    look()
    page = window.open(f"/follow/{code}/proposal/")
    page.check("input[value=accept]")
    look()
    window.press(ONWARD)
    assert Complaint.objects.get().state == "implementing"
    look()


@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [
        ("zh-hans", 390, True),
        ("en", 1280, False),
        pytest.param("en", 390, False, marks=pytest.mark.nightly),
    ],
)
def test_the_whole_way_with_every_page_looked_at(
    visitor: Any, world: World, language: str, width: int, dark: bool
) -> None:
    window = visitor(language=language, width=width, dark=dark)
    wrong: list[str] = []

    def look() -> None:
        where = window.where()
        wrong.extend(f"{where} {fault}" for fault in window.axe())
        if window.wider_than_itself():
            wrong.append(f"{where} runs off the side")
        wrong.extend(f"{where} {one}" for one in window.small_targets())

    journey(window, look)
    assert wrong == []
    assert window.faults == []
    assert window.strangers == []


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.nightly)])
def test_the_whole_way_without_javascript(visitor: Any, world: World, language: str) -> None:
    window = visitor(language=language, width=390, script=False)
    journey(window, lambda: None)
    assert window.strangers == []


def test_the_language_is_switched_in_the_middle_and_nothing_is_lost(
    visitor: Any, world: World
) -> None:
    window = visitor(language="zh-hans", width=390, script=False)
    page = window.open("/complain/")
    page.fill("#id_text", STORY)
    window.press(ONWARD)
    window.press(".switch button[value=en]")
    expect(page.locator("h1")).to_have_text("Which number or service is it about?")
    window.press("a.back")
    expect(page.locator("#id_text")).to_have_value(STORY)
