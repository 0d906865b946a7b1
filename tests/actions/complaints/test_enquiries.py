"""A question is a contact and no complaint: no clock, no fact, until it turns out to be one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.enquiries import (
    UnableToAnswerEnquiry,
    answer_enquiry,
    take_as_complaints,
)
from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.operator_model import classify_batch
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.respond import reopen
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Clock, Complaint, Reply
from amends.cases.complaints.rules.enquiries import is_enquiry
from amends.platform.kit.actors import Actor
from amends.record.ledger.queries import facts_about

HANDLER = Actor("user", "usr-handler", ("handler",))
WORDS = Path(__file__).parents[2] / "rules" / "complaints"
ASKS = "请问办理宽带移机需要带什么证件？"


def say(text: str = ASKS, key: str = "k1", **more: str) -> Receipt:
    said = Submission(channel="web", key=key, text=text, received_at=NOW, phone=PHONE, **more)
    return receive(said, now=NOW)


def counted(world: World) -> int:
    return len(facts_about(world.person, kinds=["ComplaintReceived"]))


def test_a_question_has_no_clock_and_counts_nowhere(world: World) -> None:
    receipt = say()
    assert receipt.kind == "enquiry"
    pipeline.process(now=NOW)
    row = Complaint.objects.get()
    assert (row.kind, row.state, row.next_due_at) == ("enquiry", "acknowledged", None)
    assert (Clock.objects.count(), counted(world)) == (0, 0)
    assert [one.kind for one in Reply.objects.all()] == ["enquiry"]


def test_questions_in_the_words_of_strangers_are_known_and_no_complaint_is_taken_for_one() -> None:
    """At least six in ten of the questions; of 320 complaints none."""
    asked, told = (
        [row["text"] for row in csv.DictReader((WORDS / name).open(encoding="utf-8"))]
        for name in ("enquiries.csv", "texts_by_strangers.csv")
    )
    known, wrong = (
        [
            text
            for text, one in zip(texts, classify_batch(texts)[0], strict=True)
            if is_enquiry(text, share=one.enquiry_share)
        ]
        for texts in (asked, told)
    )
    assert len(known) >= 0.6 * len(asked)
    assert wrong == []


def test_manners_at_the_end_of_a_question_change_nothing() -> None:
    for text in (
        "密码忘了怎么改，谢谢",
        "你好，营业厅周末开门吗",
        "你好，在吗？营业厅周末开门吗？",
    ):
        assert is_enquiry(text), text
    for text in ("在吗在吗", "谢谢", "你好"):
        assert not is_enquiry(text, share=1.0), text


@pytest.mark.parametrize(
    "text",
    [
        "请问为什么扣我10块钱？",
        "请问能不能把多扣的话费退给我？",
        "宽带断了三天，什么时候能修好？",
        "我没有办过这个套餐，怎么取消？",
        "How do I get my money back?",
        "Why is my broadband so slow?",
        "投诉！",
        "请问宽带怎么办理？谢谢你们的垃圾服务",
        "请问办理宽带移机需要带什么证件？没信号，谢谢",
        "请问套餐怎么办理？急，没网了",
        "",
    ],
)
def test_a_grievance_in_the_form_of_a_question_is_a_complaint(text: str) -> None:
    assert not is_enquiry(text, share=1.0)


def test_a_wish_makes_it_a_complaint(world: World) -> None:
    assert say(wanted="退一赔三").kind == "complaint"


def test_an_answer_closes_it_and_a_reopening_makes_it_a_complaint(world: World) -> None:
    ref = say().complaint
    pipeline.process(now=NOW)
    with pytest.raises(UnableToAnswerEnquiry):
        answer_enquiry(ref, text=" ", actor=HANDLER, now=NOW)
    letter = answer_enquiry(ref, text="请带身份证到任一营业厅。", actor=HANDLER, now=NOW)
    assert "请带身份证" in letter.body
    reopen(ref, text="还是不给办", actor=Actor("subscriber", world.person), now=NOW)
    row = Complaint.objects.get()
    assert (row.kind, row.state) == ("complaint", "reopened")
    assert row.next_due_at is not None
    assert counted(world) == 1


def test_who_replies_with_a_complaint_has_complained_from_the_first_day(world: World) -> None:
    first = say()
    again = say("投诉！营业员说不给办，态度恶劣", key="k2", thread=first.tracking_code)
    assert again.complaint == first.complaint
    row = Complaint.objects.get()
    assert row.kind == "complaint"
    assert row.next_due_at == min(
        Clock.objects.filter(binding=True).values_list("due_at", flat=True)
    )
    assert take_as_complaints([row.id], actor=HANDLER, now=NOW) == [], "only once"
    assert counted(world) == 1


def test_a_complaint_is_decided_and_not_just_answered(world: World) -> None:
    ref = say("宽带断了三天没人修").complaint
    with pytest.raises(UnableToAnswerEnquiry, match="needs a decision"):
        answer_enquiry(ref, text="知道了，会去修。", actor=HANDLER, now=NOW)
