"""Pages speak to people: no blank page, no name of our files or settings, a way to sign out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import amends
from tests.pages.conftest import Desk, colleague, signed_in

SOURCE = Path(amends.__file__).parent
BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml"}
INTERNAL = re.compile(r"AMENDS_[A-Z]|\btests/|\bsrc/|\b\w+\.py\b")
OFFERED = {"verify_bundle.py"}
"""Files that people get from us and run themselves."""


def test_a_reloaded_approval_leads_back_to_its_complaint(desk: Desk) -> None:
    response = desk.client.get(f"/desk/c/{desk.complaint}/approve/", **BROWSER)
    assert response.status_code == 302
    assert response["Location"] == f"/desk/c/{desk.complaint}/"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "cannot be opened"), ("zh-hans", "不能直接")]
)
def test_the_address_of_a_form_answers_in_words(desk: Desk, language: str, words: str) -> None:
    client = signed_in(desk.handler, language)
    response = client.get("/desk/bulk/", **BROWSER)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert words in response.content.decode()


def test_who_works_here_can_sign_out_on_every_page(desk: Desk) -> None:
    html = desk.client.get("/desk/").content.decode()
    assert re.search(r'href="/account[s]?/logout/"[^>]*title="Sign out"', html)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_sign_out_is_at_hand_on_a_phone(visitor: Any, desk: Desk) -> None:
    window = visitor(language="en", width=390)
    window.let_in(desk.client)
    window.open("/desk/")
    window.touch(window.page.locator(".phone-bar summary", has_text="Account"))
    way_out = window.page.locator(".phone-bar .sign-out")
    expect(way_out).to_be_in_viewport(ratio=1)
    window.press(way_out)
    expect(window.page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_register_of_risks_names_its_evidence_in_words(db: None) -> None:
    client = signed_in(colleague("p.officer", "privacy_officer"))
    html = client.get("/desk/privacy/register/").content.decode()
    assert "planted personal data" in html
    assert "tests/" not in html


@pytest.mark.no_database
def test_templates_name_no_setting_and_no_file_of_ours() -> None:
    found = {
        f"{path.relative_to(SOURCE)}: {match[0]}"
        for path in SOURCE.glob("*/templates/**/*.html")
        for match in INTERNAL.finditer(path.read_text(encoding="utf-8"))
        if match[0] not in OFFERED
    }
    assert not found


@pytest.mark.no_database
def test_an_overdue_complaint_has_one_name_in_chinese() -> None:
    """Titles of laws and what a user lets pass have words of their own."""
    found = {
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in [
            *SOURCE.rglob("locale/**/django.po"),
            *SOURCE.glob("operations/health/*.toml"),
            *SOURCE.glob("decisions/data/escalation*.toml"),
        ]
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"已逾期|已超时|逾期完成|超时上报", line)
    }
    assert not found, "write 已超期: one thing, one word"
