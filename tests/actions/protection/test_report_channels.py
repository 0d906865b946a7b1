"""Reports from complaints and with files; what became of them is sent once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from tests.reported_numbers import received

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint
from amends.causes.protection.actions.evidence import (
    EvidenceFile,
    UnableToAddEvidence,
    UnableToOpenEvidence,
    add_evidence,
    open_evidence,
)
from amends.causes.protection.actions.own_data import erase
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.set_protection import NewSettings, set_protection
from amends.causes.protection.jobs.expire import expire
from amends.causes.protection.jobs.notify_reporters import notify_reporters
from amends.causes.protection.jobs.report_complaints import read_complaint, report_complaints
from amends.causes.protection.models import NuisanceReport, ReportEvidence
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import Period
from amends.platform.registry import Erasure

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SENDER = "17000001111"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
HANDLER = Actor("user", "usr-h", ("handler",))


def _people(count: int) -> list[str]:
    return [
        register(NewSubscriber(phone=f"139005{number:05d}"), now=NOW - 90 * DAY)
        for number in range(count)
    ]


def _report(person: str, key: str = "") -> str:
    new = NewReport(
        key=key or person,
        thing="message",
        channel="app",
        number=SENDER,
        text=FRAUD,
        subscriber=person,
    )
    received(person, SENDER, at=NOW)
    return report(new, now=NOW).ref


@pytest.mark.parametrize(
    ("text", "numbers", "quoted"),
    [
        ("10698800001 一直给我发垃圾短信", ["10698800001"], ""),
        (f"{SENDER}发来“{FRAUD}”", [SENDER], FRAUD),
        ("每天被骚扰电话打20次，扣了10086元", [], ""),
        ("Calls from 020-7946 0018 and +85299990000", ["020-7946", "+85299990000"], ""),
    ],
)
def test_a_complaint_names_a_number_and_quotes_a_message(
    text: str, numbers: list[str], quoted: str
) -> None:
    assert read_complaint(text) == (numbers, quoted)


def test_a_complaint_about_nuisance_becomes_a_report() -> None:
    (person,) = _people(1)
    text = f"垃圾短信骚扰：{SENDER} 天天发“{FRAUD}”，我的号码是13900500000，请处理骚扰诈骗短信。"
    receipt = receive(
        Submission(key="c1", channel="web", text=text, phone="13900500000", received_at=NOW),
        now=NOW,
    )
    complaint = Complaint.objects.get(id=receipt.complaint)
    Complaint.objects.filter(id=complaint.id).update(code="nuisance.spam_fraud")
    assert report_complaints(now=NOW + timedelta(minutes=1)) == 1
    assert report_complaints(now=NOW + timedelta(minutes=2)) == 0
    row = NuisanceReport.objects.get()
    assert row.complaint == complaint.id
    assert row.label == "fraud"
    assert row.number is not None
    assert row.subscriber in ("", person)


def test_evidence_is_stored_encrypted_and_erased(settings: Any) -> None:
    (person,) = _people(1)
    ref = _report(person)
    (file,) = add_evidence(ref, [EvidenceFile("../shot.png", PNG)], now=NOW)
    assert add_evidence(ref, [EvidenceFile("again.png", PNG)], now=NOW) == []
    opened = open_evidence(file, actor=HANDLER)
    assert (opened.name, opened.media_type, opened.content) == ("shot.png", "image/png", PNG)
    assert not any(
        b"PNG" in path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()
    )
    NuisanceReport.objects.update(brand="pear")
    with pytest.raises(UnableToOpenEvidence):
        open_evidence(file, actor=Actor("user", "u", ("handler",), brand="plum"))
    with pytest.raises(UnableToAddEvidence):
        add_evidence(ref, [EvidenceFile("a.png", b"MZ" + b"\0" * 100)], now=NOW)
    with pytest.raises(UnableToAddEvidence):
        add_evidence(ref, [EvidenceFile("a.png", PNG + bytes([n])) for n in range(4)], now=NOW)
    erasure = Erasure(
        pseudonym=person,
        actor=system("erasure"),
        case="c1",
        addresses=[("13900500000", Period(NOW - DAY, None))],
        complaints=[],
        now=NOW,
    )
    erase(erasure)
    assert not ReportEvidence.objects.exists()
    assert not any(path.is_file() for path in (settings.MEDIA_ROOT / "protection").rglob("*"))


def test_evidence_is_deleted_after_half_a_year() -> None:
    (person,) = _people(1)
    add_evidence(_report(person), [EvidenceFile("shot.png", PNG)], now=NOW)
    expire(now=NOW + 170 * DAY)
    assert ReportEvidence.objects.exists()
    expire(now=NOW + 181 * DAY)
    assert not ReportEvidence.objects.exists()


def test_reporters_learn_once_what_became_of_their_report() -> None:
    people = _people(4)
    set_protection(people[1], NewSettings(level="marked", outcome_messages=False), now=NOW)
    set_protection(
        people[2],
        NewSettings(level="marked", quiet_from=time(9), quiet_until=time(12)),
        now=NOW,
    )
    assert notify_reporters(now=NOW) == 0
    for person in people:
        _report(person)
    assert notify_reporters(now=NOW) == 2, "one refuses, one is in quiet hours"
    assert notify_reporters(now=NOW + timedelta(hours=1)) == 0
    assert notify_reporters(now=NOW + timedelta(hours=3)) == 1
    letters = OutboxMessage.objects.filter(key__startswith="report-outcome:")
    assert "您举报的" in open_letter(letters[0].id)[1]
    _report(people[0], key="another")
    assert notify_reporters(now=NOW + timedelta(hours=4)) == 0, "one a day"
