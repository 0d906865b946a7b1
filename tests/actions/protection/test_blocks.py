"""Who can have a number blocked: not a few, not one colleague, and never a number people need."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.reported_numbers import SECOND, agree_to_block, received

from amends.causes.protection.actions.block_number import UnableToBlock, block_number
from amends.causes.protection.actions.decide_delivery import DeliveryQuestion, decide_delivery
from amends.causes.protection.actions.export_block_list import export_block_list
from amends.causes.protection.actions.notify_operators import notify_operators, write_notices
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.set_protection import NewSettings, set_protection
from amends.causes.protection.jobs.expire import expire
from amends.causes.protection.models import BlockListChange, NumberContact, ReportedNumber
from amends.causes.protection.numbers import entry_of, spelled
from amends.causes.protection.queries.block_list import block_list_changes, is_known
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.staff import actor_of_user
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.vault.sealing import seal
from amends.work.approvals.actions.decide import UnableToDecide, approve
from amends.work.approvals.jobs import lapse_overdue
from amends.work.approvals.models import WaitingItem

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HONEST = "13900990000"
SCAM = "17000001111"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
HANDLER = Actor("user", "usr-handler", ("handler",))


def _person(number: int) -> str:
    return register(NewSubscriber(phone=f"139008{number:05d}"), now=NOW - 90 * DAY)


def _report(person: str, number: str, *, at: datetime = NOW, **more: Any) -> None:
    given: dict[str, Any] = {"thing": "message", "channel": "web", "text": FRAUD, **more}
    report(NewReport(key=f"{person} {number}", number=number, subscriber=person, **given), now=at)


def _verified(people: int, number: str, *, at: datetime = NOW, **more: Any) -> ReportedNumber:
    for place in range(people):
        person = _person(place)
        received(person, number, at=at)
        _report(person, number, at=at, **more)
    return ReportedNumber.objects.get(entry=entry_of(number))


def _blocked_before(number: str) -> None:
    """A block that an earlier version entered."""
    ref = f"num-{number}"
    row = ReportedNumber.objects.create(
        ref=ref,
        entry=entry_of(number),
        number=seal("protection_number", "number", ref, spelled(number)),
        step="block",
        step_at=NOW,
        step_until=NOW + 80 * DAY,
        last_reported_at=NOW,
    )
    BlockListChange.objects.create(number=row, added=True, at=NOW, reason="r", by="rules")


def test_signed_in_people_who_were_not_contacted_block_nobody() -> None:
    """Four colluding subscribers, and forty: the network never saw the number contact them."""
    for place in range(40):
        _report(_person(place), HONEST)
    row = ReportedNumber.objects.get()
    assert (row.weight, row.step) == (1.0, "")
    assert not block_list_changes()


def test_one_colleague_who_enters_reports_of_callers_blocks_nobody() -> None:
    """A handler entered four subscribers as callers: even verified ones count as one."""
    row = _verified(40, HONEST, channel="phone", typed_by=HANDLER.ref)
    assert (row.weight, row.step) == (1.5, "")


def test_one_address_and_one_household_block_nobody() -> None:
    row = _verified(40, HONEST, source="one connection")
    assert (row.weight, row.step) == (3.0, "mark")
    for person in _household():
        received(person, SCAM, at=NOW)
        _report(person, SCAM)
    assert ReportedNumber.objects.get(entry=entry_of(SCAM)).weight == 1.5


def _household() -> list[str]:
    people = [_person(200 + place) for place in range(8)]
    for place, person in enumerate(people):
        set_protection(
            person,
            NewSettings(level="marked", second_contact="13900450000"),
            now=NOW + place * DAY,
        )
    return people


def test_a_number_with_ordinary_traffic_waits_for_a_second_person() -> None:
    received(_person(900), HONEST, at=NOW - 5 * DAY)
    row = _verified(25, HONEST)
    assert row.step == "warn"
    item = WaitingItem.objects.get()
    assert (item.decision, item.subject_key, item.state) == (
        "protection.block_number",
        row.ref,
        "waiting",
    )
    assert not block_list_changes()
    assert agree_to_block(now=NOW + HOUR).step == "block"
    assert "asked_by" in block_list_changes()[0].reason


def test_twenty_verified_reports_without_ordinary_traffic_are_one_step() -> None:
    """The published rule replaces the second person, and the record says so."""
    row = _verified(20, SCAM)
    assert row.step == "block"
    item = WaitingItem.objects.get(state="approved")
    assert (item.rule, item.rule_version) == ("evident scam", "block-safeguards@2021-11-01")
    assert item.answered_by == ""
    assert "rule=evident scam" in block_list_changes()[0].reason


def test_a_handler_blocks_an_evident_scam_alone_and_another_number_not() -> None:
    row = _verified(20, SCAM)
    ReportedNumber.objects.update(step="warn")
    assert block_number(row.ref, reason="A scam.", actor=HANDLER, now=NOW).rule == "evident scam"
    few = _verified(5, HONEST)
    item = WaitingItem.objects.get(subject_key=few.ref)
    assert item.state == "waiting"
    with pytest.raises(UnableToDecide):
        approve(item.ref, actor=HANDLER, now=NOW)


def test_who_entered_the_reports_does_not_decide_the_block() -> None:
    senior = Actor("user", "usr-senior", ("senior_handler",))
    row = _verified(1, HONEST, typed_by=senior.ref)
    item = block_number(row.ref, reason="Fraud by phone.", actor=HANDLER, now=NOW)
    with pytest.raises(UnableToDecide):
        approve(item.ref, actor=senior, now=NOW)
    approve(item.ref, actor=SECOND, now=NOW)
    assert ReportedNumber.objects.get().step == "block"


def test_an_only_account_blocks_for_a_day() -> None:
    only = add_user("only", password="correct horse battery staple 7", roles=["senior_handler"])
    row = _verified(3, HONEST)
    assert row.step == "warn"
    actor = actor_of_user(only)
    item = block_number(row.ref, reason="Fraud by phone.", actor=actor, now=NOW)
    row.refresh_from_db()
    assert (row.step, row.step_until) == ("block", NOW + DAY)
    lapse_overdue(now=NOW + DAY + HOUR)
    item.refresh_from_db()
    row.refresh_from_db()
    assert (item.state, row.step) == ("lapsed", "")
    assert [one.added for one in block_list_changes()] == [True, False]


@pytest.mark.parametrize(
    "number", ["110", "119", "12321", "10086", "95588", "96110", "010-95588", "+8610000", "112"]
)
def test_numbers_that_people_need_are_never_blocked(number: str) -> None:
    row = _verified(30, number)
    assert (row.step, row.people) == ("", 30)
    with pytest.raises(UnableToBlock):
        block_number(row.ref, reason="Fraud.", actor=HANDLER, now=NOW)
    assert not block_list_changes()
    assert not is_known(number, now=NOW)


def test_numbers_of_the_operator_are_never_blocked(settings: Any) -> None:
    settings.NEVER_BLOCKED = ["10690000001", "400-810-0000"]
    assert _verified(30, "10690000001").step == ""


def test_a_block_of_before_leaves_every_list(tmp_path: Path, settings: Any) -> None:
    """110 stood in the exported block list although the decisions passed it."""
    settings.BLOCK_NOTICES_TO = "spam@operator.example"
    register(NewSubscriber(phone="13900770000"), now=NOW - 90 * DAY)
    for number in ("110", "95588"):
        _blocked_before(number)
        question = DeliveryQuestion(key=number, thing="call", number=number, to="13900770000")
        assert decide_delivery(question, now=NOW).action == "pass"
    assert not block_list_changes()
    assert export_block_list(tmp_path / "list.csv", since=0).changes == 0
    assert write_notices(tmp_path / "notices.csv", since=0).notices == 0
    assert notify_operators(now=NOW) == 0
    expire(now=NOW)
    assert set(ReportedNumber.objects.values_list("step", flat=True)) == {""}
    assert [one.added for one in block_list_changes()] == [False, False]


def test_the_message_of_a_bank_is_marked_at_most() -> None:
    person = register(NewSubscriber(phone="13900770000"), now=NOW - 90 * DAY)
    set_protection(person, NewSettings(level="strict"), now=NOW)
    question = DeliveryQuestion(
        key="k", thing="message", number="95588", to="13900770000", text=FRAUD
    )
    assert decide_delivery(question, now=NOW).action == "mark"


def test_no_cell_of_an_exported_list_is_a_formula(tmp_path: Path) -> None:
    _blocked_before("=HYPERLINK(1)")
    _blocked_before("@CMD")
    export_block_list(tmp_path / "list.csv", since=0)
    write_notices(tmp_path / "notices.csv", since=0)
    for name in ("list.csv", "notices.csv"):
        with (tmp_path / name).open(encoding="utf-8") as file:
            numbers = [row["number"] for row in csv.DictReader(file)]
        assert numbers == ["'=HYPERLINK(1)", "'@CMD"]


def test_a_contact_after_the_report_proves_nothing_and_old_ones_are_deleted() -> None:
    person = _person(1)
    received(person, SCAM, at=NOW + HOUR)
    _report(person, SCAM)
    assert ReportedNumber.objects.get().weight < 1
    old = _person(2)
    received(old, SCAM, at=NOW - 40 * DAY)
    _report(old, SCAM)
    assert ReportedNumber.objects.get().weight < 1
    expire(now=NOW)
    assert list(NumberContact.objects.values_list("first_at", flat=True)) == [NOW + HOUR]
