"""Calls and letters: a message that did not arrive goes on to people, and their word is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from amends.causes.notices.actions.by_hand import UnableToDeliverByHand, settle, shown, take_up
from amends.causes.notices.actions.follow import follow
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.models import Notice
from amends.channels import senders as switches
from amends.channels.actions.by_hand import (
    CALL_AGAIN,
    IN_HAND,
    UnableToRecordByHand,
    on_its_way,
    waiting,
)
from amends.channels.actions.record_receipts import receipt
from amends.channels.by_hand.settings import by_hand
from amends.channels.models import OutboxMessage
from amends.channels.senders import Switch
from amends.people.access.models import User
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import facts_about
from tests.actions.notices.test_telling import NOON, due_notice

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ABNORMAL = {"spent_minor": 60_000, "step_minor": 50_000, "usual_minor": 10_000}
STOP = {
    "offer": "x",
    "offer_zh": "老套餐",
    "offer_en": "Old plan",
    "end_day_ms": to_ms(NOON + DAY),
    "reason_zh": "网络升级",
    "reason_en": "network upgrade",
}


@pytest.fixture(autouse=True)
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text messages are on, and somebody calls and posts letters."""
    for channel in ("sms", "mail", "phone", "letter"):
        monkeypatch.setitem(switches.SWITCHES, channel, Switch(lambda: True, None))


def colleague(name: str) -> Actor:
    user = User.objects.create(username=name, roles=["handler"])
    return Actor("user", user.ref, ("handler",))


@pytest.fixture
def handler() -> Actor:
    return colleague("zhou.min")


@pytest.fixture
def other() -> Actor:
    return colleague("wu.tao")


@pytest.fixture
def person() -> str:
    return register(
        NewSubscriber(name="某人", phone="13900001234", address="某市某路1号"), now=NOON - DAY
    )


def fails(notice: Notice, *, now: datetime) -> None:
    """The newest message of a notice comes back."""
    message = notice.messages.latest("id").message
    OutboxMessage.objects.filter(pk=message).update(state="leased", attempts=1)
    receipt(message, delivered=False, detail="absent", now=now)
    follow(now=now)
    send_notices(now=now)


def called(person: str) -> Notice:
    """A notice whose text message failed, so that somebody must call."""
    notice = due_notice(person, "cn.abnormal", "5x3", **ABNORMAL)
    send_notices(now=NOON)
    fails(notice, now=NOON + HOUR)
    return notice


def facts(person: str) -> list[tuple[str, str]]:
    kinds = {"NoticeSent", "NoticeDelivered", "NoticeFailed"}
    return [(one.kind, str(one.payload["channel"])) for one in facts_about(person, kinds=kinds)]


def test_a_message_that_did_not_arrive_becomes_a_call_and_its_outcome_a_fact(
    person: str, handler: Actor
) -> None:
    notice, now = called(person), NOON + 2 * HOUR
    [task] = waiting("phone", now=now)
    assert "13900001234" not in task.body
    assert shown("phone", actor=handler, now=now) == []
    take_up([task.id], actor=handler, now=now)
    [mine] = shown("phone", actor=handler, now=now)
    assert (mine.name, mine.where) == ("某人", "13900001234")
    looks = [
        one
        for one in facts_about(person, kinds={"DataAccessed"})
        if handler.ref in one.payload.values()
    ]
    assert looks, "the user can read who saw the number"
    settle([task.id], "told", actor=handler, now=now)
    notice.refresh_from_db()
    assert (notice.state, notice.delivered_at_ms) == ("delivered", to_ms(now))
    assert ("NoticeDelivered", "phone") in facts(person)
    assert waiting("phone", now=now) == []


def test_nobody_answers_three_times_and_the_notice_goes_on(person: str, handler: Actor) -> None:
    notice, now = called(person), NOON + 2 * HOUR
    for _ in range(3):
        [task] = waiting("phone", now=now)
        take_up([task.id], actor=handler, now=now)
        settle([task.id], "no_answer", actor=handler, now=now)
        assert waiting("phone", now=now) == []
        now += CALL_AGAIN
    notice.refresh_from_db()
    assert notice.tried == "sms phone"
    assert ("NoticeFailed", "phone") in facts(person)
    send_notices(now=now)
    notice.refresh_from_db()
    assert notice.state == "failed", "abnormal charges name mail next, and there is none"


def test_two_people_do_not_call_the_same_person(person: str, handler: Actor, other: Actor) -> None:
    called(person)
    now = NOON + 2 * HOUR
    [task] = waiting("phone", now=now)
    assert take_up([task.id], actor=handler, now=now)
    assert take_up([task.id], actor=other, now=now) == []
    with pytest.raises(UnableToRecordByHand):
        settle([task.id], "told", actor=other, now=now)
    later = now + IN_HAND["phone"]
    assert [one.id for one in waiting("phone", now=later)] == [task.id], "left lying, it comes back"
    assert take_up([task.id], actor=other, now=later)
    with pytest.raises(UnableToRecordByHand):
        settle([task.id], "told", actor=handler, now=later)


def test_a_letter_is_printed_posted_and_may_come_back(
    person: str, handler: Actor, other: Actor
) -> None:
    notice = due_notice(person, "cn.service_stop", "once", **STOP)
    send_notices(now=NOON)
    fails(notice, now=NOON + HOUR)
    now = NOON + 2 * HOUR
    [task] = waiting("letter", now=now)
    take_up([task.id], actor=handler, now=now)
    [mine] = shown("letter", actor=handler, now=now)
    assert (mine.name, mine.where) == ("某人", "某市某路1号")
    assert "老套餐" in mine.task.body
    settle([task.id], "posted", actor=handler, now=now)
    notice.refresh_from_db()
    assert notice.state == "sent"
    [gone] = on_its_way("letter", since=NOON)
    settle([gone.id], "came_back", actor=other, now=now + 9 * DAY)
    notice.refresh_from_db()
    assert "letter" in notice.tried.split()
    assert facts(person)[-2:] == [("NoticeSent", "letter"), ("NoticeFailed", "letter")]


def test_who_wants_a_call_is_called(person: str) -> None:
    from amends.causes.notices.actions.set_preference import set_preference
    from amends.engines.duties.book import book

    duty = book("cn", NOON.date()).find("cn.abnormal")
    assert duty is not None
    set_preference(duty, subscriber=person, channel="phone", chosen_on="app", now=NOON - HOUR)
    due_notice(person, "cn.abnormal", "5x3", **ABNORMAL)
    send_notices(now=NOON)
    assert len(waiting("phone", now=NOON)) == 1


def test_without_people_nothing_waits_for_them(
    person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(switches.SWITCHES, "phone", Switch(lambda: False, None))
    notice = called(person)
    notice.refresh_from_db()
    assert waiting("phone", now=NOON + DAY) == []
    assert notice.state == "failed"


def test_a_role_without_the_right_sees_nobody(person: str) -> None:
    called(person)
    with pytest.raises(UnableToDeliverByHand):
        shown("phone", actor=Actor("user", "reg", ("regulator",)), now=NOON + DAY)


def test_the_setting_is_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv("AMENDS_BY_HAND", "phone, letter")
    assert by_hand() == {"phone", "letter"}
    monkeypatch.setenv("AMENDS_BY_HAND", "pigeon")
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        by_hand()


def test_an_outcome_nobody_knows_is_refused(person: str, handler: Actor) -> None:
    with translation.override("en"), pytest.raises(AmendsError, match="no outcome"):
        settle(["x"], "perhaps", actor=handler, now=NOON)
