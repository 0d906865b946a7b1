"""People read of an approved refund for a missing notice once, in their language, with the sum."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.cases.audits.actions.notify_refunds import notify_refunds
from amends.cases.audits.models import RefundMessage
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.work.remedies.actions.approve import approve, reject
from amends.work.remedies.actions.propose import Proposal, propose

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
MANAGER = Actor("user", "manager-1", ("manager",))


def owed(person: str, charge: str, minor: int, rule: str = "audit@2012-01-20#r") -> list[str]:
    """Propose a refund as the audit does; the ids."""
    proposal = Proposal(
        cause=f"notice:{charge}",
        kind="refund",
        subscriber=person,
        charge=charge,
        charge_minor=9_000,
        amount_minor=minor,
        reason_zh="达到上限未提醒。",
        reason_en="No notice at the cap.",
        rule=rule,
        currency="CNY",
    )
    return [one.id for one in propose([proposal], by="auditor", now=NOW)]


def approved(*args: str | int) -> None:
    approve(owed(*args), actor=MANAGER, now=NOW)  # type: ignore[arg-type]


def bodies() -> list[str]:
    return [open_letter(row.id)[1] for row in OutboxMessage.objects.order_by("id")]


def someone(phone: str, **fields: str) -> str:
    return register(NewSubscriber(phone=phone, **fields), now=NOW)


def test_each_reads_one_message_with_the_sum() -> None:
    person = someone("15400000001", language="en")
    approved(person, "chg-1", 1_200)
    approved(person, "chg-2", 345)
    assert notify_refunds(now=NOW) == {person: 1_545}
    [body] = bodies()
    assert "No notice at the cap." in body
    assert "15.45" in body
    assert OutboxMessage.objects.get().channel == "sms"


def test_nothing_is_told_before_somebody_approves_it() -> None:
    person = someone("15400000005")
    waiting, refused = owed(person, "chg-1", 100), owed(person, "chg-2", 100)
    reject(refused, actor=MANAGER, reason="charged rightly", now=NOW)
    assert len(notify_refunds(now=NOW)) == 0
    approve(waiting, actor=MANAGER, now=NOW + timedelta(hours=1))
    assert len(notify_refunds(now=NOW + timedelta(hours=2))) == 1
    assert len(bodies()) == 1


def test_chinese_is_written_in_chinese() -> None:
    approved(someone("15400000002"), "chg-1", 1_200)
    notify_refunds(now=NOW)
    [body] = bodies()
    assert body.startswith("【主动退费】达到上限未提醒。")
    assert "无须投诉" in body


def test_two_reasons_are_two_messages() -> None:
    person = someone("15400000003")
    approved(person, "chg-1", 100)
    approved(person, "chg-2", 100, "other")
    notify_refunds(now=NOW)
    assert len(bodies()) == 2


def test_what_was_told_is_not_told_again_with_what_is_approved_later() -> None:
    person = someone("15400000004", language="en")
    approved(person, "chg-1", 100)
    assert notify_refunds(now=NOW) == {person: 100}
    assert notify_refunds(now=NOW) == {}
    approved(person, "chg-2", 250)
    assert notify_refunds(now=NOW) == {person: 250}
    assert "2.50" in bodies()[1]


def test_who_cannot_be_reached_is_noted_and_not_asked_for_again() -> None:
    approved(register(NewSubscriber(name="李雷"), now=NOW), "chg-1", 100)
    assert notify_refunds(now=NOW) == {}
    assert RefundMessage.objects.get().message == ""
    assert bodies() == []
