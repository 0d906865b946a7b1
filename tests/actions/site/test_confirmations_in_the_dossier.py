"""What confirmations writes is what the complaint desk reads: the same order, offer and service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actions.confirmations.conftest import NOW, PHONE, Shop
from actions.confirmations.conftest import in_english as in_english
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.models import Order
from amends.channels.actions.receive import Incoming, receive
from amends.engines.decisions.dossier import dossier
from amends.engines.decisions.evidence import Matter
from amends.platform.kit.periods import Period
from amends.record.ledger.queries import facts_about, facts_on
from amends.site.dispatch import dispatch

pytestmark = pytest.mark.django_db


def told(shop: Shop) -> list[str]:
    later = NOW + timedelta(days=1)
    matter = Matter(
        "thirdparty.value_added",
        later,
        Period(NOW - timedelta(days=30), later),
        jurisdiction="cn",
        zone="Asia/Shanghai",
        currency="CNY",
    )
    facts = [*facts_about(shop.person), *facts_on(["ring", "gift"])]
    rows = dossier(matter, facts, []).rows
    return [row.answer for row in rows if row.question == "service_confirmed"]


def reply(text: str) -> None:
    answer_by_message(channel="sms", sender=PHONE, text=text, message="m", now=NOW)


def test_a_confirmed_order_answers_the_question_of_the_dossier(shop: Shop) -> None:
    shop.order()
    reply(f"Y{shop.code()}")
    reply(shop.code())
    assert told(shop) == ["yes"]


def test_a_text_message_that_answers_is_no_complaint(shop: Shop) -> None:
    order = shop.order(offer="gift")
    receive(
        Incoming(
            channel="sms",
            external_id="smsc-1",
            sender=PHONE,
            text=f"Y{shop.code()}",
            received_at=NOW,
        ),
        now=NOW,
    )
    assert dispatch(now=NOW, holder="t") == 1
    assert Order.objects.get(id=order.id).state == "executed"
    from amends.cases.complaints.models import Complaint

    assert not Complaint.objects.exists()
