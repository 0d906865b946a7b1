"""Remedies, rules, ledger, my day and the first page; and that all of it speaks both languages."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import expect

from amends.operations.web.ledger import feed_words
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries.overview import Feed
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.models import Remedy
from tests.actions.complaints.conftest import NOW
from tests.markup import squeezed
from tests.pages.conftest import Desk, colleague, signed_in
from tests.source_tree import source_path


@pytest.fixture
def waiting(db: None) -> list[Remedy]:
    """A small remedy any handler may approve, and one above a handler's limit."""
    return propose(
        [
            Proposal(
                cause="complaint:c1",
                kind="refund",
                charge="chg-1",
                charge_minor=1000,
                amount_minor=1000,
                reason_zh="退还彩铃费",
                reason_en="refund of the ringtone",
                rule="cn.unconfirmed",
                currency="CNY",
            ),
            Proposal(
                cause="complaint:c2",
                kind="refund",
                charge="chg-2",
                charge_minor=200000,
                amount_minor=200000,
                reason_zh="退还漫游费",
                reason_en="refund of roaming",
                rule="cn.beyond_cap",
                currency="CNY",
            ),
        ],
        by="decide",
        now=timezone.now(),
    )


def test_a_remedy_says_who_may_approve_it(waiting: list[Remedy]) -> None:
    html = signed_in(colleague("qiao.lin", "handler")).get("/desk/remedies/").content.decode()
    assert "refund of the ringtone" in html
    boxes = re.findall(r'name="picked" value="(\w+)"( disabled)?', squeezed(html))
    assert dict(boxes) == {waiting[0].id: "", waiting[1].id: " disabled"}
    assert "Service-quality manager" in html


def test_approval_and_rejection_leave_the_list(waiting: list[Remedy]) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    answer = handler.post(
        "/desk/remedies/decide/", {"verb": "approve", "picked": waiting[0].id}, follow=True
    )
    assert "goes to billing with the next export" in answer.content.decode()
    above = handler.post("/desk/remedies/decide/", {"verb": "approve", "picked": waiting[1].id})
    assert above.status_code == 403
    assert "Ask a senior handler or a manager" in above.content.decode()
    empty = handler.post("/desk/remedies/decide/", {"verb": "reject", "picked": waiting[1].id})
    assert empty.status_code == 422
    assert 'id="reject-reason_error"' in empty.content.decode()
    assert re.search(f'value="{waiting[1].id}"', empty.content.decode())
    in_dialog = handler.post(
        "/desk/remedies/decide/",
        {"verb": "reject", "picked": waiting[1].id},
        headers={"HX-Request": "true"},
    )
    assert in_dialog.status_code == 422
    assert in_dialog.content.decode().strip().startswith("<form")
    assert waiting[1].id not in in_dialog.content.decode(), "the boxes of the table are sent"
    handler.post(
        "/desk/remedies/decide/",
        {"verb": "reject", "picked": waiting[1].id, "reason": "paid back at the counter"},
    )
    assert "No remedy waits" in handler.get("/desk/remedies/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_picked_remedies_are_rejected_in_the_dialog(
    waiting: list[Remedy], visitor: Any
) -> None:
    colleague("qiao.lin", "handler")
    window = visitor(language="en")
    window.sign_in("qiao.lin")
    page = window.open("/desk/remedies/")
    page.check(f"input[value='{waiting[0].id}']")
    window.touch("[data-dialog='reject']")
    window.touch("dialog#reject [type='submit']")
    expect(page.locator("dialog#reject[open] .error")).to_have_count(1)
    page.fill("#reject-reason", "paid back at the counter")
    window.press("dialog#reject [type='submit']")
    expect(page.locator(".toast").first).to_contain_text("is rejected")
    assert Remedy.objects.get(id=waiting[0].id).state == "rejected"
    assert Remedy.objects.get(id=waiting[1].id).state == "proposed"


def test_only_a_manager_exports_and_the_file_can_be_had_again(waiting: list[Remedy]) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    manager = signed_in(colleague("zhao.an", "manager"))
    manager.post("/desk/remedies/decide/", {"verb": "approve", "picked": waiting[0].id})
    assert handler.post("/desk/remedies/export/").status_code == 403
    first = manager.post("/desk/remedies/export/")
    assert first["Content-Type"].startswith("text/csv")
    number = re.search(r'filename="(exp-\w+)\.csv"', first["Content-Disposition"])
    assert number is not None
    again = manager.get(f"/desk/remedies/export/{number[1]}/")
    assert again.content == first.content
    assert waiting[0].id in first.content.decode()


def test_rules_show_source_and_whether_it_was_read(db: None) -> None:
    client = signed_in(colleague("qiao.lin", "handler"))
    html = client.get("/desk/rules/").content.decode()
    assert "deadlines-cn@2016-07-30" in html
    assert "source read" in html
    # Before, the operator's own tables were said to have been read in the original.
    assert client.get("/desk/rules/decisions/dossier@2016-07-31/").status_code == 404
    assert client.get("/desk/rules/cisions/dossier@2016-07-30/").status_code == 404
    own = client.get("/desk/rules/decisions/dossier@2016-07-30/").content.decode()
    assert "own rule" in own
    assert "source read" not in own
    before = client.get("/desk/rules/?on=2010-01-01").content.decode()
    assert "deadlines-cn@2001-01-11" in before
    assert "Who may look at personal data" in before, "what did not hold yet has its name too"
    henan = client.get("/desk/rules/?pack=cn-41").content.decode()
    assert "deadlines-cn-41@2021-01-01" in henan
    assert "deadlines-uk" not in henan
    for address in ("?on=never", "?pack=atlantis"):
        assert client.get(f"/desk/rules/{address}").status_code == 404
    file = client.get("/desk/rules/decisions/deadlines-cn@2016-07-30/").content.decode()
    assert "within 15 days" in file
    for name, day in (
        ("confirmations/confirmations-cn", "2006-09-01"),
        ("emergencies/emergency", "2000-01-01"),
    ):
        assert f"{name}@" in html
        assert client.get(f"/desk/rules/{name}@{day}/").status_code == 200
    assert client.get("/desk/rules/vault/keys@2020-01-01/").status_code == 404
    client.cookies["amends_language"] = "zh-hans"
    assert "个人信息访问权限" in client.get("/desk/rules/?on=2010-01-01").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_ledger_verifies_itself_on_the_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The page tells the coverage of recent days; the desk's feeds state theirs on this one.
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    officer = signed_in(colleague("zhao.an", "manager"))
    assert "No checkpoint yet" in officer.get("/desk/ledger/").content.decode()
    sequence(now=NOW, holder="test")
    html = officer.get("/desk/ledger/").content.decode()
    assert "orders and services" in html
    assert "Charge made" in html
    answer = officer.post("/desk/ledger/check/", follow=True)
    assert "verify against the newest checkpoint" in answer.content.decode()
    assert desk.client.get("/desk/ledger/").status_code == 403


def test_gaps_of_a_feed_name_areas_and_not_their_codes(db: None) -> None:
    define_areas(
        [
            AreaView("area-1", "海平区", "Haiping", "", "11", 0),
            AreaView("area-2", "石渡区", "Shidu", "", "11", 0),
        ]
    )
    scopes, hour = ("area:area-1", "area:area-2"), timedelta(hours=1)
    gaps = tuple((scope, NOW - hour, NOW) for scope in scopes)
    feed = Feed("quality", ("SpeedMeasured",), scopes, 0.99, gaps, NOW - hour)
    with translation.override("en"):
        assert feed_words(feed) == (["Speed measured"], [("", NOW - hour, NOW)]), "all alike: once"
        assert feed_words(replace(feed, gaps=gaps[1:]))[1] == [("Shidu", NOW - hour, NOW)]
    with translation.override("zh-hans"):
        assert feed_words(replace(feed, gaps=gaps[1:]))[1] == [("石渡区", NOW - hour, NOW)]


def test_my_day_leads_to_what_is_due(desk: Desk) -> None:
    html = desk.client.get("/desk/day/").content.decode()
    assert f"/desk/c/{desk.complaint}/" in html
    assert "remedies to approve" in html


def test_a_role_without_complaints_sees_none_of_them(desk: Desk) -> None:
    officer = signed_in(colleague("he.yan", "privacy_officer"))
    html = officer.get("/desk/day/").content.decode()
    assert desk.complaint not in html
    assert 'href="/desk/"' not in html


def test_an_empty_house_shows_the_first_steps(client: Client, db: None) -> None:
    client.cookies["amends_language"] = "en"
    assert "ends with /setup/ and a code" in client.get("/").content.decode()
    user = colleague("qiao.lin", "handler")
    assert "/complain/" in client.get("/").content.decode()
    client.force_login(user)
    assert client.get("/")["Location"] == "/desk/day/"


def _entries(path: Path) -> list[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    found = []
    for block in text.split("\n\n")[1:]:
        parts = re.split(r"^(msgid|msgid_plural|msgstr(?:\[0\])?) ", block, flags=re.M)
        fields = {
            name: "".join(ast.literal_eval(line) for line in value.strip().splitlines())
            for name, value in zip(parts[1::2], parts[2::2], strict=True)
        }
        told = fields["msgid"] + fields.get("msgid_plural", "")
        found.append((told, fields.get("msgstr") or fields.get("msgstr[0]", "")))
    return found


@pytest.mark.parametrize("app", ["site", "complaints", "remedies", "notices"])
def test_every_sentence_has_its_chinese(app: str) -> None:
    path = source_path(f"{app}/locale/zh_Hans/LC_MESSAGES/django.po")
    entries = _entries(path)
    assert len(entries) > 20
    assert [msgid for msgid, text in entries if not text.strip()] == []
    names = re.compile(r"%\(\w+\)s")
    torn = [m for m, text in entries if not set(names.findall(text)) <= set(names.findall(m))]
    assert torn == []
    half_width = [t for _, t in entries if re.search(r"[一-鿿][,;:?!](?!\d)", t)]
    assert half_width == []


@pytest.mark.parametrize("app", ["site", "complaints", "remedies", "notices"])
def test_no_message_congratulates_itself(app: str) -> None:
    path = source_path(f"{app}/locale/zh_Hans/LC_MESSAGES/django.po")
    for msgid, text in _entries(path):
        assert "success" not in msgid.lower()
        assert "成功" not in text, text
