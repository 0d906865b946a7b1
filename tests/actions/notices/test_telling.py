"""From what is due to what arrived: life-cycle notices, sending, other channels, holds, choices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from amends.causes.notices.actions.advice import advise
from amends.causes.notices.actions.follow import expire_unconfirmed, follow
from amends.causes.notices.actions.hold import (
    end_past_holds,
    hold_rows,
    keyword_of,
    release,
    release_by_reply,
)
from amends.causes.notices.actions.record_events import NewEvent, record_events, withdraw_event
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.actions.set_preference import set_preference
from amends.causes.notices.actions.write_due import write_due, write_due_of_running
from amends.causes.notices.jobs import send_due as send_due
from amends.causes.notices.models import Hold, Notice, NoticeMessage
from amends.causes.notices.queries import holds, is_held, listed
from amends.channels import senders as switches
from amends.channels.actions.receive import Incoming, receive
from amends.channels.actions.record_receipts import receipt
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.channels.senders import Switch
from amends.engines.duties.book import book
from amends.engines.metering.keys import notice_key
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.periods import to_ms
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about
from amends.site.dispatch import dispatch

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
State = Notice.State


@pytest.fixture(autouse=True)
def open_channels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Text messages and mail are switched on; what is posted waits for a sender."""

    def never(_clock: Callable[[], datetime]) -> Any:
        raise AssertionError("nothing is handed over in these tests")

    on = Switch(is_configured=lambda: True, open_sender=never)
    monkeypatch.setitem(switches.SWITCHES, "sms", on)
    monkeypatch.setitem(switches.SWITCHES, "mail", on)
    return iter(())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are read in English here; the texts keep the reader's own language."""
    with translation.override("en"):
        yield


@pytest.fixture
def person() -> str:
    return register(
        NewSubscriber(name="某人", phone="13900001234", email="someone@example.com"), now=NOON - DAY
    )


def due_notice(
    person: str,
    duty: str = "cn.allowance_near",
    step: str = "80%",
    *,
    at: datetime = NOON,
    action: str = "notice",
    period: str = "2026-11-01",
    pack: str = "cn",
    **figures: str | int,
) -> Notice:
    found = book(pack, at.date()).find(duty)
    assert found is not None
    key = notice_key(
        subscriber=person,
        service="svc-1",
        duty=duty,
        version=found.version,
        period=period,
        step=step,
    )
    given = figures or {"counter": "data", "used_mb": 8192, "limit_mb": 10240}
    return Notice.objects.create(
        key=key,
        subscriber=person,
        service="svc-1",
        pack=pack,
        duty=duty,
        version=found.version,
        period=period,
        step=step,
        action=action,
        figures=json.dumps(given),
        due_at_ms=to_ms(at),
        due_by_ms=to_ms(at + HOUR),
        detected_at_ms=to_ms(at),
        next_at_ms=to_ms(at),
    )


def fate(message: str, state: str, *, now: datetime) -> None:
    """What the provider did with a message, by the doors of channels."""
    OutboxMessage.objects.filter(pk=message).update(state="leased", attempts=1)
    if state == "delivered":
        receipt(message, delivered=True, now=now)
    elif state == "failed":
        receipt(message, delivered=False, detail="absent", now=now)
    else:
        from amends.channels.actions.record_delivery_changes import note_changes

        OutboxMessage.objects.filter(pk=message).update(state=state)
        with transaction.atomic():
            note_changes([OutboxMessage.objects.get(pk=message)], state, now=now)
    follow(now=now)


def last_telling(notice: Notice) -> NoticeMessage:
    return NoticeMessage.objects.filter(notice=notice).latest("id")


def test_a_due_notice_is_posted_once_in_the_readers_words(person: str) -> None:
    notice = due_notice(person)
    assert send_notices(now=NOON) == {"posted": 1}
    assert send_notices(now=NOON) == {}
    document = last_telling(notice)
    assert (document.channel, document.language, document.parts) == ("sms", "zh", 1)
    assert open_letter(document.message)[1] == "您本期流量已用8 GB，套餐限量10 GB。"
    message = OutboxMessage.objects.get(pk=document.message)
    assert (message.duty, message.duty_key, message.duty_step, message.when_unknown) == (
        "cn.allowance_near",
        notice.key,
        "80%",
        "resend",
    )
    looks = facts_about(person, kinds={"DataAccessed"})
    assert [(look.payload["purpose"], look.payload["fields"]) for look in looks] == [
        ("reminder", "phone,email")
    ]


def test_what_arrived_is_a_fact_and_ends_it(person: str) -> None:
    notice = due_notice(person)
    send_notices(now=NOON)
    fate(last_telling(notice).message, "delivered", now=NOON + HOUR)
    notice.refresh_from_db()
    assert notice.state == State.DELIVERED
    assert notice.delivered_at_ms == to_ms(NOON + HOUR)
    kinds = [fact.kind for fact in facts_about(person) if fact.kind.startswith("Notice")]
    assert sorted(kinds) == ["NoticeDelivered", "NoticeSent"]
    assert follow(now=NOON + HOUR) == {}


def test_what_did_not_arrive_goes_by_another_channel_then_fails(person: str) -> None:
    notice = due_notice(person)
    send_notices(now=NOON)
    fate(last_telling(notice).message, "failed", now=NOON + HOUR)
    notice.refresh_from_db()
    assert (notice.state, notice.tried) == (State.DUE, "sms")
    assert send_notices(now=NOON + HOUR) == {"posted": 1}
    assert last_telling(notice).channel == "mail"
    fate(last_telling(notice).message, "failed", now=NOON + 2 * HOUR)
    assert send_notices(now=NOON + 2 * HOUR) == {"failed": 1}
    notice.refresh_from_db()
    assert notice.reason == "no other channel is left"
    assert send_notices(now=NOON + DAY) == {}


def test_a_receipt_that_never_comes_counts_as_not_delivered(person: str) -> None:
    notice = due_notice(person)
    send_notices(now=NOON)
    fate(last_telling(notice).message, "sent", now=NOON)
    assert expire_unconfirmed(now=NOON + 23 * HOUR) == 0
    assert expire_unconfirmed(now=NOON + 24 * HOUR) == 1
    assert send_notices(now=NOON + 24 * HOUR) == {"posted": 1}
    assert last_telling(notice).channel == "mail"
    first = notice.messages.earliest("id")
    receipt(first.message, delivered=True, now=NOON + 25 * HOUR)
    follow(now=NOON + 25 * HOUR)
    notice.refresh_from_db()
    assert notice.state == State.DELIVERED


def test_mail_gives_no_receipts_and_is_not_told_again(person: str) -> None:
    duty = book("cn", NOON.date()).find("cn.allowance_near")
    assert duty is not None
    set_preference(duty, subscriber=person, channel="mail", chosen_on="app", now=NOON)
    notice = due_notice(person)
    send_notices(now=NOON)
    assert last_telling(notice).channel == "mail"
    fate(last_telling(notice).message, "sent", now=NOON)
    assert expire_unconfirmed(now=NOON + 90 * DAY) == 0


def test_perhaps_sent_stays_so_until_the_outbox_has_sent_it_again(person: str) -> None:
    notice = due_notice(person)
    send_notices(now=NOON)
    fate(last_telling(notice).message, "unknown", now=NOON)
    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN
    assert send_notices(now=NOON) == {}
    fate(last_telling(notice).message, "sent", now=NOON)
    notice.refresh_from_db()
    assert notice.state == State.SENT


def test_at_night_an_ordinary_notice_waits_and_a_roaming_notice_goes(person: str) -> None:
    ordinary = due_notice(person, at=NIGHT)
    due_notice(
        person,
        "cn.roaming_entry",
        "once",
        at=NIGHT,
        period="TH@2026-11-24",
        country_zh="泰国",
        country_en="Thailand",
        roaming_tariff_zh="每分钟0.99元",
        roaming_tariff_en="¥0.99 a minute",
    )
    assert send_notices(now=NIGHT) == {"waiting": 1, "posted": 1}
    ordinary.refresh_from_db()
    morning = datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert ordinary.next_at_ms == to_ms(morning)
    assert send_notices(now=morning - timedelta(seconds=1)) == {}
    assert send_notices(now=morning) == {"posted": 1}


def test_a_notice_without_what_it_must_say_waits_for_a_person(person: str) -> None:
    notice = due_notice(person, counter="data", used_mb=5)
    assert send_notices(now=NOON) == {"incomplete": 1}
    notice.refresh_from_db()
    assert notice.reason == "lacks limit"
    assert not NoticeMessage.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_nobody_without_a_contact_is_told(person: str) -> None:
    mute = register(NewSubscriber(name="某甲"), now=NOON)
    due_notice(mute)
    due_notice("p-unknown")
    assert send_notices(now=NOON) == {"incomplete": 1, "cancelled": 1}


def test_who_declined_is_left_in_peace_and_may_change_their_mind(person: str) -> None:
    duty = book("cn", NOON.date()).find("cn.allowance_near")
    assert duty is not None
    set_preference(duty, subscriber=person, declined=True, chosen_on="app", now=NOON)
    due_notice(person)
    assert send_notices(now=NOON) == {"declined": 1}
    set_preference(duty, subscriber=person, chosen_on="app", now=NOON)
    due_notice(person, period="2026-12-01")
    assert send_notices(now=NOON) == {"posted": 1}
    kinds = [fact.kind for fact in facts_about(person) if fact.kind.startswith("Consent")]
    assert sorted(kinds) == ["ConsentGiven", "ConsentWithdrawn"]


def test_a_notice_the_rule_demands_cannot_be_declined(person: str) -> None:
    duty = book("cn", NOON.date()).find("cn.order_told")
    assert duty is not None
    with pytest.raises(Refused, match="cannot be declined"):
        set_preference(duty, subscriber=person, declined=True, chosen_on="app", now=NOON)
    with pytest.raises(Refused, match="no mark of your own"):
        set_preference(duty, subscriber=person, own_step=5, chosen_on="app", now=NOON)
    with pytest.raises(Refused, match="no such channel"):
        set_preference(duty, subscriber=person, channel="letter", chosen_on="app", now=NOON)
    assert not facts_about(person, kinds={"ConsentWithdrawn", "ConsentGiven"})


def held(person: str) -> Notice:
    figures: dict[str, Any] = {"counter": "money", "spent_minor": 5100, "step_minor": 5000}
    notice = due_notice(person, "cn.own_cap", "own:7", action="hold", **figures)
    with transaction.atomic():
        row = (notice.key, person, "svc-1", "cn.own_cap", "money", "2026-11-01", "hold")
        hold_rows([row], now=NOON)
        hold_rows([row], now=NOON)
    return notice


def test_use_is_held_until_the_word_of_the_notice_comes_back(person: str) -> None:
    notice = held(person)
    other = register(NewSubscriber(phone="13900005678"), now=NOON)
    assert is_held("svc-1")
    assert send_notices(now=NOON) == {"posted": 1}
    word = keyword_of(notice.key)
    assert f"请回复{word}" in open_letter(last_telling(notice).message)[1]
    assert release_by_reply("好的", subscriber=person, channel="sms", now=NOON) is None
    assert release_by_reply(word, subscriber=other, channel="sms", now=NOON) is None
    assert is_held("svc-1")
    released = release_by_reply(f" {word.lower()}。", subscriber=person, channel="sms", now=NOON)
    assert released is not None
    assert not is_held("svc-1")
    again = release(notice.key, subscriber=person, channel="app", now=NOON + HOUR)
    assert again.fact == released.fact
    (consent,) = facts_about(person, kinds={"ConsentGiven"})
    assert consent.id == released.fact
    assert consent.payload == {"purpose": f"use beyond cn.own_cap ({notice.key})", "channel": "sms"}


def test_nobody_releases_anothers_hold(person: str) -> None:
    notice = held(person)
    with pytest.raises(Refused, match="Nothing is held"):
        release(notice.key, subscriber="p-other", channel="app", now=NOON)
    with pytest.raises(Refused, match="Nothing is held"):
        release("0" * 32, subscriber=person, channel="app", now=NOON)
    assert [view.key for view in holds()] == [notice.key]


def test_a_hold_ends_with_its_period_in_the_users_own_zone(person: str) -> None:
    held(person)
    assert end_past_holds(now=datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == 0
    assert end_past_holds(now=datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == 1
    assert Hold.objects.get().ended_by == "period"


def test_recorded_events_fall_due_once_and_can_be_withdrawn(person: str) -> None:
    end = NOON + 20 * DAY
    best = {
        "best_offer_zh": "青春套餐更省",
        "best_offer_en": "Plan Young costs less",
        "after_end_zh": "按每月39元",
        "after_end_en": "¥39 a month",
        "offer_zh": "套餐",
        "offer_en": "Plan",
    }
    events = [
        NewEvent("c-1", "contract_ends", person, "svc-1", end, figures=dict(best)),
        NewEvent("c-2", "contract_ends", person, "svc-2", end),
        NewEvent("c-3", "contract_ends", person, "svc-3", NOON + 300 * DAY),
    ]
    assert record_events(events, now=NOON) == 3
    assert record_events(events, now=NOON) == 0
    assert withdraw_event("c-2", now=NOON)
    assert not withdraw_event("c-2", now=NOON)
    assert write_due(now=NOON) == 1
    assert write_due(now=NOON + HOUR) == 0
    (notice,) = Notice.objects.all()
    assert (notice.duty, notice.service) == ("cn.contract_end", "svc-1")
    (fact,) = facts_about(person, kinds={"NoticeDue"})
    assert fact.payload["key"] == notice.key
    assert send_notices(now=NOON) == {"posted": 1}
    assert "2026年12月14日到期" in open_letter(last_telling(notice).message)[1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "moon_landing"}, "no event “moon_landing”"),
        ({"ref": ""}, "needs its reference"),
        ({"happens_at": datetime(2026, 12, 1)}, "has no zone"),  # noqa: DTZ001 (refused)
    ],
)
def test_an_unusable_event_is_refused(changed: dict[str, Any], said: str) -> None:
    good: dict[str, Any] = {
        "ref": "e",
        "kind": "arrears",
        "subscriber": "p",
        "service": "s",
        "happens_at": NOON,
    }
    with pytest.raises(BadInput, match=said):
        record_events([NewEvent(**(good | changed))], now=NOON)


def publish(ref: str, price: int, allowance: int, months: int = 0) -> None:
    offer = NewOffer(
        ref,
        "1",
        "plan",
        f"{ref}套餐",
        f"Plan {ref}",
        price,
        "CNY",
        NOON - 800 * DAY,
        allowance_mb=allowance,
        out_of_plan_minor_per_mb=29,
        contract_months=months,
    )
    with transaction.atomic():
        append(publish_offers([offer]), now=NOON)


def state(*facts: Fact) -> None:
    with transaction.atomic():
        append(facts, now=NOON)


def test_an_order_is_told_back_with_its_outcome(person: str) -> None:
    publish("plum", 2900, 1000)
    asked = Fact(
        "ServiceOrdered",
        person,
        "svc-9",
        NOON - HOUR,
        "crm",
        {"order": "o-1", "offer": "plum", "channel": "app", "initiator": "user"},
    )
    state(asked)
    assert write_due(now=NOON) == 0
    state(
        Fact(
            "ServiceActivated",
            person,
            "svc-9",
            NOON - HOUR / 2,
            "crm",
            {"offer": "plum", "initiator": "user", "order": "o-1"},
        )
    )
    assert write_due(now=NOON) == 1
    (notice,) = Notice.objects.all()
    assert (notice.duty, notice.period) == ("cn.order_told", "o-1")
    assert send_notices(now=NOON) == {"posted": 1}
    body = open_letter(last_telling(notice).message)[1]
    assert "plum套餐办理成功，资费¥29.00" in body


def test_the_end_of_a_term_comes_with_advice_from_the_users_own_months(person: str) -> None:
    publish("plum", 5900, 20_000, months=12)
    publish("pear", 1900, 5_000)
    began = NOON - 345 * DAY
    state(
        Fact(
            "ServiceActivated",
            person,
            "svc-1",
            began,
            "crm",
            {"offer": "plum", "initiator": "user"},
        )
    )
    used = [
        Fact(
            "UsageCrossed",
            person,
            "svc-1",
            datetime(2026, month, 20, tzinfo=UTC),
            "usage",
            {"counter": "data", "step": "80", "used": 4_000, "unit": "MB"},
        )
        for month in (8, 9, 10)
    ]
    state(*used)
    assert write_due_of_running(now=NOON) == 1
    with CaptureQueriesContext(connection) as asked:
        assert write_due_of_running(now=NOON + HOUR) == 0
    # What is written already takes no advice again: nobody's months are read.
    assert not any("subscriber_key" in one["sql"] for one in asked.captured_queries)
    notice = Notice.objects.get()
    figures = json.loads(notice.figures)
    assert (figures["best_name_zh"], figures["saving_minor"]) == ("pear套餐", 4_000)
    assert send_notices(now=NOON) == {"posted": 1}
    body = open_letter(last_telling(notice).message)[1]
    assert "到期后资费不变" in body
    assert "pear套餐（每月¥19.00）每月可少付约¥40.00" in body
    (view,) = listed()
    assert (view.state, view.channels) == ("posted", ("sms",))


def test_many_are_advised_together_as_each_would_be_alone() -> None:
    publish("plum", 5900, 20_000)
    publish("pear", 1900, 5_000)
    people = [f"sub-{n:02}" for n in range(70)]
    for n, one in enumerate(people):
        used = [
            Fact(
                "UsageCrossed",
                one,
                f"svc-{n}",
                datetime(2026, month, 20, tzinfo=UTC),
                "usage",
                {"counter": "data", "step": "80", "used": 100 * n, "unit": "MB"},
            )
            for month in (8, 9, 10)[: 3 if n % 5 else 2]
        ]
        used.append(
            Fact(
                "ChargeMade",
                one,
                f"svc-{n}",
                datetime(2026, 8, 25, tzinfo=UTC),
                "usage",
                {
                    "charge": f"c-{n}",
                    "charge_kind": "overage",
                    "offer": "plum",
                    "amount_minor": 500,
                    "currency": "CNY",
                }
                | ({"units": n, "unit": "MB"} if n % 2 else {}),
            )
        )
        state(*used)
    asked = [(one, f"svc-{n}", "plum") for n, one in enumerate(people)]
    together = list(advise(asked, now=NOON))
    assert together == [advice for one in asked for advice in advise([one], now=NOON)]
    assert sum(map(bool, together)) == 56


def test_the_yearly_advice_is_written_once_however_often_one_looks(person: str) -> None:
    publish("pear", 1900, 5_000)
    state(
        Fact(
            "ServiceActivated",
            person,
            "svc-1",
            NOON - 370 * DAY,
            "crm",
            {"offer": "pear", "initiator": "user"},
        )
    )
    assert write_due_of_running(now=NOON) == 1
    with CaptureQueriesContext(connection) as asked:
        assert write_due_of_running(now=NOON + DAY) == 0
    # Nobody is looked up whose notice is written.
    assert not any("subscribers_subscriber" in one["sql"] for one in asked.captured_queries)
    notice = Notice.objects.get()
    assert (notice.duty, notice.period) == ("cn.best_yearly", "2026")
    notice.delete()
    assert write_due_of_running(now=NOON + DAY) == 1


def test_a_text_message_with_the_word_releases_and_becomes_no_complaint(person: str) -> None:
    notice = held(person)
    word = keyword_of(notice.key)

    def reply(number: int, sender: str, channel: str = "sms") -> str:
        stored = receive(
            Incoming(
                channel=channel,
                external_id=f"mo-{number}",
                received_at=NOON,
                text=word,
                sender=sender,
            ),
            now=NOON,
        )
        dispatch(now=NOON, holder=f"h{number}")
        stored.refresh_from_db()
        return stored.became.partition(":")[0]

    assert reply(1, "13900009999") == "complaint"
    assert reply(2, "13900001234", channel="mail") == "complaint"
    assert is_held("svc-1")
    assert reply(3, "13900001234") == "hold"
    assert not is_held("svc-1")


def test_one_turn_tells_more_than_a_batch_and_leaves_the_night_alone(
    person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in range(1, 8):
        due_notice(person, at=NOON, period=f"2026-{month:02d}-01")
    due_notice(person, at=NIGHT)
    monkeypatch.setattr(send_due, "send_notices", partial(send_notices, limit=3))
    assert send_due.send_due_notices(now=NOON) == {"posted": 7}
    assert send_due.send_due_notices(now=NIGHT) == {"waiting": 1}
    assert send_due.send_due_notices(now=NIGHT) == {}
