"""A word from the telephone stops what was ordered: no more steps than ordering took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.confirmations.actions.record_observed import Observed, observe
from amends.causes.confirmations.actions.withdraw_by_message import withdraw_by_message
from amends.causes.confirmations.models import Order, Presence
from amends.causes.confirmations.queries import standing_of
from amends.record.ledger.queries import facts_about
from tests.actions.confirmations.conftest import NOW, PHONE, Shop

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


def send(text: str, *, sender: str = PHONE, channel: str = "sms", message: str = "m-9") -> str:
    return withdraw_by_message(
        channel=channel, sender=sender, text=text, message=message, now=LATER
    )


def opened(shop: Shop, offer: str, key: str) -> str:
    """The service of an order that was confirmed as often as it takes."""
    order = shop.order(key, offer=offer)
    for step in range(3):
        at = NOW + timedelta(minutes=step + 1)
        done = answer_code(order.id, shop.code(), now=at, by=shop.person, channel="sms")
        if done.outcome == "executed":
            return Order.objects.get(id=order.id).service
    raise AssertionError(done.outcome)


@pytest.mark.parametrize("word", ["TD", "退订", "td1", "TD 1。", "stop"])
def test_one_word_stops_the_service_and_says_so(shop: Shop, word: str) -> None:
    service = opened(shop, "ring", "k-1")
    assert standing_of(service).may_charge
    assert any("TD1" in one for one in shop.sent("done:"))
    assert send(word) == Order.objects.get(order="stop").id
    assert standing_of(service).state == "stopped"
    assert [f.subject for f in facts_about(shop.person, kinds=["ServiceStopped"])] == [service]
    assert any("[Stopped]" in one for one in shop.sent("done:"))
    assert Presence.objects.get().recorded_by == "message m-9"
    assert send(word) == ""


def test_where_several_run_the_person_is_asked_which_and_numbers_stay(shop: Shop) -> None:
    first = opened(shop, "ring", "k-1")
    second = opened(shop, "gift", "k-2")
    assert send("TD") == "asked"
    (text,) = shop.sent("which:")
    assert "TD1 ring" in text
    assert "TD2 gift" in text
    assert standing_of(first).state != "stopped"
    assert send("TD7", message="m-10") == "asked"
    assert send("TD1", message="m-11") not in ("", "asked")
    assert standing_of(first).state == "stopped"
    assert send("TD2", message="m-12") not in ("", "asked")
    assert standing_of(second).state == "stopped"


def test_a_word_stops_what_only_another_system_reports(shop: Shop) -> None:
    """What nobody confirmed is what people want to be rid of."""
    seen = Observed(
        service="svc-seen",
        subscriber=shop.person,
        offer="ring",
        since=NOW,
        source="crm",
        source_ref="r-1",
    )
    observe([seen], now=NOW)
    gift = opened(shop, "gift", "k-1")
    assert send("TD") == "asked"
    (text,) = shop.sent("which:")
    assert "TD1 gift" in text
    assert "TD501 ring" in text
    assert send("TD501", message="m-10") not in ("", "asked")
    assert standing_of("svc-seen").state == "stopped"
    assert send("TD", message="m-11") not in ("", "asked"), "one is left, and needs no number"
    assert standing_of(gift).state == "stopped"


def test_what_was_changed_keeps_its_word(shop: Shop) -> None:
    service = opened(shop, "gift", "k-1")
    change = shop.order("k-2", order="change", offer="ring", service=service)
    for step in range(2):
        at = NOW + timedelta(minutes=step)
        answer_code(change.id, shop.code(), now=at, by=shop.person, channel="sms")
    assert standing_of(service).offer == "ring"
    assert send("TD1") not in ("", "asked")
    assert standing_of(service).state == "stopped"


def test_nobody_else_and_no_sentence_stops_anything(shop: Shop) -> None:
    service = opened(shop, "ring", "k-1")
    assert send("TD", sender="13911112222") == ""
    assert send("TD", channel="mail") == ""
    assert send("我要退订彩铃") == ""
    assert send("取消") == ""
    assert standing_of(service).may_charge
