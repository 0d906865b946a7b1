"""Reports: labelled, weighed by person, followed by consequences, taken back, appealed against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.reported_numbers import agree_to_block, received

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.causes.protection.actions.appeals import UnableToAppealNumber, answer_appeal, appeal
from amends.causes.protection.actions.change_holder import change_holder
from amends.causes.protection.actions.own_data import erase, subject_access_export
from amends.causes.protection.actions.report import (
    NewReport,
    ReportReceipt,
    UnableToReport,
    UnableToReportMore,
    UnableToWithdrawReport,
    report,
    withdraw_report,
)
from amends.causes.protection.actions.report_by_message import report_by_message
from amends.causes.protection.authority import UnableToActOnProtection
from amends.causes.protection.jobs.expire import expire, recount
from amends.causes.protection.jobs.follow_holders import follow_holders
from amends.causes.protection.models import NuisanceReport, NumberAppeal, ReportedNumber
from amends.causes.protection.queries import words_of
from amends.causes.protection.queries.block_list import block_list_changes, is_known
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.mark_left import leave
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import Period
from amends.platform.registry import Erasure
from amends.record.ledger.queries import facts_about

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SENDER = "17000001111"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
MANAGER = Actor("user", "usr-manager", ("manager",))


def _people(count: int) -> list[str]:
    return [
        register(NewSubscriber(phone=f"139001{number:05d}"), now=NOW - 90 * DAY)
        for number in range(count)
    ]


def _report(person: str, *, key: str = "", at: datetime = NOW, **more: Any) -> ReportReceipt:
    given: dict[str, Any] = {"number": SENDER, "text": FRAUD, **more}
    if isinstance(given["number"], str) and given["number"]:
        received(person, given["number"], at=at)
    new = NewReport(
        key=key or f"k-{person}-{at:%d%H%M}",
        thing="message",
        channel="app",
        subscriber=person,
        **given,
    )
    return report(new, now=at)


def _erasure(person: str, *addresses: tuple[str, Period]) -> Erasure:
    return Erasure(
        pseudonym=person,
        actor=system("erasure"),
        case="c1",
        addresses=addresses,
        complaints=[],
        now=NOW,
    )


def test_enough_people_have_a_number_blocked() -> None:
    people = _people(5)
    steps = [_report(person).step for person in people]
    assert steps == ["", "mark", "warn", "warn", "warn"]
    assert block_list_changes() == []
    assert agree_to_block(now=NOW).step == "block"
    assert is_known(SENDER, now=NOW)
    (change,) = block_list_changes()
    assert (change.number, change.added) == (f"+86{SENDER}", True)
    assert change.until is not None
    assert change.until > NOW + 80 * DAY
    assert set(NuisanceReport.objects.values_list("state", flat=True)) == {"confirmed"}
    assert [one.kind for one in facts_about(people[0])][-1] == "MessageReported"


def test_a_rival_is_not_blocked_by_one_person() -> None:
    (person,) = _people(1)
    for number in range(20):
        _report(person, key=f"again-{number}")
    with pytest.raises(UnableToReportMore):
        _report(person, key="one-too-many")
    row = ReportedNumber.objects.get()
    assert (row.people, row.step, row.weight) == (1, "", 1.5)


def test_anonymous_reports_together_weigh_one() -> None:
    for number in range(50):
        address = f"web 203.0.113.{number}"
        report(
            NewReport(
                key=f"w{number}",
                thing="message",
                channel="web",
                number=SENDER,
                text=FRAUD,
                address=address,
            ),
            now=NOW,
        )
    assert ReportedNumber.objects.get().weight == 1.0
    assert not is_known(SENDER, now=NOW)


def test_the_same_message_twice_is_one_report() -> None:
    (person,) = _people(1)
    first, again = _report(person, key="same"), _report(person, key="same")
    assert first.ref == again.ref
    assert again.repeated
    assert NuisanceReport.objects.count() == 1


def test_an_empty_report_is_refused() -> None:
    with pytest.raises(UnableToReport):
        report(NewReport(key="e", thing="message", channel="web", text="  "), now=NOW)
    assert not NuisanceReport.objects.exists()


def test_a_report_taken_back_counts_nothing() -> None:
    people = _people(2)
    receipts = [_report(person) for person in people]
    assert receipts[1].step == "mark"
    with pytest.raises(UnableToWithdrawReport):
        withdraw_report(receipts[0].ref, reporter=people[1], now=NOW)
    withdraw_report(receipts[0].ref, reporter=people[0], now=NOW + DAY)
    row = ReportedNumber.objects.get()
    assert row.people == 1
    assert row.weight < 2


def test_consequences_run_out() -> None:
    for person in _people(4):
        _report(person)
    agree_to_block(now=NOW)
    assert expire(now=NOW + 89 * DAY) == 0
    assert expire(now=NOW + 200 * DAY) == 1
    assert not is_known(SENDER, now=NOW + 200 * DAY)
    assert [one.added for one in block_list_changes()] == [True, False]


def test_a_new_holder_starts_again() -> None:
    people = _people(5)
    for person in people[:4]:
        _report(person)
    agree_to_block(now=NOW)
    assert change_holder(SENDER, now=NOW + DAY)
    assert not is_known(SENDER, now=NOW + DAY)
    assert _report(people[4], at=NOW + 2 * DAY).step == ""
    assert not change_holder("17099999999", now=NOW)


def test_a_number_given_to_somebody_else_is_noticed() -> None:
    first = register(NewSubscriber(phone=SENDER), now=NOW - 500 * DAY)
    for person in _people(4):
        _report(person, at=NOW - 20 * DAY)
    assert follow_holders(now=NOW - 19 * DAY) == 0
    leave({first: NOW - 15 * DAY})
    register(NewSubscriber(phone=SENDER), now=NOW - DAY)
    assert follow_holders(now=NOW) == 1
    assert not is_known(SENDER, now=NOW)
    assert follow_holders(now=NOW) == 0


def test_only_the_holder_appeals_and_learns_nothing_otherwise() -> None:
    holder = register(NewSubscriber(phone=SENDER), now=NOW - 90 * DAY)
    people = _people(4)
    for person in people:
        _report(person)
    agree_to_block(now=NOW)
    with pytest.raises(UnableToAppealNumber) as known:
        appeal(SENDER, subscriber=people[0], text="unblock it", now=NOW)
    with pytest.raises(UnableToAppealNumber) as unknown:
        appeal("17099998888", subscriber=people[0], text="unblock it", now=NOW)
    assert str(known.value) == str(unknown.value)
    row = appeal(SENDER, subscriber=holder, text="I call patients.", now=NOW)
    assert appeal(SENDER, subscriber=holder, text="Again.", now=NOW).ref == row.ref
    assert row.due_at > NOW + 5 * DAY
    handler = Actor("user", "usr-h", ("handler",))
    with pytest.raises(UnableToActOnProtection):
        answer_appeal(row.ref, granted=True, text="Sorry.", actor=handler, now=NOW)
    answer_appeal(row.ref, granted=True, text="Sorry.", actor=MANAGER, now=NOW + DAY)
    assert not is_known(SENDER, now=NOW + DAY)
    assert NumberAppeal.objects.get().state == "granted"
    assert [one.added for one in block_list_changes()] == [True, False]


def _sms(text: str, **more: Any) -> Any:
    given = {
        "id": "m1",
        "channel": "sms",
        "sender": "13900100000",
        "text": text,
        "language": "zh",
        "may_answer": True,
    }
    return SimpleNamespace(**{**given, **more})


def test_a_forwarded_message_is_thanked_and_joins_the_complaint() -> None:
    _people(1)
    complaint = receive(
        Submission(
            channel="sms",
            key="c1",
            text="总有诈骗短信骚扰我，每天都收到垃圾短信，请处理。",
            received_at=NOW - DAY,
            phone="13900100000",
            by="channels",
        ),
        now=NOW - DAY,
    )
    became = report_by_message(_sms(f"举报 {SENDER} {FRAUD}"), NOW)
    row = NuisanceReport.objects.get()
    assert became == f"report:{row.ref}"
    assert (row.label, row.kind) == ("fraud", "phishing_link")
    assert row.complaint == complaint.complaint
    message = OutboxMessage.objects.get(key=f"report-thanks:{row.ref}")
    assert message.reference == row.ref
    assert report_by_message(_sms("我的话费不对"), NOW) == ""
    assert report_by_message(_sms(f"举报 {FRAUD}", channel="mail"), NOW) == "", "proves no number"


def test_no_number_or_word_rests_readable() -> None:
    (person,) = _people(1)
    _report(person)
    row, number = NuisanceReport.objects.get(), ReportedNumber.objects.get()
    assert "手机银行".encode() not in bytes(row.text)
    assert SENDER.encode() not in bytes(number.number) + number.entry.encode()
    assert subject_access_export(person)["protection_reports"][0]["words"] == FRAUD
    assert erase(_erasure(person)) == 1
    assert subject_access_export(person)["protection_reports"][0]["words"] == ""


def test_reports_of_a_number_nobody_was_known_by_are_erased_with_its_holder() -> None:
    phone = "13900100000"
    report_by_message(_sms(f"举报 {SENDER} {FRAUD}"), NOW)
    report_by_message(_sms(f"举报 {SENDER} {FRAUD}", id="m2"), NOW + DAY)
    report_by_message(_sms(f"举报 {SENDER} {FRAUD}", id="m3", sender="13900100001"), NOW)
    assert set(NuisanceReport.objects.values_list("subscriber", flat=True)) == {""}
    (person,) = _people(1)
    theirs = Period(NOW - DAY, NOW + DAY / 2)
    assert erase(_erasure(person, (f"+86{phone}", theirs))) == 1, "not the next holder's"
    assert erase(_erasure(person, (phone, Period(NOW + DAY / 2)))) == 1
    assert [words_of(row) != "" for row in NuisanceReport.objects.order_by("key")] == [
        False,
        False,
        True,
    ]


def test_a_message_of_a_megabyte_is_stored_cut_and_judged() -> None:
    (person,) = _people(1)
    receipt = _report(person, text="\u200b🎉" * 250_000 + FRAUD)
    assert receipt.label in {"spam", "fraud"}


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "\u200b" * 1_000_000, "1" * 1_000_000, "😀" * 10_000, "hello " * 3],
    ids=["x", "invisible", "digits", "emoji", "one word"],
)
def test_a_text_that_says_too_little_is_doubted_and_never_a_fraud(text: str) -> None:
    (person,) = _people(1)
    receipt = _report(person, text=text)
    assert (receipt.label, receipt.score) == ("", None)
    assert ReportedNumber.objects.get().weight == 0.75, "as a report without a text"


def test_a_fraud_behind_a_flood_is_found() -> None:
    (person,) = _people(1)
    assert _report(person, text="x" * 1_000_000 + FRAUD).label == "fraud"


def _forwarded(sender: str, text: str, channel: str = "sms") -> Any:
    return SimpleNamespace(
        id=f"m-{sender}-{text[-6:]}",
        channel=channel,
        sender=sender,
        text=text,
        language="zh",
        may_answer=False,
    )


def test_forged_senders_block_nobody() -> None:
    for number in range(60):
        message = _forwarded(f"+8613{number:09d}", f"举报 {SENDER} {FRAUD}")
        assert report_by_message(message, NOW).startswith("report:rpt-")
    row = ReportedNumber.objects.get()
    assert (row.weight, row.step) == (1.0, "")
    assert report_by_message(_forwarded("boss@bank.example", f"举报 {SENDER} x", "mail"), NOW) == ""


def test_a_flood_of_reports_is_stored_and_counted_later() -> None:
    people = _people(4)
    for number in range(210):
        message = _forwarded(f"+8613{number:09d}", f"举报 {SENDER} {FRAUD}")
        report_by_message(message, NOW)
    for person in people:
        assert _report(person, at=NOW + timedelta(seconds=1)).step == ""
    assert NuisanceReport.objects.count() == 214, "nothing is lost"
    assert recount(now=NOW + timedelta(seconds=2)) == 1
    assert agree_to_block(now=NOW + timedelta(seconds=2)).step == "block"
    assert recount(now=NOW + timedelta(seconds=2)) == 0


def test_reports_of_nobody_known_are_forgotten() -> None:
    report(
        NewReport(
            key="w", thing="message", channel="web", text=FRAUD, number=SENDER, address="web 1"
        ),
        now=NOW,
    )
    expire(now=NOW + 50 * DAY)
    assert words_of(NuisanceReport.objects.get())
    expire(now=NOW + 61 * DAY)
    row = NuisanceReport.objects.get()
    assert (words_of(row), row.hosts, row.reporter) == ("", [], "forgotten")
