"""What is frozen is not sold: the gate of orders asks before it stores one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from amends.causes.confirmations.actions.answer import answer_by_message, refuse
from amends.causes.confirmations.actions.execute import execute, execute_due, lapse_due
from amends.causes.confirmations.actions.place import UnableToSell
from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries import standing_of
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.sanction import impose, lift
from amends.people.partners.models import Contract
from amends.people.subscribers.models import Subscriber
from amends.record.catalogue.actions.freeze import UnableToFreeze, freeze, unfreeze
from amends.record.catalogue.queries import freezes, is_frozen
from tests.actions.confirmations.conftest import BORN, NOW, PHONE, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

FOR = {"cause": "emergency:e1", "reason": "charged without consent", "by": "usr-m", "now": NOW}


@pytest.mark.parametrize(
    ("kind", "ref"), [("campaign", "spring"), ("offer", "ring"), ("launch", "ring")]
)
def test_an_order_of_what_is_frozen_is_refused_and_a_stop_is_not(
    shop: Shop, kind: str, ref: str
) -> None:
    freeze(kind, ref, **FOR)
    assert is_frozen(kind, ref)
    with pytest.raises(UnableToSell):
        shop.order("k-frozen", campaign="spring")
    assert not Order.objects.exists()
    shop.order("k-stop", order="stop", service=shop.plan, offer="")
    unfreeze(kind, ref, **FOR)
    shop.order("k-again", campaign="spring")
    assert Order.objects.filter(key="k-again").exists()


def test_two_causes_freeze_apart_and_each_lifts_its_own(shop: Shop) -> None:
    assert freeze("offer", "ring", **FOR)
    assert not freeze("offer", "ring", **FOR)
    freeze("offer", "ring", **{**FOR, "cause": "emergency:e2"})
    unfreeze("offer", "ring", **FOR)
    assert is_frozen("offer", "ring")
    assert [one.cause for one in freezes()] == ["emergency:e2"]
    assert [bool(one.lifted_at) for one in freezes(cause="emergency:e1")] == [True]


def test_a_freeze_needs_a_name_and_a_reason_and_something_to_lift(shop: Shop) -> None:
    for kind, ref, reason in (("tariff", "x", "why"), ("offer", " ", "why"), ("offer", "x", " ")):
        with pytest.raises(UnableToFreeze), transaction.atomic():
            freeze(kind, ref, **{**FOR, "reason": reason})
    with pytest.raises(UnableToFreeze):
        unfreeze("offer", "ring", **FOR)


def confirmed(shop: Shop, key: str, *, at: object = NOW, **more: object) -> tuple[Order, str]:
    """An order for the gift, with the user's yes; what became of the yes."""
    order = shop.order(key, offer="gift", **more)
    said = f"Y{shop.code()}"
    done = answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=at)
    order.refresh_from_db()
    return order, done.outcome


@pytest.mark.parametrize(
    ("kind", "ref"), [("campaign", "spring"), ("offer", "gift"), ("launch", "gift")]
)
def test_a_freeze_after_the_question_holds_the_order_until_it_is_lifted(
    shop: Shop, kind: str, ref: str
) -> None:
    order = shop.order("k-asked", offer="gift", campaign="spring")
    freeze(kind, ref, **FOR)
    said = f"Y{shop.code()}"
    done = answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=NOW)
    order.refresh_from_db()
    assert (done.outcome, order.state) == ("on_hold", "confirmed")
    assert not standing_of(order.service).may_charge
    assert "taken from sale" in shop.sent("held:")[0]
    assert execute_due(now=NOW) == 0
    unfreeze(kind, ref, **FOR)
    assert execute_due(now=NOW) == 1
    assert standing_of(order.service).may_charge


def test_a_change_confirmed_before_a_freeze_is_not_carried_out_on_its_day(shop: Shop) -> None:
    order = shop.order(
        "k-change", order="change", service=shop.plan, offer="traffic", initiator="operator"
    )
    said = f"Y{shop.code()}"
    answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=NOW)
    order.refresh_from_db()
    assert order.state == "confirmed"
    freeze("offer", "traffic", **FOR)
    assert execute_due(now=order.not_before) == 0
    with pytest.raises(UnableToSell):
        execute(order.id, by="schedule", now=order.not_before)
    unfreeze("offer", "traffic", **FOR)
    assert execute_due(now=order.not_before) == 1


def test_the_database_refuses_to_carry_out_what_is_frozen(shop: Shop) -> None:
    order, _ = confirmed(shop, "k-done")
    assert order.state == "executed"
    waiting = shop.order("k-two", offer="gift", campaign="spring")
    freeze("campaign", "spring", **FOR)
    said = f"Y{shop.code()}"
    answer_by_message(channel="sms", sender=PHONE, text=said, message="m2", now=NOW)
    with pytest.raises(IntegrityError, match="taken from sale"), transaction.atomic():
        Order.objects.filter(id=waiting.id).update(state="executed", settled_at=NOW)


def on_hold(shop: Shop) -> Order:
    order = shop.order("k-held", offer="gift", campaign="spring")
    freeze("campaign", "spring", **FOR)
    said = f"Y{shop.code()}"
    done = answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=NOW)
    assert done.outcome == "on_hold"
    return order


def test_what_waits_for_the_end_of_a_freeze_can_be_refused(shop: Shop) -> None:
    order = on_hold(shop)
    assert refuse(order.id, channel="web", by="subscriber", now=NOW).outcome == "refused"
    unfreeze("campaign", "spring", **FOR)
    assert execute_due(now=NOW) == 0


def test_what_waits_for_the_end_of_a_freeze_lapses_after_a_week(shop: Shop) -> None:
    order = on_hold(shop)
    assert lapse_due(now=NOW + timedelta(days=6)) == 0
    assert lapse_due(now=NOW + timedelta(days=9)) == 1
    order.refresh_from_db()
    assert order.state == "lapsed"
    (told,) = shop.sent("not_done:")
    assert "did not come back on sale" in told


def test_nothing_new_is_sold_of_a_suspended_partner_and_a_stop_is(shop: Shop) -> None:
    """The sanction that an audit of the past gives reason for reaches the gate."""
    first, _ = confirmed(shop, "k-gift")
    waits = shop.order("k-ring")
    said = impose("ring-co", kind="suspension", reason="audit 7", now=NOW)
    for more in ({}, {"offer": "gift", "agent": "ring-co"}):
        with pytest.raises(UnableToSell, match="The partner Ring Co is suspended"):
            shop.order("k-new", **more)
    for text in (f"Y{shop.code()}", None):
        answer_by_message(
            channel="sms", sender=PHONE, text=text or shop.code(), message="m", now=NOW
        )
    waits.refresh_from_db()
    assert waits.state == "confirmed"
    assert execute_due(now=NOW) == 0
    with pytest.raises(UnableToSell):
        execute(waits.id, by="schedule", now=NOW)
    with pytest.raises(IntegrityError, match="is suspended"), transaction.atomic():
        Order.objects.filter(id=waits.id).update(state="executed", settled_at=NOW)
    assert shop.order("k-stop", order="stop", offer="", service=first.service).state == "waiting"
    lift(said, now=NOW)
    assert execute_due(now=NOW) == 1
    impose("ring-co", kind="warning", reason="audit 8", now=NOW)
    assert shop.order("k-more").state == "waiting", "a warning stops nothing"


@pytest.mark.parametrize("terms", [{"valid_to": NOW}, {"brand": "pear"}])
@pytest.mark.parametrize("more", [{}, {"offer": "gift", "agent": "ring-co"}])
def test_nothing_is_sold_of_a_partner_whose_contract_ended_or_is_of_another_brand(
    shop: Shop, terms: dict[str, Any], more: dict[str, str]
) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="plum")
    contract = sign_contract("ring-co", roles=("provider",), valid_from=BORN, ref="con-1")
    waits = shop.order("k-waits", offer="gift", agent="ring-co")
    Contract.objects.filter(ref=contract).update(**terms)
    with pytest.raises(UnableToSell, match="Ring Co has no contract in force for this"):
        shop.order("k-new", **more)
    said = f"Y{shop.code()}"
    answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=NOW)
    waits.refresh_from_db()
    assert waits.state == "confirmed"
    assert execute_due(now=NOW) == 0
    with pytest.raises(IntegrityError, match="no contract in force"), transaction.atomic():
        Order.objects.filter(id=waits.id).update(state="executed", settled_at=NOW)
    sign_contract("ring-co", roles=("provider",), valid_from=NOW, brand="plum", ref="con-2")
    assert shop.order("k-again", **more).state == "waiting"
    assert execute_due(now=NOW) == 1


def test_the_database_refuses_what_is_not_launched(shop: Shop) -> None:
    waiting = shop.order("k-launch", offer="gift")
    freeze("launch", "gift", **FOR)
    said = f"Y{shop.code()}"
    answer_by_message(channel="sms", sender=PHONE, text=said, message="m3", now=NOW)
    with pytest.raises(IntegrityError, match="taken from sale"), transaction.atomic():
        Order.objects.filter(id=waiting.id).update(state="executed", settled_at=NOW)
