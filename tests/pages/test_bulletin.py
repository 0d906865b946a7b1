"""The bulletin's page and its files, and the charts of the indicators in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

from amends.platform.kit.errors import BadInput
from amends.problems.indicators.texts.bulletin import bulletin
from tests.pages.conftest import Desk, colleague, complain, signed_in

QUARTER = "?quarter=2026Q4"


@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "投诉及处理情况"), ("en", "how they were handled")]
)
def test_the_bulletin_is_read_in_both_languages(desk: Desk, language: str, word: str) -> None:
    page = signed_in(colleague("lin", "manager"), language).get(
        f"/desk/indicators/bulletin/{QUARTER}"
    )
    text = page.content.decode()
    assert word in text
    assert ("记录保存指标" if language == "zh-hans" else "Record-keeping fields") in text


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx", "csv"])
def test_each_format_comes_as_a_file(desk: Desk, form: str) -> None:
    client = signed_in(colleague("lin", "manager"))
    answer = client.get(
        f"/desk/indicators/bulletin/download/{QUARTER}&format={form}&version=public"
    )
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Disposition"].endswith(f'-public-en.{form}"')
    assert len(answer.content) > 500


def test_few_complaints_are_told_to_the_public_only_as_few(desk: Desk) -> None:
    client = signed_in(colleague("lin", "manager"))
    for path in ("", "download/"):
        query = f"{QUARTER}&version=public&format=csv"
        text = client.get(f"/desk/indicators/bulletin/{path}{query}").content.decode()
        assert "Complaints received: 1." not in text
    page = client.get(f"/desk/indicators/bulletin/{QUARTER}&version=public").content.decode()
    assert "Fewer than 10 complaints were received." in page


@pytest.mark.parametrize("query", ["?quarter=soon", "?quarter=2026Q3&format=docx"])
def test_what_is_no_quarter_or_format_is_refused(desk: Desk, query: str) -> None:
    client = signed_in(colleague("lin", "manager"))
    answer = client.get(f"/desk/indicators/bulletin/download/{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.content.decode()


def test_a_refusal_is_in_the_language_of_who_asks_not_of_the_bulletin(db: None) -> None:
    """Before, an English terminal was answered in Chinese: the bulletin would have been."""
    for quarter in ("2025Q9", "2199Q1"):
        with translation.override("en"), pytest.raises(BadInput) as refused:
            bulletin(
                quarter,
                zone="Asia/Shanghai",
                now=timezone.now(),
                language="zh-hans",
                is_public=False,
            )
        assert not re.search("[一-鿿]", str(refused.value))


def test_who_only_runs_the_platform_does_not_read_it(desk: Desk) -> None:
    client = signed_in(colleague("bob", "administrator"))
    assert client.get("/desk/indicators/bulletin/").status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-hans", 1440, False), ("en", 390, True)]
)
def test_charts_are_drawn_for_the_sheet_at_hand(
    desk: Desk, visitor: Any, language: str, width: int, dark: bool
) -> None:
    for number in range(12):
        complain(key=f"more-{number}")
    colleague("lin", "manager")
    window = visitor(language=language, width=width, dark=dark)
    page = window.sign_in("lin", onward="/desk/indicators/?section=all")
    # A card as wide as the page has its own drawing, if the page is wide enough for it.
    wide, narrow = ".chart > svg:is(.wide, .broad):visible", ".chart > svg.narrow:visible"
    kind, other = (narrow, wide) if width < 560 else (wide, narrow)
    expect(page.locator(kind).nth(1)).to_be_visible()
    expect(page.locator(other)).to_have_count(0)
    both = ".chart:has(> svg.wide:visible):has(> svg.broad:visible)"
    expect(page.locator(both)).to_have_count(0)
    assert window.wider_than_itself() == 0
    saved = window.download(page.locator('a[download$=".csv"]').first)
    data = saved.read_text(encoding="utf-8-sig")
    assert data.count("\n") > 2
    assert "definition" in data.splitlines()[0]
    assert window.axe() == []
    assert window.faults == []
