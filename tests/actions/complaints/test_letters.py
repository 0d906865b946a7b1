"""Every letter, in each pack and language, as the code writes it: whole, and nothing said twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.rules.complaints.telling import RING, day, ringtone

from amends.cases.complaints.actions.answer import ReplyDraft, preview
from amends.cases.complaints.actions.escalate_to_regulator import _deadlock_fields
from amends.cases.complaints.actions.letters import closing, decided, regulator_fields
from amends.cases.complaints.actions.letters import day as shown_day
from amends.cases.complaints.actions.notify_unresolved import _unresolved
from amends.cases.complaints.actions.regulator_file import _letter_fields
from amends.cases.complaints.jobs.clocks import _outcome_fields
from amends.cases.complaints.models import Complaint, Decision, Identity
from amends.cases.complaints.rules.replies import Reply, kinds
from amends.cases.complaints.rules.replies import reply as write_reply
from amends.engines.decisions.decide import ApprovalLimit, ProposedDecision
from amends.engines.decisions.evidence import Matter
from amends.platform.environment.operator import Operator
from amends.platform.kit.packs import pack

pytestmark = pytest.mark.django_db

PACKS = ("cn", "cn-33", "cn-41", "cn-50", "eu", "uk", "us", "au", "in")
LANGUAGES = ("zh-hans", "en")
RECEIVED = day(150)
NOW = RECEIVED + timedelta(days=6)
OPERATOR = Operator(
    name="示例通信",
    name_en="Example Telecom",
    hotline="+86 10 5555 0100",
    hours="每天8:00-22:00",
    hours_en="every day, 8:00-22:00",
)
LIMITS = ApprovalLimit(amounts=dict.fromkeys(("CNY", "EUR", "GBP", "USD", "AUD", "INR"), 10**6))
CODES = {"identity_code", "identity_document"}
"""Letters about who somebody is: they do not repeat what the complaint is about."""
WITH_APPEAL = {
    "upheld",
    "partly_upheld",
    "not_upheld",
    "deadlock",
    "unresolved",
    "lapsed",
    "not_carried_out",
    "inadmissible",
    "incident_found",
    "deadline_extended",
    "deadline_paused",
    "person_must_decide",
}


ANOTHER_DAY = {"upheld", "partly_upheld", "person_must_decide", "deadlock", "unresolved"}
"""Their day depends on what is disputed, on the letter itself or on an answer still due."""


@pytest.fixture(autouse=True)
def _operator(settings: Any) -> None:
    settings.OPERATOR = OPERATOR
    settings.BASE_URL = "https://complaints.example.org"


def _complaint(place: str, language: str) -> Complaint:
    land, _, province = place.partition("-")
    complaint = Complaint(
        channel="mail",
        language=language,
        jurisdiction=land,
        province=province,
        subscriber="p-lin",
        code="thirdparty.value_added",
        state="investigating",
        state_since=RECEIVED,
        received_at=RECEIVED,
        recorded_at=RECEIVED,
        first_words="每月扣我彩铃费" * 2,
        next_step="resolve",
        next_due_at=NOW + timedelta(days=9),
        resolved_at=NOW,
        identity=Identity.VERIFIED,
        wanted="退钱",
    )
    complaint.save()
    return complaint


def _ruling(place: str, verdict: str) -> tuple[ProposedDecision, Matter]:
    """A decision about a ringtone under the rules of a pack, with this verdict."""
    land, _, province = place.partition("-")
    story = ringtone(
        jurisdiction=land, province=province, zone=pack(land, RECEIVED.date()).data["zone"]
    )
    if verdict == "not_upheld":
        story.confirm(RING, "ring", day(100, 2.05), order="o-ring")
    if verdict == "person_must_decide":
        story.uncover("confirmations")
    ruling = story.decide(limits=LIMITS)
    if verdict == "partly_upheld" or ruling.verdict != verdict:
        # Where the rules of a pack decide this story otherwise, its letter is still written.
        ruling = replace(ruling, verdict=verdict)
    return ruling, story.matter


def _decision(complaint: Complaint, verdict: str) -> tuple[Decision, ProposedDecision]:
    ruling, matter = _ruling(_place(complaint), verdict)
    decision = Decision(
        complaint=complaint,
        at=NOW,
        verdict=verdict,
        matter=matter.as_dict(),
        decision=ruling.as_dict(),
    )
    return decision, ruling


def _place(complaint: Complaint) -> str:
    return f"{complaint.jurisdiction}-{complaint.province}".rstrip("-")


def _fields(kind: str, complaint: Complaint) -> Mapping[str, str]:
    """The fields of a letter as the action that sends it makes them."""
    english = complaint.language == "en"
    said = "The engineer had to wait for a part." if english else "工程师在等配件。"
    appeal = regulator_fields(complaint, None, now=NOW)
    given: dict[str, Mapping[str, str]] = {
        "ask_for_words": {"question": said},
        "deadline_extended": appeal | {"was": "5 Jun", "until": "9 Jun", "reason": said},
        "deadline_paused": appeal | {"waits": "the network", "reason": said},
        "deadline_resumed": {"until": "9 Jun"},
        "repaired": {"repaired": "8 Jun", "reason": said},
        "implemented": {"done_on": "8 Jun", "remedies": f"· {said}", "amount": "¥6.00"},
        "not_carried_out": appeal,
        "incident_found": appeal,
        "outcome_question": _outcome_fields(complaint, NOW),
        "enquiry_answer": {"answer": said},
        "deadlock": _deadlock_fields(complaint, said, NOW),
        "unresolved": _unresolved(complaint, {"late_answer": "5 Jun"}, NOW).fields,
        "handover": _letter_fields(complaint, NOW),
        "inadmissible": appeal | {"reason": said, "next_step": said + "!"},
        "lapsed": appeal | {"accept_by": "8 Jun"},
    }
    return given.get(kind, {})


def _letter(kind: str, complaint: Complaint) -> Reply:
    if kind == "identity_code":
        fields = closing(complaint) | {"code": "123456", "minutes": "30"}
        return write_reply(kind, complaint.language, fields)
    if kind == "identity_document":
        fields = closing(complaint) | {"shown": "8 Jun"}
        return write_reply(kind, complaint.language, fields)
    if kind in ("upheld", "partly_upheld", "not_upheld", "person_must_decide"):
        decision, ruling = _decision(complaint, kind)
        sent, fields = decided(complaint, decision, ruling, now=NOW)
        assert sent.partition(".")[0] == kind
        return preview(ReplyDraft(complaint, sent, fields))
    return preview(ReplyDraft(complaint, kind, _fields(kind, complaint)))


TWICE = (
    re.compile(r"\b(\w+ \w+)\b \(\1\)"),
    re.compile(r"\bby \w+ by\b"),
    re.compile(r"([一-鿿]{2,})[以经（]{0,2}\1"),
    re.compile(r"[。.；;，,]{2}|\(\)|（）|[{}]"),
)
"""A phrase said twice in a row, doubled punctuation, brackets with nothing in them."""


def _faults(letter: Reply) -> list[str]:
    parts = letter.body.split("\n\n")
    lines = [line for line in letter.body.splitlines() if len(line) > 1]
    # The words of a person follow "the answer:" as a part of their own.
    ends = [one[-1:] for one in parts[1:] if not letter.kind.startswith("enquiry")]
    faults = [f"empty: {end!r}" for end in ends if end in ("", ":", "：")]
    faults += [f"twice: {line}" for line in set(lines) if lines.count(line) > 1]
    text = f"{letter.subject}\n{letter.body}"
    return faults + [f"{each[0]!r} in {text}" for rule in TWICE for each in rule.finditer(text)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PACKS)
def test_every_letter_is_whole_and_says_nothing_twice(place: str, language: str) -> None:
    complaint = _complaint(place, language)
    name, hotline = ("示例通信", "客服热线") if language != "en" else ("Example Telecom", "call")
    received = shown_day(complaint.received_at, complaint)
    for kind in kinds():
        letter = _letter(kind, complaint)
        assert not _faults(letter), kind
        assert name in letter.body, kind
        if kind != "identity_code":
            assert f"{hotline}" in letter.body, kind
            assert f"https://complaints.example.org/follow/{complaint.code_public}/" in letter.body
        if kind not in CODES:
            assert received in letter.body, f"{kind}: what was written, and when"
        if kind in WITH_APPEAL:
            fields = regulator_fields(complaint, None, now=NOW)
            assert fields["regulator_way"] in letter.body, f"{kind}: how to reach the regulator"
            last_day = [fields[name] for name in fields if name.endswith(("_by", "_from"))]
            assert all(one in letter.body for one in last_day) or kind in ANOTHER_DAY, kind


def test_letters_of_a_decision_name_the_last_day_to_appeal() -> None:
    complaint = _complaint("cn-11", "zh-hans")
    body = _letter("not_upheld", complaint).body
    assert re.search(r"可以在20\d\d年\d+月\d+日之前向北京市通信管理局申诉", body)
    assert "12300" in body


def test_the_operator_may_name_how_to_reach_the_dispute_body(settings: Any) -> None:
    settings.OPERATOR = replace(OPERATOR, regulator_contact_en="Call 0800 123 456.")
    assert "Call 0800 123 456." in _letter("not_upheld", _complaint("uk", "en")).body


def test_without_a_hotline_or_name_the_letter_is_still_whole(settings: Any) -> None:
    settings.OPERATOR = Operator()
    for language in LANGUAGES:
        for kind in kinds():
            assert not _faults(_letter(kind, _complaint("cn", language))), kind


def test_nothing_is_shown_or_paid_before_identity_is_proved() -> None:
    known, unknown = _complaint("cn", "en"), _complaint("cn", "en")
    unknown.subscriber = ""
    for complaint in (known, unknown):
        complaint.identity = Identity.UNVERIFIED
        body = _letter("acknowledgement", complaint).body
        assert f"/follow/{complaint.code_public}/identity/" in body
        assert "show nothing about the account and pay nothing" in body
    known.identity = Identity.VERIFIED
    assert "identity/" not in _letter("acknowledgement", known).body


def test_how_a_service_was_confirmed_is_said_once() -> None:
    for language, words in (
        ("zh-hans", "已于2026年4月11日 10:03通过短信回复确认"),
        ("en", "confirmed on 11 Apr 2026 10:03 by text message reply."),
    ):
        assert words in _letter("not_upheld", _complaint("cn", language)).body


def test_a_decision_in_part_is_sent_as_such_with_the_day_to_agree() -> None:
    letter = _letter("partly_upheld", _complaint("cn", "zh-hans"))
    assert letter.kind.startswith("partly_upheld.")
    assert "部分属实" in letter.body
    assert re.search(r"请在20\d\d年\d+月\d+日之前告诉我们是否同意", letter.body)
