"""People read of the refund for a missing notice once, in their language, with the sum."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.notices.actions.tell_refunds import tell_refunds
from amends.remedies.actions.propose import Proposal
from amends.subscribers.actions.register import NewSubscriber, register

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def _owed(person: str, charge: str, minor: int, rule: str = "audit@2012-01-20#r") -> Proposal:
    return Proposal(
        cause=f"notice:{charge}", kind="refund", subscriber=person, charge=charge,
        charge_minor=9_000, amount_minor=minor, reason_zh="达到上限未提醒。",
        reason_en="No notice at the cap.", rule=rule,
    )  # fmt: skip


def _bodies() -> list[str]:
    return [open_letter(row.id)[1] for row in OutboxMessage.objects.order_by("id")]


def test_each_reads_one_message_with_the_sum() -> None:
    person = register(NewSubscriber(phone="15400000001", language="en"), now=NOW)
    owed = [_owed(person, "chg-1", 1_200), _owed(person, "chg-2", 345)]
    assert tell_refunds(owed, now=NOW) == {person}
    [body] = _bodies()
    assert "No notice at the cap." in body
    assert "15.45" in body
    assert OutboxMessage.objects.get().channel == "sms"


def test_chinese_is_written_in_chinese() -> None:
    person = register(NewSubscriber(phone="15400000002"), now=NOW)
    tell_refunds([_owed(person, "chg-1", 1_200)], now=NOW)
    [body] = _bodies()
    assert body.startswith("【主动退费】达到上限未提醒。")
    assert "无须投诉" in body


def test_two_reasons_are_two_messages() -> None:
    person = register(NewSubscriber(phone="15400000003"), now=NOW)
    tell_refunds([_owed(person, "chg-1", 100), _owed(person, "chg-2", 100, "other")], now=NOW)
    assert len(_bodies()) == 2


def test_the_same_refunds_are_told_once() -> None:
    person = register(NewSubscriber(phone="15400000004"), now=NOW)
    for _ in range(2):
        tell_refunds([_owed(person, "chg-1", 100)], now=NOW)
    assert len(_bodies()) == 1


def test_who_cannot_be_reached_is_not_said_to_be_told() -> None:
    silent = register(NewSubscriber(), now=NOW)
    other = register(NewSubscriber(email="a@mail.example.com"), now=NOW)
    owed = [_owed(silent, "chg-1", 100), _owed(other, "chg-2", 100)]
    assert tell_refunds(owed, now=NOW) == {other}
    assert OutboxMessage.objects.get().channel == "mail"
