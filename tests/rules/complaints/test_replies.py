"""Letters: complete or not at all, in the reader's form, without codes and without blame."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from tests.rules.complaints.telling import RING, Story, abroad, day, ringtone

from amends.cases.complaints.rules.replies import (
    Reply,
    UnableToWriteReply,
    _templates,
    decision_fields,
    kinds,
    name_complaint,
    reply,
    reply_kind,
)
from amends.engines.decisions.decide import ApprovalLimit

WORDS = _templates(date(2026, 6, 1))
SHARED = {"matter": "your complaint", "follow": "https://complaints.example.org/follow/T/"}
VERDICTS = ("upheld", "partly_upheld", "not_upheld", "person_must_decide")


def letter(story: Story, language: str, **more: object) -> Reply:
    decision = story.decide(limits=ApprovalLimit(amounts={"CNY": 10**6}))
    given: Any = {"paid_by": date(2026, 6, 30)} | more
    fields = decision_fields(
        decision, story.matter, language=language, tracking="ABCD-EFGH-JKMN", **given
    )
    fields |= {
        "matter": name_complaint(language, received=fields["received"], topic=""),
        "follow": "https://complaints.example.org/follow/ABCD-EFGH-JKMN/",
        "regulator": "省通信管理局" if language == "zh" else "the provincial authority",
        "regulator_by": "2026年10月1日" if language == "zh" else "1 Oct 2026",
        "regulator_way": "请来信。" if language == "zh" else "Write to it.",
    }
    return reply(reply_kind(decision, story.matter), language, fields)


def test_an_upheld_complaint_is_told_what_was_found_what_is_done_and_when_money_comes() -> None:
    text = letter(ringtone(), "zh").body
    assert "“ring套餐”于2026年4月11日 10:09由合作方开通" in text
    assert "以上合计¥12.00，2026年6月30日之前到账" in text
    assert "停止“ring套餐”，不再收费" in text
    assert "可以在2026年10月1日之前向省通信管理局申诉" in text


def test_the_same_letter_in_english() -> None:
    text = letter(ringtone(), "en").body
    assert "You will receive ¥12.00 in total by 30 Jun 2026." in text
    assert "you can take your complaint to the provincial authority until 1 Oct 2026" in text


def test_a_complaint_that_is_not_upheld_is_told_the_fact_and_what_to_do_next() -> None:
    story = ringtone().confirm(RING, "ring", day(100, 2.05), order="o-ring")
    text = letter(story, "zh").body
    assert "通过短信回复确认" in text
    assert "请直接回复附上，我们会重新核查" in text
    assert "不实" not in text, "nobody is called a liar"
    assert "到账" not in text


def test_another_cause_than_the_one_complained_of_gets_words_that_fit() -> None:
    story = ringtone("consent.unauthorised_change").confirm(
        RING, "ring", day(100, 2.05), order="o-ring"
    )
    decision = story.stop(RING, day(120)).decide()
    assert reply_kind(decision, story.matter) == "upheld.other"
    assert "没有得到应有的同意" not in letter(story, "zh").body


def test_money_without_a_day_is_not_promised() -> None:
    with pytest.raises(UnableToWriteReply) as refused:
        letter(ringtone(), "zh", paid_by=None)
    assert refused.value.where == "paid_by"


@pytest.mark.parametrize("field", ["tracking", "received"])
@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_empty_field_stops_the_letter_and_is_named(field: str, value: str | None) -> None:
    fields = SHARED | {"tracking": "T", "received": "1 May 2026", "answer_by": "9 May 2026"}
    fields[field] = value  # type: ignore[assignment]
    if value is None:
        del fields[field]
    with pytest.raises(UnableToWriteReply) as refused:
        reply("joined" if field == "tracking" else "enquiry", "en", fields)
    assert refused.value.where == field
    assert field in str(refused.value)


def test_an_optional_part_is_left_out_but_never_written_empty() -> None:
    fields = SHARED | {"tracking": "T", "received": "1 May 2026", "answer_by": "9 May 2026"}
    body = reply("acknowledgement", "en", fields).body
    assert "confirm that it is you" not in body
    assert "We will answer you by 9 May 2026." in body
    for field in ("identity", "answer_by"):
        with pytest.raises(UnableToWriteReply):
            reply("acknowledgement", "en", fields | {field: ""})
    del fields["answer_by"]
    assert "answer you by" not in reply("acknowledgement", "en", fields).body


def test_there_is_no_letter_of_that_name() -> None:
    with pytest.raises(UnableToWriteReply):
        reply("congratulation", "en", {})


def test_a_person_decides_or_asks() -> None:
    waiting = ringtone().uncover("confirmations")
    assert reply_kind(waiting.decide(), waiting.matter) == "person_must_decide.value_added"
    unclear = Story("other.unspecific")
    assert reply_kind(unclear.decide(), unclear.matter) == "ask_for_words"


def test_the_amount_in_the_letter_is_the_amount_of_the_decision() -> None:
    text = letter(abroad(), "zh").body
    assert "¥75.50" in text
    assert "退还2026年5月22日收取的漫游上网费¥30.00" in text, "what it was charged for, no code"


def test_a_letter_survives_json() -> None:
    written = letter(ringtone(), "en")
    assert Reply.from_dict(written.as_dict()) == written


# ------------------------------------------------------------------ the words themselves


def test_every_letter_is_written_in_both_languages() -> None:
    expected = {
        "acknowledgement",
        "ask_for_words",
        "deadlock",
        "handover",
        "implemented",
        "outcome_question",
        *VERDICTS,
    }
    assert expected <= set(kinds())
    for kind, tongue in WORDS.letters:
        other = "en" if tongue == "zh" else "zh"
        mine, theirs = WORDS.letters[kind, tongue], WORDS.letters[kind, other]
        assert len(mine.parts) == len(theirs.parts)
        for part, twin in zip(mine.parts, theirs.parts, strict=True):
            assert set(part.fields) == set(twin.fields), kind


def test_every_group_of_classes_has_its_opening_for_every_verdict() -> None:
    from amends.engines.decisions.rulings.book import book

    groups = {rule.group for rule in book("cn", date(2026, 6, 1)).classes.values()}
    for verdict in VERDICTS:
        for group in groups:
            for tongue in ("zh", "en"):
                assert WORDS.openings[verdict, group, tongue]


def test_chinese_letters_use_chinese_punctuation() -> None:
    for (kind, tongue), written in WORDS.letters.items():
        for part in (written.subject, *written.parts):
            if tongue == "zh":
                assert not re.search(r"[一-鿿][,;:?!]", part.text), kind
            assert "successfully" not in part.text.lower()
