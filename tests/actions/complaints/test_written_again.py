"""Who writes again about what we closed is heard: it is opened again, and never kept in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.cases.complaints.queries.inbox import InboxFilter, page
from amends.platform.kit.actors import Actor

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(days=3)
SAID = Submission(
    channel="mail",
    key="k-1",
    text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    received_at=NOW,
    phone=PHONE,
    identity="operator_login",
    language="zh",
)


@pytest.fixture
def closed(world: World) -> Receipt:
    """A complaint that was not upheld; its letter asks for whatever says otherwise."""
    receipt = receive(SAID, now=NOW)
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([receipt.complaint], actor=pipeline.DESK, now=NOW)
    overrule(
        receipt.complaint,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        reason="核查后认为收费有依据。",
        customer_text="核查后认为收费有依据。",
        actor=HANDLER,
        now=NOW,
    )
    settle(receipt.complaint, actor=HANDLER, now=NOW)
    return receipt


def _again(words: str, **more: object) -> Receipt:
    said = replace(SAID, key="k-2", text=words, received_at=LATER, **more)  # type: ignore[arg-type]
    return receive(said, now=LATER)


def _state(receipt: Receipt) -> str:
    return Complaint.objects.get(id=receipt.complaint).state


@pytest.mark.parametrize("by", ["letter", "code"])
def test_an_answer_to_what_was_closed_opens_it_again(by: str, closed: Receipt) -> None:
    """By answering our letter, or as the same person who quotes the code."""
    named = {"answers": closed.complaint, "phone": "", "email": "lin@example.org", "identity": ""}
    if by == "code":
        named = {"thread": closed.tracking_code}
    found = _again("我有录音，营业员说不开彩铃也行。", **named)
    assert (found.complaint, found.joined) == (closed.complaint, "thread")
    complaint = Complaint.objects.get(id=closed.complaint)
    assert (complaint.state, complaint.is_open, complaint.reopened_count) == ("reopened", True, 1)
    assert complaint.next_due_at is not None
    assert complaint.next_due_at > LATER
    assert Event.objects.get(complaint=complaint, verb="reopen").reason.startswith("我有录音")
    assert Reply.objects.filter(complaint=complaint, kind="reopened").count() == 1
    pipeline.process(now=LATER)
    assert _state(closed) == "investigating"


def test_a_stranger_with_the_code_opens_nothing_and_is_heard_apart(closed: Receipt) -> None:
    found = _again(
        "我家宽带断了三天", thread=closed.tracking_code, phone="13811112222", identity=""
    )
    assert found.complaint != closed.complaint
    assert _state(closed) == "not_upheld"


@pytest.mark.parametrize(
    "words", ["谢谢", "好的，谢谢！", "谢谢你们帮我解决了", "Thank you very much."]
)
def test_thanks_open_nothing(words: str, closed: Receipt) -> None:
    found = _again(words, answers=closed.complaint)
    assert (found.complaint, _state(closed)) == (closed.complaint, "not_upheld")


@pytest.mark.parametrize(
    "words", ["谢谢，可是还在扣", "谢谢，剩下的10元请退给我", "Thanks, but it is still charged."]
)
def test_thanks_with_more_are_more(words: str, closed: Receipt) -> None:
    _again(words, answers=closed.complaint)
    assert _state(closed) == "reopened"


def test_a_program_opens_nothing(closed: Receipt) -> None:
    _again("您的邮件已转交，工单号8812。", answers=closed.complaint, silent=True)
    assert _state(closed) == "not_upheld"


def test_what_is_closed_for_good_gets_a_complaint_of_its_own(closed: Receipt) -> None:
    Complaint.objects.filter(id=closed.complaint).update(state="closed")
    found = _again("又扣了彩铃费，我没订过！", answers=closed.complaint)
    assert found.complaint != closed.complaint
    assert found.next_step


def _listed(now: datetime) -> list[str]:
    return [row["id"] for row in page(InboxFilter(view="wrote"), now=now).rows]


def test_what_is_added_to_an_answered_complaint_is_found_until_it_is_read(world: World) -> None:
    """A proposal waits for the user and no clock runs: “yes, but” was read by nobody."""
    ref = receive(SAID, now=NOW).complaint
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    _again("补充：是从九月开始扣的。", answers=ref)
    assert _listed(LATER) == [], "while it is looked at, whoever decides reads it"
    overrule(
        ref,
        verdict="partly_upheld",
        amount_minor=1000,
        currency="CNY",
        reason="只退最近一个月的。",
        customer_text="只退最近一个月的。",
        actor=HANDLER,
        now=LATER,
    )
    settle(ref, actor=HANDLER, now=LATER)
    assert _listed(LATER) == []
    later = LATER + timedelta(hours=2)
    said = replace(SAID, key="k-3", text="同意，但是要快一点", answers=ref, received_at=later)
    receive(said, now=later)
    assert _state_of(ref) == "proposed"
    assert _listed(later) == [ref]
    take([ref], actor=HANDLER, now=later + timedelta(minutes=5))
    assert _listed(later) == []


def _state_of(ref: str) -> str:
    return Complaint.objects.get(id=ref).state
