"""What a handler's pages hold of each other: what was not read is not approved; what was said "
"shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.attach import attach_received
from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.escalate_to_regulator import (
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive, receive_many
from amends.cases.complaints.actions.respond import answer_outcome
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Complaint, Contact, Handover, Reply
from amends.cases.complaints.queries.status import newest_decisions
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.work.remedies.actions.export import acknowledge, export
from tests.actions.complaints.conftest import NOW, PHONE
from tests.pages.conftest import Desk, approve, colleague, complain, complaint_page, signed_in
from tests.shell import amends

COLLEAGUE = Actor("user", "usr-2", ("handler",))
LETTER = {"subject": "处理结果", "body": "退您30.00元。"}


def _html(desk: Desk, ref: str = "") -> str:
    return complaint_page(desk.client, ref or desk.complaint)


def _refused_by_a_colleague(ref: str) -> None:
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        actor=COLLEAGUE,
        now=NOW,
        reason="录音里用户同意过。",
        customer_text="录音里用户同意过。",
    )


def _seen(html: str) -> str:
    found = re.findall(r'name="seen" value="([^"]*)"', html)
    assert len(set(found)) == 1, "the reply and the verdict name the same decision"
    return str(found[0])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_letter_in_the_editor_does_not_leave_under_another_verdict(
    desk: Desk, language: str
) -> None:
    seen = _seen(_html(desk))
    assert seen == newest_decisions([desk.complaint])[desk.complaint].id
    _refused_by_a_colleague(desk.complaint)
    desk.client.cookies["amends_language"] = language
    answer = desk.client.post(
        f"/desk/c/{desk.complaint}/approve/", LETTER | {"seen": seen, "confirmed": "yes"}
    )
    words = {
        "en": "It was decided otherwise since you opened it.",
        "zh-hans": "您打开之后，又有了新的决定。",
    }
    assert words[language] in answer.content.decode()
    assert not Reply.objects.filter(complaint=desk.complaint, kind__startswith="upheld").exists()
    again = _seen(_html(desk))
    assert again != seen
    approve(desk.client, desk.complaint, seen=again, **LETTER)
    assert Complaint.objects.get(id=desk.complaint).state == "not_upheld"


def test_a_verdict_does_not_replace_one_that_was_not_read(desk: Desk) -> None:
    seen = _seen(_html(desk))
    _refused_by_a_colleague(desk.complaint)
    said = {
        "verdict": "upheld",
        "amount": "5.00",
        "reason": "合作方没有凭证。",
        "customer_text": "合作方没有凭证。",
        "seen": seen,
    }
    answer = desk.client.post(f"/desk/c/{desk.complaint}/overrule/", said)
    assert "It was decided otherwise since you opened it." in answer.content.decode()
    assert Complaint.objects.get(id=desk.complaint).verdict == "not_upheld"


def test_an_answer_that_changed_is_followed_by_a_button(desk: Desk) -> None:
    """The page said “investigate again”, and had no way to."""
    assert "An answer has changed" not in _html(desk)
    order = {"order": "o-1", "offer": "offer-ring", "channel": "sms"}
    asked = NOW - timedelta(days=80, hours=1)
    facts = [
        Fact(
            "ServiceOrdered",
            desk.world.person,
            desk.world.ringtone,
            asked,
            "crm",
            order | {"initiator": "subscriber"},
        ),
        Fact(
            "ConfirmationGiven",
            desk.world.person,
            desk.world.ringtone,
            asked,
            "confirmations",
            order | {"method": "sms_reply"},
        ),
    ]
    with transaction.atomic():
        append(facts, now=NOW)
    html = _html(desk)
    assert "An answer has changed" in html
    seen = _seen(html)
    answer = desk.client.post(f"/desk/c/{desk.complaint}/again/", {"seen": seen}, follow=True)
    said = answer.content.decode()
    assert "The records were checked again; the proposed verdict follows them." in said
    assert "An answer has changed" not in said
    assert Complaint.objects.get(id=desk.complaint).verdict != "upheld"
    code = Complaint.objects.get(id=desk.complaint).code_public
    assert amends("complaints", "investigate", code, "--by", "qiao.lin").code == 0
    reader = signed_in(colleague("zhao.an", "privacy_officer"))
    assert reader.post(f"/desk/c/{desk.complaint}/again/").status_code == 403


def test_of_many_only_what_the_preview_showed_is_approved(desk: Desk) -> None:
    picked = {"verb": "approve", "picked": [desk.complaint]}
    html = desk.client.post("/desk/bulk/", picked).content.decode()
    assert "¥30.00" in html
    _refused_by_a_colleague(desk.complaint)
    shown = {"confirmed": "yes", "seen": [_seen(html)]}
    answer = desk.client.post("/desk/bulk/", picked | shown, follow=True)
    assert "It was decided otherwise since you opened it." in answer.content.decode()
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"


def test_a_proposal_for_another_class_is_shown_as_gone(desk: Desk) -> None:
    ref = complain("k-2", identity="", channel="web", text="彩铃每月扣我10块，没订过！")
    Complaint.objects.filter(id=ref).update(state="investigating")
    overrule(
        ref,
        verdict="upheld",
        amount_minor=1000,
        currency="CNY",
        actor=COLLEAGUE,
        now=NOW,
        reason="合作方没有凭证。",
        customer_text="合作方没有凭证。",
    )
    assert "Approve and send" in _html(desk, ref)
    correct(ref, code="network.speed", actor=COLLEAGUE, now=NOW)
    html = _html(desk, ref)
    assert "Made for another class, so it no longer counts." in html
    assert "Approve and send" not in html
    assert "Decide…" in html


def test_what_the_user_said_of_the_solution_is_read_at_the_desk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(desk.complaint, actor=COLLEAGUE, now=NOW)
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, "B") for row in rows], now=NOW)
    clocks.check_clocks(now=NOW)
    later = NOW + timedelta(hours=1)
    answer_outcome(
        desk.complaint,
        answer="partly",
        text="还差一个月",
        satisfaction=2,
        now=later,
        actor=Actor("subscriber", desk.world.person),
    )
    monkeypatch.setattr(timezone, "now", lambda: later)
    html = _html(desk)
    assert "The user said whether it is solved · partly · content: 2 of 5" in html
    assert "还差一个月" in html


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "could not be stored: ask the customer for them · 2 (it is a program and files of this",
        ),
        ("zh-hans", "随信的文件有的无法保存，请向用户索取 · 2"),
    ],
)
def test_files_that_were_left_out_are_asked_for(desk: Desk, language: str, told: str) -> None:
    contact = Contact.objects.get(complaint=desk.complaint).id
    attach_received(contact, [], refused=["program", "type_not_allowed"], now=NOW)
    desk.client.cookies["amends_language"] = language
    assert told in _html(desk)


def test_what_the_regulator_decides_is_carried_out_on_the_page_and_in_the_shell(desk: Desk) -> None:
    other = complain("k-2", text="宽带一到晚上就断，装维说来一直没来。")
    Complaint.objects.filter(id=other).update(state="investigating")
    for ref in (desk.complaint, other):
        declare_deadlock(
            ref, reason="不能达成一致。", customer_text="不能达成一致。", actor=COLLEAGUE, now=NOW
        )
        sequence(now=NOW, holder="test")
        escalate_to_regulator(ref, actor=COLLEAGUE, now=NOW)
    html = _html(desk)
    assert "Carry out what the regulator decided" in html
    assert "Hand the file to the regulator" in html
    sequence(now=NOW, holder="test")
    again = desk.client.post(f"/desk/c/{desk.complaint}/hand-file/", follow=True)
    assert "The file goes to the regulator" in again.content.decode()
    code = Complaint.objects.get(id=other).code_public
    assert amends("complaints", "hand-file", code, "--by", "qiao.lin").code == 0
    made = Handover.objects.filter(made_at__isnull=False).values_list("complaint", flat=True)
    assert sorted(made) == sorted([desk.complaint, other] * 2)
    said = {
        "amount": "12.50",
        "reason": "中心来电告知。",
        "customer_text": "申诉受理中心调解：退12.50元。",
        "confirmed": "yes",
    }
    answer = desk.client.post(f"/desk/c/{desk.complaint}/order/", said, follow=True)
    assert (
        "It is carried out as the regulator decided; the user is notified."
        in answer.content.decode()
    )
    complaint = Complaint.objects.get(id=desk.complaint)
    assert (complaint.state, complaint.amount_minor) == ("implementing", 1250)
    again = desk.client.post(f"/desk/c/{desk.complaint}/order/", said)
    assert "The regulator does not have this complaint." in again.content.decode()

    by = (
        "--by",
        "qiao.lin",
        "--reason",
        "The centre called.",
        "--customer-text",
        "The line is to be repaired this week.",
    )
    done = amends("complaints", "order", code, *by, "--json").document
    assert (done["state"], done["verdict"]) == ("implementing", "upheld")
    reader = signed_in(colleague("zhao.an", "privacy_officer"))
    assert reader.post(f"/desk/c/{other}/order/", said).status_code == 403


def test_history_says_what_applied_on_the_day_it_was_filed(desk: Desk) -> None:
    """Before 30 July 2016 fifteen working days, in Henan five since 2021; before 2001 nobody "
    "knows."""
    filed = {
        "2015-03-02": ("", "deadlines-cn@2001-01-11"),
        "2022-03-02": ("41", "deadlines-cn-41@2021-01-01"),
        "1999-03-02": ("", ""),
    }
    for day, (province, rule) in filed.items():
        at = datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC)
        said = Submission(
            channel="import",
            key=day,
            text="多扣了我10块钱话费",
            received_at=at,
            history=True,
            state="closed",
            closed_at=at,
            province=province,
        )
        ref = receive(said, now=NOW).complaint
        html = _html(desk, ref)
        assert "No deadline: imported from an earlier system." in html
        code = Complaint.objects.get(id=ref).code_public
        told = amends("clocks", "show", code, "--by", "qiao.lin", "--json").document
        if not rule:
            assert "are not installed here" in html
            assert (told["rules_of_the_day"], told["asked_that_day"]) == ([], [])
            continue
        assert "Rules in force on the day it was filed:" in html
        assert f"/desk/rules/decisions/{rule}/" in html
        assert "required by the rules of that day" in html
        assert told["rules_of_the_day"][-1] == rule
        assert {one["rule"] for one in told["asked_that_day"] if one["binding"]} == {rule}


def test_the_words_that_decided_are_found_again_for_what_came_by_the_hundred(desk: Desk) -> None:
    many = [
        Submission(
            channel="import",
            key=f"m-{at}",
            text=f"宽带晚上很慢，测速只有{at}兆",
            received_at=NOW,
            phone=f"1390000{at:04}",
        )
        for at in range(70)
    ]
    ref = receive_many(many, now=NOW)[0].complaint
    assert Complaint.objects.get(id=ref).because == []
    html = _html(desk, ref)
    assert "Based on the words" in html
    assert "<mark>" in html
    assert PHONE not in html


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("investigating", "Assigned to you; it is listed under “Mine”."),
        (
            "proposed",
            "Assigned to you. No deadline of ours is running: it is listed under “No deadline running”.",
        ),
    ],
)
def test_who_takes_a_complaint_is_told_where_it_stands(desk: Desk, state: str, told: str) -> None:
    if state == "proposed":
        Complaint.objects.filter(id=desk.complaint).update(state=state, next_due_at=None)
    answer = desk.client.post(f"/desk/c/{desk.complaint}/take/", follow=True)
    assert told in answer.content.decode()
