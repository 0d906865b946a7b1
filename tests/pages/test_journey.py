"""The main journey in a real browser, in both languages; axe on every page; nothing overflows."""

from __future__ import annotations

from typing import Any

import pytest

from amends.complaints.models import Complaint
from tests.pages.conftest import PASSWORD, Desk, colleague, complain

pytestmark = pytest.mark.browser

WORDS = {
    "zh-hans": ("用户名", "查无记录", "批准并答复", "已批准", "收件箱"),
    "en": ("User name", "Nothing found", "Approve and send", "Granted", "Inbox"),
}


def sign_in(window: Any, name: str = "qiao.lin") -> Any:
    page = window.open("/account/login/?next=/desk/")
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/desk/")
    return page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_sign_in_to_an_answered_complaint_by_keyboard(
    desk: Desk, visitor: Any, language: str
) -> None:
    window = visitor(language=language)
    name, nothing, approve, granted, inbox = WORDS[language]
    window.open("/account/login/?next=/desk/")
    assert name in window.page.content()
    page = sign_in(window)
    assert page.inner_text("h1") == inbox
    page.keyboard.press("j")
    assert page.locator("tr.here").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/c/*/")
    assert nothing in page.inner_text(".dossier")
    assert page.locator(".strip rect.gap").count() == 1
    assert approve in page.inner_text(".decision")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "reply-body"
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_selector(".toast.ok")
    assert granted in page.inner_text(".toast")
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    page.keyboard.press("u")
    page.wait_for_url("**/desk/")
    assert window.faults == []
    assert window.strangers == []


def test_the_language_switches_where_one_stands(desk: Desk, visitor: Any) -> None:
    page = sign_in(visitor(language="zh-hans"))
    page.click("button[value='en']")
    page.wait_for_selector("html[lang='en']")
    assert page.url.endswith("/desk/")
    assert page.inner_text("h1") == "Inbox"


def test_a_dialog_opens_asks_and_closes(desk: Desk, visitor: Any) -> None:
    window = visitor(language="en")
    page = sign_in(window)
    page.goto(f"{window.base}/desk/c/{desk.complaint}/")
    page.click("[data-dialog='unmask']")
    assert page.locator("#unmask").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#unmask").is_visible()
    page.click("[data-dialog='unmask']")
    page.fill("#unmask-reason", "to call back about the refund")
    page.click("#unmask button.main")
    page.wait_for_selector("dd.strong")
    assert "13900001234" in page.content()
    page.go_back()
    assert "13900001234" not in page.content()
    assert window.faults == []


def test_twenty_five_rows_stand_in_the_first_screen(desk: Desk, visitor: Any) -> None:
    for at in range(30):
        complain(key=f"row-{at}", text=f"第{at}次说：宽带断了没人修，工单{at}", phone="", identity="",
                 email=f"p{at}@example.org")  # fmt: skip
    page = sign_in(visitor(language="zh-hans"))
    bottoms = page.eval_on_selector_all(
        "tr[data-row]", "rows => rows.map(row => row.getBoundingClientRect().bottom)"
    )
    assert len(bottoms) == 25
    assert max(bottoms) <= 900


PAGES = ["/desk/day/", "/desk/", "/desk/?view=closed", "/desk/remedies/", "/desk/rules/",
         "/desk/corrections/", "/desk/ledger/", "/desk/rules/complaints/deadlines-cn@2016-07-30/",
         "{complaint}", "{complaint}prove/1/"]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    [(1440, False, "zh-hans"), (1440, True, "en"), (390, True, "zh-hans"), (390, False, "en")],
)
def test_no_page_has_a_serious_fault_or_runs_off_the_side(
    desk: Desk, visitor: Any, width: int, dark: bool, language: str
) -> None:
    colleague("all.rooms", "handler", "senior_handler", "manager")
    window = visitor(language=language, width=width, dark=dark)
    page = sign_in(window, "all.rooms")
    found: dict[str, Any] = {}
    for address in PAGES:
        path = address.replace("{complaint}", f"/desk/c/{desk.complaint}/")
        page.goto(f"{window.base}{path}")
        if faults := window.axe():
            found[path] = faults
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{path} width"] = page.evaluate("document.documentElement.scrollWidth")
    assert found == {}
    expected = "404"  # the answer without facts cannot be proved, and says so with its status
    assert [fault for fault in window.faults if expected not in fault] == []
    assert window.strangers == []


@pytest.mark.parametrize("dark", [False, True])
def test_doors_have_no_serious_fault(visitor: Any, dark: bool, transactional_db: None) -> None:
    window = visitor(language="zh-hans", width=390, dark=dark)
    for path in ("/", "/account/login/", "/no/such/page/"):
        page = window.open(path)
        assert window.axe() == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
