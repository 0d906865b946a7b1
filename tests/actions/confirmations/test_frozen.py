"""What is frozen is not sold: the gate of orders asks before it stores one."""

from __future__ import annotations

import pytest
from django.db import transaction

from amends.confirmations.actions.place import UnableToSell
from amends.confirmations.models import Order
from amends.subscribers.actions.freeze import UnableToFreeze, freeze, unfreeze
from amends.subscribers.queries import freezes, is_frozen
from tests.actions.confirmations.conftest import NOW, Shop

pytestmark = pytest.mark.django_db

FOR = {"cause": "emergency:e1", "reason": "charged without consent", "by": "usr-m", "now": NOW}


@pytest.mark.parametrize(("kind", "ref"), [("campaign", "spring"), ("offer", "ring")])
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
