"""Who forges the sender of a mail, or the number of a call, answers no question of an order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actions.confirmations.conftest import NOW, PHONE, Shop
from amends.causes.confirmations.models import Challenge, Order
from amends.channels.actions.receive import Incoming, receive
from amends.channels.actions.record_call import take_down
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.site.dispatch import dispatch

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
SOON = NOW + timedelta(minutes=1)
MAILBOX = "li@invented.example"


def mail(text: str, *, sender: str = MAILBOX, answers: str = "") -> None:
    receive(
        Incoming(
            channel="mail",
            external_id=f"<{sender} {text} {answers}>",
            sender=sender,
            text=text,
            received_at=SOON,
            answers=answers,
        ),
        now=SOON,
    )
    dispatch(now=SOON, holder="test")


def test_a_mail_with_a_forged_sender_neither_refuses_an_order_nor_spends_its_tries(
    shop: Shop,
) -> None:
    shop.order()
    for text in ("不办", "N", "Y000001", "Y000002", "Y000003"):
        mail(text)
    assert Order.objects.get().state == "waiting"
    assert Challenge.objects.get().attempts == 0


def test_a_transcript_of_a_call_answers_no_question(shop: Shop) -> None:
    shop.order()
    take_down(call="c-1", text="不办", started_at=SOON, caller=PHONE, now=SOON)
    take_down(call="c-2", text="Y000001", started_at=SOON, caller=PHONE, now=SOON)
    dispatch(now=SOON, holder="test")
    assert Order.objects.get().state == "waiting"
    assert Challenge.objects.get().attempts == 0


def test_a_mail_that_answers_our_question_counts(shop: Shop) -> None:
    address = "mailbox.alone@invented.example"
    shop.order(subscriber=register(NewSubscriber(name="王雪", email=address), now=NOW))
    question = OutboxMessage.objects.get(key__startswith="challenge:", channel="mail")
    mail("N", sender="stranger@invented.example", answers=question.id)
    assert Order.objects.get().state == "waiting"
    mail("N", sender=address, answers=question.id)
    assert Order.objects.get().state == "refused"
