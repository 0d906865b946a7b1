"""What a person writes: a reply does not cross with something unseen, a missing value stops it."""

from __future__ import annotations

from datetime import date

import pytest
from tests.actions.casework.conftest import Staff, complaint, staff
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import complain

from amends.cases.complaints.actions.answer import UnableToSend
from amends.cases.complaints.actions.write_to_customer import (
    UnableToSendUnseen,
    UnableToWrite,
    ask_question,
    log_call,
    send_reply,
)
from amends.cases.complaints.models import Complaint, Contact, Reply
from amends.cases.complaints.queries.arrivals import arrived
from amends.cases.complaints.refusals import UnableToReadMark
from amends.platform.kit.placeholders import UnableToFillPlaceholder
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.drafts import save_draft
from amends.work.casework.models import ComposerDraft, InternalNote, TextModule
from amends.work.casework.queries.kinds import summary
from amends.work.casework.queries.modules import filled_text_module, text_modules_for
from amends.work.casework.queries.work import waiting_follow_up

__all__ = ["complaint", "staff"]


def reply(ref: str, by, seen: str, text: str = "您好，我们正在核实。"):  # type: ignore[no-untyped-def]
    return send_reply(ref, subject="您的投诉", text=text, seen=seen, actor=by, now=NOW)


def test_two_people_in_one_case_do_not_cross(staff: Staff, complaint: Complaint) -> None:
    ref = complaint.id
    li, wang = (arrived(ref, one.ref).mark for one in (staff.li, staff.wang))
    save_draft("complaint", ref, "reply", text="王的回复", version=0, actor=staff.wang, now=NOW)
    reply(ref, staff.li, li)
    with pytest.raises(UnableToSendUnseen) as refusal:
        reply(ref, staff.wang, wang, "王的回复")
    assert refusal.value.arrivals.letters == 1
    assert ComposerDraft.objects.get().text == "王的回复", "what was typed is still there"
    assert Reply.objects.filter(kind="written").count() == 1
    reply(ref, staff.wang, arrived(ref, staff.wang.ref).mark, "王的回复")
    assert not ComposerDraft.objects.exists()


def test_a_note_or_a_message_of_the_customer_stops_it_too(
    staff: Staff, complaint: Complaint
) -> None:
    ref = complaint.id
    seen = arrived(ref, staff.li.ref).mark
    add_note("complaint", ref, text="先别回复", actor=staff.wang, now=NOW)
    complain("k2")
    with pytest.raises(UnableToSendUnseen) as refusal:
        reply(ref, staff.li, seen)
    assert (refusal.value.arrivals.notes, refusal.value.arrivals.contacts) == (1, 1)


def test_ones_own_note_does_not(staff: Staff, complaint: Complaint) -> None:
    seen = arrived(complaint.id, staff.li.ref).mark
    add_note("complaint", complaint.id, text="我来回复", actor=staff.li, now=NOW)
    assert reply(complaint.id, staff.li, seen).posted_at == NOW


def test_a_page_that_does_not_say_what_it_showed_sends_nothing(
    staff: Staff, complaint: Complaint
) -> None:
    for mark in ("", "1.2", "a.b.c"):
        with pytest.raises(UnableToReadMark):
            reply(complaint.id, staff.li, mark)


@pytest.mark.parametrize("text", ["您的编号是 {{ code }}。", "金额为{{amount}}", "  "])
def test_a_reply_with_a_gap_is_not_sent(staff: Staff, complaint: Complaint, text: str) -> None:
    with pytest.raises((UnableToFillPlaceholder, UnableToSend)):
        reply(complaint.id, staff.li, arrived(complaint.id, staff.li.ref).mark, text)
    assert not Reply.objects.filter(kind="written").exists()


def test_who_does_not_handle_complaints_writes_to_nobody(
    staff: Staff, complaint: Complaint
) -> None:
    with pytest.raises(UnableToWrite):
        reply(complaint.id, staff.officer, "1.0.0")


def test_a_question_waits_for_its_answer(staff: Staff, complaint: Complaint) -> None:
    ask_question(
        complaint.id,
        subject="请发截图",
        text="请把扣费短信的截图发给我们。",
        seen=arrived(complaint.id, staff.li.ref).mark,
        wait_until=date(2026, 11, 30),
        actor=staff.li,
        now=NOW,
    )
    waits = waiting_follow_up("complaint", complaint.id)
    assert waits
    assert waits.waits_for_customer
    assert Reply.objects.get(kind="question").posted_at == NOW


def test_a_call_joins_as_a_contact_and_a_call_nobody_took_is_a_note(
    staff: Staff, complaint: Complaint
) -> None:
    for _again in range(2):
        log_call(
            complaint.id,
            text="用户说十月也被扣了",
            was_reached=True,
            call="c1",
            actor=staff.li,
            now=NOW,
        )
    contact = Contact.objects.get(channel="phone")
    assert (contact.complaint_id, contact.by) == (complaint.id, staff.li.ref)
    log_call(complaint.id, text="没人接", was_reached=False, call="c2", actor=staff.li, now=NOW)
    assert InternalNote.objects.get().text == "没人接"
    assert Contact.objects.filter(channel="phone").count() == 1


def _module(text: str, **fields: object) -> TextModule:
    terms = {"slug": "hello", "language": "zh", "title": "问候", "text": text} | fields
    return TextModule.objects.create(changed_by="usr-1", changed_at=NOW, **terms)


def test_a_text_module_is_filled_and_a_missing_value_is_named(
    staff: Staff, complaint: Complaint
) -> None:
    _module("{{ handler }}：您的编号是{{ code }}。")
    filled = filled_text_module("complaint", complaint.id, "hello", actor=staff.li)
    assert filled.text == f"li_na：您的编号是{complaint.code_public}。"
    _module("退{{ amount }}", slug="money")
    with pytest.raises(UnableToFillPlaceholder, match="amount"):
        filled_text_module("complaint", complaint.id, "money", actor=staff.li)


def test_text_modules_are_offered_by_language_class_and_mode(
    staff: Staff, complaint: Complaint
) -> None:
    root = complaint.code.split(".")[0]
    _module("a", slug="fits", classes=[root])
    _module("a", slug="other-class", classes=["network"])
    _module("a", slug="other-language", language="en")
    _module("a", slug="other-mode", mode="ask")
    _module("a", slug="off", is_active=False)
    _module("a", slug="brand", brand="other")
    case = summary("complaint", complaint.id)
    assert case
    assert [one.slug for one in text_modules_for(case, "reply")] == ["fits"]
