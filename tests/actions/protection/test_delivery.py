"""What the network does with a message or call: by the subscriber's settings and the reports."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.reported_numbers import agree_to_block, received, record_guardian

from amends.causes.privacy.actions.record_consent import give_consent
from amends.causes.protection.actions.decide_delivery import (
    DeliveryDecision,
    DeliveryQuestion,
    decide_delivery,
)
from amends.causes.protection.actions.own_data import subject_access_export
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.set_protection import (
    NewSettings,
    UnableToChangeMinor,
    UnableToCorrectStop,
    UnableToSetProtection,
    choose_number,
    correct_stop,
    refuse_to_be_contact,
    set_minor,
    set_protection,
)
from amends.causes.protection.authority import UnableToActOnProtection
from amends.causes.protection.choices import Treatment
from amends.causes.protection.jobs.expire import expire
from amends.causes.protection.models import ReportedNumber, StoppedDelivery
from amends.causes.protection.queries.block_list import block_list_changes
from amends.causes.protection.queries.settings import order_refusal
from amends.channels.actions.claim import begin_handing_over_many, claim
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.vault.masks import mask_phone
from amends.work.approvals.models import WaitingItem

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)  # ten o'clock in Shanghai
NIGHT = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # half past eleven at night in Shanghai
DAY = timedelta(days=1)
SENDER = "17000001111"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
ADVERT = "【优品商城】双十一全场五折，满200减50，退订回T"
CODE = "【工商银行】您的验证码是 482913，五分钟内有效，请勿告诉他人。"
PHONE = "13900190001"
MANAGER = Actor("user", "usr-manager", ("manager",))


@pytest.fixture
def me() -> str:
    return register(NewSubscriber(phone=PHONE), now=NOW - 90 * DAY)


def _ask(
    number: str = SENDER, thing: str = "call", *, at: datetime = NOW, text: str = "", key: str = ""
) -> DeliveryDecision:
    question = DeliveryQuestion(
        key=key or f"{number}{thing}{at}{text}", thing=thing, number=number, to=PHONE, text=text
    )
    return decide_delivery(question, now=at)


def _reported(people: int, *, text: str = FRAUD) -> ReportedNumber:
    for number in range(people):
        person = register(NewSubscriber(phone=f"139003{number:05d}"), now=NOW - 90 * DAY)
        new = NewReport(
            key=f"r{number}",
            thing="message",
            channel="app",
            number=SENDER,
            text=text,
            subscriber=person,
        )
        received(person, SENDER, at=NOW - DAY)
        report(new, now=NOW - DAY)
    asked = WaitingItem.objects.filter(state="waiting").exists()
    return agree_to_block(now=NOW - DAY) if asked else ReportedNumber.objects.get()


def _set(me: str, **settings: Any) -> None:
    set_protection(me, NewSettings(**{"level": "marked", **settings}), now=NOW)


def test_levels_decide_what_happens_to_a_reported_number(me: str) -> None:
    _reported(3)
    marked = _ask()
    assert (marked.action, marked.reason) == ("mark", "number_warned")
    assert "不要转账" in marked.text
    _set(me, level="off")
    assert _ask(key="2").action == "pass"
    _set(me, level="strict")
    assert _ask(key="3").action == "block"
    assert [one.action for one in StoppedDelivery.objects.order_by("at", "action")] == [
        "block",
        "mark",
    ]


def test_a_blocked_number_is_blocked_at_every_level(me: str) -> None:
    _reported(4)
    _set(me, level="off")
    assert _ask().action == "block"
    choose_number(me, SENDER, Treatment.ALLOW, now=NOW)
    assert _ask(key="2").action == "block"


def test_the_words_of_a_message_decide_too(me: str) -> None:
    assert _ask("95588", "message", text=FRAUD).reason == "text_fraud"
    assert _ask("95588", "message", text=CODE).action == "pass"


def test_the_network_asks_twice_and_gets_one_answer(me: str) -> None:
    _reported(3)
    first = _ask(key="same")
    _set(me, level="strict")
    assert _ask(key="same") == first
    assert StoppedDelivery.objects.count() == 1


def test_do_not_disturb_and_emergency_numbers(me: str) -> None:
    choose_number(me, "400-800-0000", Treatment.BLOCK, now=NOW)
    choose_number(me, "110", Treatment.BLOCK, now=NOW)
    assert _ask("4008000000").reason == "do_not_disturb"
    assert _ask("110").action == "pass"
    assert _ask("13911112222").action == "pass"


def test_international_calls_off(me: str) -> None:
    _set(me, international_calls_off=True)
    assert _ask("+85299990000").reason == "international"
    assert _ask("0085299990000").reason == "international"
    assert _ask("+85299990000", "message", text="你好").action == "pass"
    assert _ask("13911112222").action == "pass"


def test_quiet_hours_hold_adverts_and_pass_codes(me: str) -> None:
    _set(me, quiet_from=time(22), quiet_until=time(7))
    held = _ask("10690001111", "message", text=ADVERT, at=NIGHT)
    assert (held.action, held.until) == ("hold", datetime(2026, 11, 27, 23, tzinfo=UTC))
    assert _ask("95588", "message", text=CODE, at=NIGHT).action == "pass"
    assert _ask("4008000000", at=NIGHT).action == "block"
    assert _ask("13911112222", at=NIGHT).action == "pass"
    assert _ask("10690001111", "message", text=ADVERT).action == "pass"
    with pytest.raises(UnableToSetProtection):
        _set(me, quiet_from=time(22))


def test_our_own_advert_waits_for_the_morning(me: str) -> None:
    _set(me, quiet_from=time(22), quiet_until=time(7))
    give_consent(me, "marketing", by=me, channel="web", now=NOW)
    letters = [
        Outgoing(
            key=f"k-{purpose}",
            channel="sms",
            recipient=PHONE,
            body="Hello",
            language="en",
            subscriber=me,
            purpose=purpose,
        )
        for purpose in ("marketing", "")
    ]
    with transaction.atomic():
        post_many(letters, now=NIGHT)
    OutboxMessage.objects.update(state="queued")
    taken = [one.id for one in claim("sms", holder="a", now=NIGHT)]
    assert len(begin_handing_over_many(taken, holder="a", now=NIGHT)) == 1
    waiting = OutboxMessage.objects.get(key="k-marketing")
    assert (waiting.state, waiting.attempts) == ("queued", 0)
    morning = datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert waiting.next_attempt_at == morning
    taken = [one.id for one in claim("sms", holder="a", now=morning)]
    assert begin_handing_over_many(taken, holder="a", now=morning) == {waiting.id}


def test_called_wrong_lowers_the_weight_and_ends_the_block(me: str) -> None:
    number = _reported(4)
    weight = number.weight
    assert _ask().action == "block"
    stop = StoppedDelivery.objects.get()
    with pytest.raises(UnableToCorrectStop):
        correct_stop("somebody-else", stop.ref, now=NOW)
    correct_stop(me, stop.ref, now=NOW)
    number.refresh_from_db()
    assert number.weight == pytest.approx(weight - 1, abs=0.2)
    assert number.step == "warn"
    assert [one.added for one in block_list_changes()] == [True, False]
    assert _ask(key="2").reason == "allowed"
    correct_stop(me, stop.ref, now=NOW)
    number.refresh_from_db()
    assert number.weight == pytest.approx(weight - 1, abs=0.2), "each person once"


def test_callers_cannot_clear_themselves() -> None:
    number = _reported(4)
    for place in range(20):
        accomplice = register(NewSubscriber(phone=f"139004{place:05d}"), now=NOW - 90 * DAY)
        question = DeliveryQuestion(
            key=f"c{place}", thing="call", number=SENDER, to=f"139004{place:05d}"
        )
        decide_delivery(question, now=NOW)
        stop = StoppedDelivery.objects.filter(subscriber=accomplice).first()
        if stop is not None:
            correct_stop(accomplice, stop.ref, now=NOW)
    number.refresh_from_db()
    assert number.step == "mark", "half of the weight of the reports stays"


def test_the_second_contact_of_a_likely_victim_is_notified(me: str) -> None:
    _set(me, second_contact="13900190099")
    assert OutboxMessage.objects.filter(key__startswith="second-contact-named").count() == 1
    for number in range(3):
        _ask(f"1069000{number}", "message", text=FRAUD)
    told = OutboxMessage.objects.filter(key__startswith="second-contact:")
    assert told.count() == 1, "once a day"
    assert mask_phone(PHONE) in open_letter(told.get().pk)[1], "whose contact one is"
    new = NewReport(key="h", thing="message", channel="app", text=FRAUD, subscriber=me, harmed=True)
    report(new, now=NOW)
    assert told.count() == 2
    assert refuse_to_be_contact("+86 139 0019 0099") == 1
    _ask("10690009", "message", text=FRAUD, at=NOW + DAY)
    _ask("10690008", "message", text=FRAUD, at=NOW + DAY)
    assert told.count() == 2


def test_elders_are_warned_earlier(me: str) -> None:
    _reported(1)
    assert _ask().action == "pass"
    _set(me, second_contact="13900190099")
    assert (_ask(key="2").action, _ask(key="2").reason) == ("mark", "number_reported")


def test_a_guardian_decides_for_a_minor(me: str) -> None:
    guardian = register(NewSubscriber(phone="13900190002"), now=NOW - 90 * DAY)
    with pytest.raises(UnableToActOnProtection):
        record_guardian(PHONE, "13900190002", actor=Actor("user", "usr-h", ("handler",)), now=NOW)
    record_guardian(PHONE, "13900190002", actor=MANAGER, now=NOW)
    refused = order_refusal(subscriber=me, order="open", kind="mobile_plan", provider="", now=NOW)
    assert "订购" in refused
    set_minor(guardian, me, level="strict", purchases_off=False, premium_off=True, now=NOW)
    asked = {"order": "open", "now": NOW}
    assert order_refusal(subscriber=me, kind="mobile_plan", provider="", **asked) == ""
    assert "增值" in order_refusal(subscriber=me, kind="value_added", provider="", **asked)
    assert (
        order_refusal(subscriber=me, order="stop", kind="value_added", provider="", now=NOW) == ""
    )
    assert order_refusal(subscriber=guardian, kind="value_added", provider="", **asked) == ""
    with pytest.raises(UnableToChangeMinor):
        _set(me, level="off")
    with pytest.raises(UnableToChangeMinor):
        set_minor(me, guardian, level="off", purchases_off=True, premium_off=True, now=NOW)
    later = datetime(2031, 5, 2, 2, tzinfo=UTC)
    assert (
        order_refusal(subscriber=me, order="open", kind="value_added", provider="", now=later) == ""
    )


def test_what_was_stopped_is_theirs_and_ends(me: str) -> None:
    _reported(3)
    _ask()
    (stopped,) = subject_access_export(me)["protection_stopped"]
    assert stopped["number"] == f"+86{SENDER}"
    expire(now=NOW + 63 * DAY)
    assert not StoppedDelivery.objects.exists()
