"""The workplace of a complaint: queue, timeline, composer with drafts, tabs, live refresh, keys."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.actions.approve_later import approve_due
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.models import Complaint, Contact, PendingApproval, Reply
from amends.cases.complaints.queries.complainant_view import complainant_view
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.drafts import save_draft
from amends.work.casework.queries.work import drafts_of, owner, waiting_follow_up
from tests.clock import begin_at
from tests.markup import squeezed
from tests.pages.conftest import Desk, colleague, complain, signed_in

SECRET = "He threatens to go to the press again"


def page(desk: Desk, ref: str = "", query: str = "") -> str:
    return squeezed(desk.client.get(f"/desk/c/{ref or desk.complaint}/{query}").content.decode())


def write(desk: Desk, mode: str, text: str, **fields: str) -> Any:
    mark = re.search(r'name="mark" value="([^"]+)"', page(desk))
    assert mark is not None
    typed = {"mode": mode, "text": text, "mark": mark[1]} | fields
    return desk.client.post(f"/desk/c/{desk.complaint}/write/", typed, follow=True)


def in_queue(html: str) -> list[str]:
    return re.findall(r'class="queue-item[^"]*" data-row="(\w+)"', html)


def others(count: int) -> list[str]:
    return [
        complain(
            key=f"more-{at}",
            text=f"第{at}次说：宽带断了没人修，工单{at}",
            phone="",
            identity="",
            email=f"p{at}@example.org",
        )
        for at in range(count)
    ]


# --- queue -----------------------------------------------------------------------------------------


def test_the_queue_is_the_list_the_complaint_was_opened_from(desk: Desk) -> None:
    (other,) = others(1)
    Complaint.objects.filter(id=other).update(channel="mail")
    assert set(in_queue(page(desk))) == {desk.complaint, other}
    html = page(desk, other, "?channel=mail")
    assert in_queue(html) == [other]
    assert f'href="/desk/c/{other}/?channel=mail"' in html
    assert 'href="/desk/?channel=mail"' in html, "the table of the same list is one key away"


def test_a_complaint_far_down_the_list_is_shown_with_its_neighbours(desk: Desk) -> None:
    many = others(40)
    last = Complaint.objects.filter(id__in=many).order_by("next_due_at", "id").last()
    assert last is not None
    shown = in_queue(page(desk, last.id))
    assert last.id in shown
    assert len(shown) > 1
    assert len(shown) <= 25


def test_after_an_approval_the_next_complaint_opens_with_the_undo(desk: Desk) -> None:
    others(2)
    html = page(desk)
    listed = in_queue(html)
    at = listed.index(desk.complaint)
    following = [*listed[at + 1 :], *listed[:at]][0]
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen is not None
    letter = {"subject": "关于您的投诉", "body": "已退还 30.00 元。", "seen": seen[1]}
    answer = desk.client.post(
        f"/desk/c/{desk.complaint}/approve/",
        letter | {"confirmed": "yes", "queue": "view=open"},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == f"/desk/c/{following}/?view=open"
    shown = answer.content.decode()
    assert 'id="undo"' in shown
    assert Complaint.objects.get(id=desk.complaint).code_public in shown
    undone = desk.client.post(
        "/desk/approvals/undo/", {"complaint": desk.complaint, "on_page": "yes"}, follow=True
    )
    assert undone.redirect_chain[-1][0] == f"/desk/c/{desk.complaint}/#reply-body"
    assert "已退还 30.00 元。" in undone.content.decode(), "what was written is still there"


# --- composer --------------------------------------------------------------------------------------


def test_what_is_typed_is_a_draft_for_each_mode_and_person(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/draft/"
    stored = desk.client.post(url, {"mode": "note", "text": "Ask billing first", "version": 0})
    assert stored.json()["version"] == 1
    assert "Ask billing first" in page(desk)
    assert drafts_of(desk.handler.ref, "complaint", desk.complaint).keys() == {"note"}
    colleague_page = signed_in(colleague("wang.yi")).get(f"/desk/c/{desk.complaint}/")
    assert "Ask billing first" not in colleague_page.content.decode()


def test_a_draft_of_another_window_is_not_overwritten(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/draft/"
    desk.client.post(url, {"mode": "ask", "text": "one", "version": 0})
    conflict = desk.client.post(url, {"mode": "ask", "text": "two", "version": 0})
    assert conflict.status_code == 409
    assert conflict.json()["text"] == "one"
    assert drafts_of(desk.handler.ref, "complaint", desk.complaint)["ask"].text == "one"


def test_a_reply_that_crosses_with_something_new_is_stopped_and_kept(desk: Desk) -> None:
    mark = re.search(r'name="mark" value="([^"]+)"', page(desk))
    assert mark is not None
    complain(key="again", text="每月扣我10块钱彩铃费，我从来没有订过彩铃，快退！")
    typed = {"mode": "ask", "subject": "请问", "text": "是哪一天？", "mark": mark[1]}
    answer = desk.client.post(f"/desk/c/{desk.complaint}/write/", typed, follow=True)
    html = answer.content.decode()
    assert "Something arrived since you opened this complaint." in html
    assert "是哪一天？" in html
    assert not Reply.objects.filter(complaint=desk.complaint, kind="question").exists()


def test_a_question_is_sent_and_the_complaint_waits_for_the_answer(desk: Desk) -> None:
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    html = write(desk, "ask", "是哪一天？", subject="请问", wait_until=day).content.decode()
    assert "The question is held: no channel is switched on." in html
    assert "waiting until" in html
    waits = waiting_follow_up("complaint", desk.complaint)
    assert waits is not None
    assert waits.due_on.isoformat() == day
    assert Reply.objects.get(complaint=desk.complaint, kind="question").body == "是哪一天？"


def test_a_call_that_was_answered_is_a_contact_and_one_that_was_not_a_note(desk: Desk) -> None:
    write(desk, "call", "用户说是上个月开始扣的。", reached="on", call="call-1")
    assert Contact.objects.filter(complaint=desk.complaint, channel="phone").count() == 1
    html = write(desk, "call", "Rang three times.", reached="", call="call-2").content.decode()
    assert Contact.objects.filter(complaint=desk.complaint, channel="phone").count() == 1
    assert "Rang three times." in html


def test_internal_notes_are_shown_to_colleagues_and_reach_no_customer(desk: Desk) -> None:
    html = squeezed(write(desk, "note", SECRET).content.decode())
    assert "internal, not shown to the customer" in html
    assert SECRET in html
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen is not None
    desk.client.post(f"/desk/c/{desk.complaint}/approve/", {"seen": seen[1], "confirmed": "yes"})
    approve_due(now=timezone.now() + timedelta(minutes=1))
    letters = Reply.objects.filter(complaint=desk.complaint)
    assert letters
    assert all(SECRET not in one.body + one.subject for one in letters)
    assert SECRET not in repr(complainant_view(desk.complaint))
    export = desk.client.get("/desk/export/")
    assert SECRET.encode() not in b"".join(export)


def test_only_who_handles_complaints_writes_to_customers(desk: Desk) -> None:
    reader = signed_in(colleague("shen.yu", "privacy_officer"))
    refused = reader.post(
        f"/desk/c/{desk.complaint}/write/",
        {"mode": "reply", "subject": "s", "text": "t", "mark": "0.0.0"},
    )
    assert not Reply.objects.filter(complaint=desk.complaint, kind="written").exists()
    assert refused.status_code in {302, 403}
    assert desk.client.post(f"/desk/c/{desk.complaint}/write/", {"mode": "x"}).status_code == 400


# --- who works on it, and when it comes back ---------------------------------------------------------


def test_a_complaint_is_assigned_watched_and_followed_up(desk: Desk) -> None:
    other = colleague("wang.yi")
    url = f"/desk/c/{desk.complaint}/"
    html = desk.client.post(url + "assign/", {"to": other.ref}, follow=True).content.decode()
    assert "Assigned to wang.yi." in html
    assert owner("complaint", desk.complaint).person == other.ref
    assert 'title="wang.yi">WY<' in squeezed(html), "the queue has the owner's initials"
    desk.client.post(url + "assign/", {"to": "queue"})
    assert owner("complaint", desk.complaint).person == ""
    assert "You are watching it" in desk.client.post(url + "watch/", follow=True).content.decode()
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    desk.client.post(url + "follow-up/", {"due_on": day, "reason": "Ask the technician"})
    assert "Ask the technician" in page(desk)
    desk.client.post(url + "follow-up/", {"end": "1"})
    assert waiting_follow_up("complaint", desk.complaint) is None
    assert desk.client.post(url + "follow-up/", {"due_on": ""}).status_code == 422


# --- the page changes while it is open -----------------------------------------------------------------


def test_what_changed_is_told_and_nothing_else_is_read(desk: Desk) -> None:
    html = page(desk)
    live = re.search(r'hx-get="(/desk/c/\w+/changes/[^"]+)"', html)
    assert live is not None
    address = live[1].replace("&amp;", "&")
    assert desk.client.get(address).status_code == 204
    actor = Actor("user", desk.handler.ref, ("handler",))
    add_note("complaint", desk.complaint, text=SECRET, actor=actor, now=timezone.now())
    changed = desk.client.get(address).content.decode()
    assert SECRET in changed
    assert "<textarea" not in changed.split('id="timeline-frame"')[1], "fields stay as they are"
    assert "Something changed while you were here" in changed


def test_newcomers_are_counted_and_the_list_keeps_its_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = re.search(r'hx-get="(/desk/c/\w+/changes/[^"]+)"', page(desk))
    assert live is not None
    begin_at(monkeypatch, timezone.now() + timedelta(minutes=1))
    complain(key="new", text="宽带断了", phone="", identity="", received_at=timezone.now())
    changed = squeezed(desk.client.get(live[1].replace("&amp;", "&")).content.decode())
    assert "1 new" in changed
    assert "queue-item" not in changed


# --- in a browser ---------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_four_keys_lead_from_the_list_to_a_reply_that_is_sent(desk: Desk, visitor: Any) -> None:
    window = visitor(language="en")
    window.let_in(desk.client)
    page = window.open("/desk/")
    keys = ["j", "Enter", "Control+Enter", "Enter"]
    window.touch(key=keys[0])
    expect(page.locator("tr.here")).to_have_count(1)
    window.press(key=keys[1])
    expect(page.locator(".composer")).to_be_visible()
    window.touch(key=keys[2])
    expect(page.locator("#preview .button.main")).to_be_focused()
    window.press(key=keys[3])
    assert PendingApproval.objects.get().complaint_id == desk.complaint
    assert len(keys) <= 6
    assert window.faults == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_verdict_that_arrives_later_brings_its_reply_before_it_is_approved(
    desk: Desk, visitor: Any
) -> None:
    window = visitor(language="en")
    window.let_in(desk.client)
    page = window.open(f"/desk/c/{desk.complaint}/")
    expect(page.locator("#approve")).to_be_visible()
    overrule(
        desk.complaint,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        actor=Actor("user", "usr-2", ("handler",)),
        now=timezone.now(),
        reason="The user agreed in the recording.",
        customer_text="The recording contains your consent.",
    )
    window.measure("document.body.dispatchEvent(new Event('turn'))")
    expect(page.locator("#approve")).to_have_count(0)
    window.press("[data-reload]")
    expect(page.locator("#reply-body")).to_have_value(
        re.compile("The recording contains your consent")
    )
    expect(page.locator("#approve")).to_be_visible()
    assert window.faults == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_is_typed_survives_a_reload_and_the_tabs_are_under_the_arrows(
    desk: Desk, visitor: Any
) -> None:
    window = visitor(language="en")
    window.let_in(desk.client)
    page = window.open(f"/desk/c/{desk.complaint}/")
    window.touch(key="n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("jk ask billing")
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft saved")
    window.again()
    window.touch("[data-mode=note]")
    expect(page.locator("#note-text")).to_have_value("jk ask billing")
    page.locator("#tab-verdict").focus()
    window.touch(key="ArrowRight")
    expect(page.locator("#tab-evidence")).to_be_focused()
    expect(page.locator("#panel-evidence")).to_be_visible()
    window.stands_at(r"/desk/c/\w+/\?tab=evidence")
    window.again()
    expect(page.locator("#panel-evidence")).to_be_visible()
    assert window.faults == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-hans", 390, True), ("en", 1440, False)]
)
def test_no_tab_has_a_serious_fault(
    desk: Desk, visitor: Any, language: str, width: int, dark: bool
) -> None:
    actor = Actor("user", desk.handler.ref, ("handler",))
    now = timezone.now()
    add_note("complaint", desk.complaint, text=SECRET, actor=actor, now=now)
    save_draft("complaint", desk.complaint, "ask", text="哪一天？", version=0, actor=actor, now=now)
    window = visitor(language=language, width=width, dark=dark)
    window.let_in(desk.client)
    for query in ("", "?tab=verdict&mode=note", "?tab=evidence", "?tab=customer", "?tab=issue"):
        window.open(f"/desk/c/{desk.complaint}/{query}")
        assert window.axe() == [], query
        assert window.wider_than_itself() == 0, query
    assert window.faults == []
