"""The public site in a real browser: from the first page to an accepted proposal.

With and without JavaScript, in Chinese and English, on a phone; axe looks at every page, nothing
runs off the side, every target fits a thumb, and no request leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from amends.complaints.models import Complaint
from tests.actions.complaints.conftest import PHONE, World
from tests.pages.conftest import Visitor, colleague
from tests.pages.portals.conftest import SECRET, code_sent_for, propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORY = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
PDF = {"name": "账单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 bill"}
PROGRAM = {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}
SMALL_TARGETS = """
[...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter(one => one.checkVisibility() && !one.closest('.visually-hidden, .skip'))
  .map(one => [one, (one.closest('label.choice') || one).getBoundingClientRect()])
  .filter(([one, box]) => box.height < 43.9)
  .map(([one, box]) => `${Math.round(box.height)} px: ${one.outerHTML.slice(0, 70)}`)
"""


class WithoutScript(Visitor):
    """A browser that runs no JavaScript."""

    def __init__(self, browser: Any, base: str, *, language: str) -> None:
        self.base, self.faults, self.strangers = base, [], []
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=False
        )
        self.context.add_cookies([{"name": "amends_language", "value": language, "url": base}])
        self.page = self.context.new_page()
        self.page.on("request", self._request)


@pytest.fixture
def without_script(chromium: Any, live_server: Any) -> Iterator[Callable[..., WithoutScript]]:
    """Makes windows that run no JavaScript."""
    opened: list[WithoutScript] = []

    def make(*, language: str) -> WithoutScript:
        opened.append(WithoutScript(chromium, live_server.url, language=language))
        return opened[-1]

    yield make
    for window in opened:
        window.context.close()


def journey(window: Visitor, look: Callable[[], None]) -> None:
    """File, follow, show who one is, accept; `look` is called on every page on the way."""
    colleague("qiao.lin")
    page = window.open("/")
    main = page.locator("main .button.main")
    look()
    main.click()
    main.click()
    assert page.locator(".error-summary a").get_attribute("href") == "#id_text"
    look()
    page.fill("#id_text", STORY)
    page.set_input_files("#id_files", [PDF, PROGRAM])
    main.click()
    assert page.locator(".error-summary a").get_attribute("href") == "#id_files"
    assert page.locator("#files").get_by_text("账单.pdf").count() >= 1
    look()
    main.click()
    look()
    page.fill("#id_about", PHONE)
    main.click()
    page.fill("#id_email", "lin@")
    main.click()
    look()
    page.fill("#id_email", "lin@example.org")
    main.click()
    assert page.locator(".summary").get_by_text(STORY).is_visible()
    look()
    main.click()
    code = page.locator(".code-card .code").inner_text()
    look()
    page.reload()
    assert page.locator(".code-card .code").inner_text() == code
    main.click()
    assert SECRET not in page.content()
    look()
    propose(Complaint.objects.get(), now=timezone.now())
    main.click()
    look()
    main.click()
    look()
    page.fill("#id_digits", "12")
    main.click()
    assert page.locator(".error-summary").is_visible()
    page.fill("#id_digits", code_sent_for(code))
    main.click()
    assert SECRET in page.content()
    look()
    page.locator("summary").first.click()
    page.locator("details[open] a.button").click()
    look()
    page.go_back()
    page.goto(f"{window.base}/follow/{code}/looks/")
    look()
    page.goto(f"{window.base}/follow/{code}/proposal/")
    page.check("input[value=accept]")
    look()
    main.click()
    assert Complaint.objects.get().state == "implementing"
    look()


@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [("zh-hans", 390, True), ("en", 390, False), ("en", 1280, True)],
)
def test_the_whole_way_with_every_page_looked_at(
    visitor: Any, world: World, language: str, width: int, dark: bool
) -> None:
    window = visitor(language=language, width=width, dark=dark)
    wrong: list[str] = []

    def look() -> None:
        where = window.page.url.removeprefix(window.base)
        wrong.extend(f"{where} {fault}" for fault in window.axe())
        if window.page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{where} runs off the side")
        wrong.extend(f"{where} {one}" for one in window.page.evaluate(SMALL_TARGETS))

    journey(window, look)
    assert wrong == []
    assert window.faults == []
    assert window.strangers == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_whole_way_without_javascript(without_script: Any, world: World, language: str) -> None:
    window = without_script(language=language)
    journey(window, lambda: None)
    assert window.strangers == []


def test_the_language_is_switched_in_the_middle_and_nothing_is_lost(
    without_script: Any, world: World
) -> None:
    window = without_script(language="zh-hans")
    page = window.open("/complain/")
    page.fill("#id_text", STORY)
    page.locator("main .button.main").click()
    page.locator(".switch button[value=en]").click()
    assert page.locator("h1").inner_text() == "Which number or service is it about?"
    page.locator("a.back").click()
    assert page.locator("#id_text").input_value() == STORY
