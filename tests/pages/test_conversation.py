"""The page of an imported complaint: what both sides wrote in the former desk, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from amends.cases.complaints.models import Complaint, Reply
from shell import amends
from tests.actions.complaints.test_desk_conversations import TALK, ticket
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


def shown(tmp_path: Path, *, language: str = "en") -> str:
    path = tmp_path / "zammad.jsonl"
    path.write_text(json.dumps(ticket(*TALK), ensure_ascii=False))
    assert amends("import", "complaints", path, "--from", "zammad", "--json").code == 0
    client = signed_in(colleague("qiao.lin"), language)
    answer = client.get(f"/desk/c/{Complaint.objects.get().id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_both_sides_stand_in_order_and_masked(tmp_path: Path) -> None:
    html = shown(tmp_path)
    said = [
        "没有订过",
        "We have received your mail",
        "请回电138****8000",
        "还没有退。我的号码是139****1234",
        "已退还三十元",
    ]
    places = [html.index(words) for words in said]
    assert places == sorted(places)
    assert html.count("Answer of the former desk") == 3
    assert html.count("已退还三十元") == 1, "it stands once, not among the letters sent from here"
    assert "internal, not shown" not in html
    assert "Send reply" not in html
    assert "The clock runs" not in html, "of history none does"
    for hidden in ("13812348000", "13900001234", "pays late"):
        assert hidden not in html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("state", ["open", "closed"])
def test_nothing_is_offered_that_cannot_be_done_with_history(
    tmp_path: Path, language: str, state: str
) -> None:
    path = tmp_path / "zammad.jsonl"
    path.write_text(json.dumps(ticket(*TALK) | {"state": state}, ensure_ascii=False))
    assert amends("import", "complaints", path, "--from", "zammad", "--json").code == 0
    colleague("bo.wei", "senior_handler")
    client = signed_in(colleague("qiao.lin", "senior_handler"), language)
    found = Complaint.objects.get()
    address = f"/desk/c/{found.id}/"
    html = client.get(address).content.decode()
    for offer in (
        f'action="{address}take/"',
        'data-dialog="overrule"',
        'data-dialog="move-',
        f'action="{address}identity/"',
    ):
        assert offer not in html
    assert {"en": "No decision was made here", "zh-hans": "这里没有作过决定"}[language] in html
    assert f'href="{address}evidence/"' in html, "what is on record can be taken along"
    # Who posts all the same, or asks the shell, is told why not.
    why = {"en": "came in as history", "zh-hans": "作为历史"}[language]
    for verb, data in (
        ("move", {"verb": "withdraw", "reason": "no"}),
        (
            "overrule",
            {
                "verdict": "not_upheld",
                "amount": "",
                "reason": "because it is so",
                "customer_text": "because it is so",
            },
        ),
        ("take", {}),
        ("identity", {}),
    ):
        answer = client.post(f"{address}{verb}/", data)
        assert answer.status_code in (403, 422), verb
        said = answer.content.decode()
        assert (why if verb != "take" else {"en": "closed", "zh-hans": "已结束"}[language]) in said
    refused = amends("complaints", "move", found.code_public, "withdraw", "--by", "bo.wei")
    assert refused.code == 1
    left = Complaint.objects.get()
    assert (left.state, left.is_open, left.handler) == (found.state, False, "")


def test_chinese_readers_have_their_words(tmp_path: Path) -> None:
    html = shown(tmp_path, language="zh-hans")
    assert "往来" in html
    assert "原系统的答复" in html


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-hans", 390, True), ("en", 1440, False)]
)
def test_it_stands_in_a_browser(
    tmp_path: Path, visitor: Any, language: str, width: int, dark: bool
) -> None:
    shown(tmp_path)
    window = visitor(language=language, width=width, dark=dark)
    page = window.sign_in("qiao.lin", onward=f"/desk/c/{Complaint.objects.get().id}/")
    expect(page.locator(".talk-entry.is-words, .talk-entry.is-letter")).to_have_count(5)
    assert window.axe() == []
    assert window.wider_than_itself() <= 1
    assert window.faults == []


def test_an_answer_prints_masked(tmp_path: Path) -> None:
    shown(tmp_path)
    ref, letter = Complaint.objects.get().id, Reply.objects.order_by("posted_at")[1]
    client = signed_in(colleague("zhao.an"))
    html = client.get(f"/desk/c/{ref}/letter/{letter.id}/").content.decode()
    assert "138****8000" in html
    assert "13812348000" not in html
