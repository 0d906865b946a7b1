"""Withdrawing takes no more than giving did, and every gate knows at its next question."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from actions.confirmations.conftest import NOW, PHONE, Shop
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.prove_presence import answer_presence, ask_presence
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.queries import mine, standing_of, standings

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
MINUTE = timedelta(minutes=1)


def runs(shop: Shop) -> str:
    """A service the user has confirmed by two answers."""
    order = shop.order()
    for text in (f"Y{shop.code()}", None):
        answer_by_message(
            channel="sms", sender=PHONE, text=text or shop.code(), message="m", now=NOW
        )
    assert standing_of(order.service).state == "confirmed"
    return order.service


def shown(shop: Shop, *, at: datetime) -> str:
    """The user shows who they are by the code sent to the number on record."""
    question = ask_presence(shop.person, now=at)
    code = re.findall(r"\d{6}", shop.sent("presence:")[-1])[0]
    assert answer_presence(question, code, now=at) == shop.person
    return question


def test_a_stop_takes_one_proof_and_one_click_and_holds_for_every_gate_at_once(shop: Shop) -> None:
    service = runs(shop)
    question = shown(shop, at=NOW + MINUTE)
    done = stop_at_once(service, subscriber=shop.person, presence=question, now=NOW + MINUTE)
    assert done.outcome == "executed"
    assert standing_of(service).state == "stopped"
    assert not standing_of(service).may_charge
    assert standings([service, "svc-none"])[service].state == "stopped", "also asked for many"
    assert [one.until for one in mine(shop.person) if one.service == service] == [NOW + MINUTE]


def test_stopped_twice_it_is_stopped_once(shop: Shop) -> None:
    service = runs(shop)
    before = len(shop.sent("challenge:"))
    question = shown(shop, at=NOW)
    for _ in range(2):
        stop_at_once(service, subscriber=shop.person, presence=question, now=NOW + MINUTE)
    assert len(shop.sent("challenge:")) == before, "no further question is asked"
    assert standing_of(service).since == NOW + MINUTE
