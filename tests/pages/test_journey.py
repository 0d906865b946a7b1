"""The main journey in a real browser, in both languages; axe on every page; nothing overflows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.actions.approve_later import UNDO_WITHIN, approve_due
from amends.cases.complaints.models import Complaint, PendingApproval
from tests.pages.conftest import Desk, colleague, complain

pytestmark = pytest.mark.browser

WORDS = {
    "zh-hans": ("用户名", "查无记录", "批准并答复", "撤销", "收件箱"),
    "en": ("User name", "Nothing found", "Approve and send", "Undo", "Inbox"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_sign_in_to_an_answered_complaint_by_keyboard(
    desk: Desk, visitor: Any, language: str
) -> None:
    window = visitor(language=language)
    name, nothing, approve, undo, inbox = WORDS[language]
    window.open("/account/login/?next=/desk/")
    assert name in window.source()
    page = window.sign_in("qiao.lin")
    expect(page.locator("h1")).to_have_text(inbox)
    window.touch(key="j")
    expect(page.locator("tr.here")).to_have_count(1)
    window.press(key="Enter")
    window.stands_at("/desk/c/[^/]+/")
    window.touch("#tab-evidence")
    expect(page.locator("#panel-evidence")).to_contain_text(nothing)
    expect(page.locator(".strip rect.gap")).to_have_count(1)
    window.touch("#tab-verdict")
    expect(page.locator("#decision")).to_contain_text(approve)
    window.touch(key="r")
    expect(page.locator("#reply-body")).to_be_focused()
    expect(page.locator("#reply-body")).to_have_value(re.compile(r"^[^r]"))
    window.touch(key="Escape")
    expect(page.locator("#reply-body")).not_to_be_focused()
    window.touch(key="Control+Enter")
    expect(page.locator("#preview .letter-preview")).to_contain_text("30.00")
    expect(page.locator("#preview .button.main")).to_be_focused()
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    window.press(key="Enter")
    expect(page.locator(".pending")).to_contain_text(undo)
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    approve_due(now=timezone.now() + UNDO_WITHIN)
    expect(page.locator(".pending")).to_have_count(0)
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    window.press(key="u")
    window.stands_at("/desk/")
    assert window.faults == []
    assert window.strangers == []


UNCOVERED = """
(box => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  .closest('button')?.id)(document.querySelector('#undo').getBoundingClientRect())
"""


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh-hans")])
def test_the_undo_is_in_sight_and_under_the_keyboard(
    desk: Desk, visitor: Any, width: int, language: str
) -> None:
    window = visitor(language=language, width=width)
    window.let_in(desk.client)
    page = window.open(f"/desk/c/{desk.complaint}/?tab=verdict")
    window.touch("#approve")
    window.press("#preview .button.main")
    expect(page.locator("#undo")).to_be_in_viewport(ratio=1)
    assert window.measure(UNCOVERED) == "undo", "nothing covers it"
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"\d+ s"))
    window.press(key="z")
    expect(page.locator("#reply-body")).to_be_focused()
    expect(page.locator(".pending")).to_have_count(0)
    assert not PendingApproval.objects.exists()
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"


@pytest.mark.parametrize("key", ["Enter", "a", "r"])
def test_keys_open_the_complaint_and_not_the_hot_issue_it_belongs_to(
    desk: Desk, visitor: Any, key: str
) -> None:
    Complaint.objects.filter(id=desk.complaint).update(hot_issue=1)
    window = visitor(language="en")
    page = window.sign_in("qiao.lin")
    expect(page.locator("tr[data-row] a.badge")).to_have_text("issue 1")
    window.touch(key="j")
    expect(page.locator("tr.here")).to_have_count(1)
    window.press(key=key)
    window.stands_at(f"/desk/c/{desk.complaint}/.*")


def test_the_language_switches_where_one_stands(desk: Desk, visitor: Any) -> None:
    window = visitor(language="zh-hans")
    page = window.sign_in("qiao.lin")
    window.press(".rail button[value='en']")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    window.stands_at("/desk/")
    expect(page.locator("h1")).to_have_text("Inbox")


def test_a_dialog_opens_asks_and_closes(desk: Desk, visitor: Any) -> None:
    window = visitor(language="en")
    window.sign_in("qiao.lin")
    page = window.open(f"/desk/c/{desk.complaint}/")
    window.touch("#tab-customer")
    window.touch("[data-dialog='unmask']")
    expect(page.locator("#unmask")).to_be_visible()
    window.touch(key="Escape")
    expect(page.locator("#unmask")).to_be_hidden()
    window.touch("[data-dialog='unmask']")
    page.fill("#unmask-reason", "to call back about the refund")
    window.touch("#unmask button.main")
    expect(page.locator("#unmask dd.strong").first).to_have_text("13900001234")
    window.touch(key="Escape")
    expect(page.locator("dd.strong")).to_have_count(0)
    assert "13900001234" not in window.source()
    assert window.faults == []


def test_twenty_five_rows_stand_in_the_first_screen(desk: Desk, visitor: Any) -> None:
    for at in range(30):
        complain(
            key=f"row-{at}",
            text=f"第{at}次说：宽带断了没人修，工单{at}",
            phone="",
            identity="",
            email=f"p{at}@example.org",
        )
    window = visitor(language="zh-hans")
    window.sign_in("qiao.lin")
    bottoms = window.measure(
        "[...document.querySelectorAll('tr[data-row]')]"
        ".map(row => row.getBoundingClientRect().bottom)"
    )
    assert len(bottoms) == 25
    assert max(bottoms) <= 900


PAGES = [
    "/desk/day/",
    "/desk/",
    "/desk/?view=closed",
    "/desk/remedies/",
    "/desk/rules/",
    "/desk/corrections/",
    "/desk/ledger/",
    "/desk/operation/",
    "/desk/rules/decisions/deadlines-cn@2016-07-30/",
    "{complaint}",
    "{complaint}prove/1/",
]


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    [
        (1440, False, "zh-hans"),
        (390, True, "en"),
        pytest.param(1440, True, "en", marks=pytest.mark.nightly),
        pytest.param(390, False, "zh-hans", marks=pytest.mark.nightly),
    ],
)
def test_no_page_has_a_serious_fault_or_runs_off_the_side(
    desk: Desk, visitor: Any, width: int, dark: bool, language: str
) -> None:
    colleague("all.apps", "handler", "senior_handler", "manager")
    window = visitor(language=language, width=width, dark=dark)
    window.sign_in("all.apps")
    for address in PAGES:
        path = address.replace("{complaint}", f"/desk/c/{desk.complaint}/")
        window.open(path)
        assert window.axe() == [], path
        assert window.wider_than_itself() == 0, path
    expected = "404"  # the answer without facts cannot be proved, and says so with its status
    assert [fault for fault in window.faults if expected not in fault] == []
    assert window.strangers == []


@pytest.mark.parametrize("dark", [False, True])
def test_doors_have_no_serious_fault(visitor: Any, dark: bool, transactional_db: None) -> None:
    window = visitor(language="zh-hans", width=390, dark=dark)
    for path in ("/", "/account/login/", "/no/such/page/"):
        window.open(path)
        assert window.axe() == [], path
        assert window.wider_than_itself() == 0, path
