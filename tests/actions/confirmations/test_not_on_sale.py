"""What is not published or not on sale is not ordered; what runs can still be stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from amends.causes.confirmations.actions.place import UnableToPlace, UnableToSell
from amends.causes.confirmations.models import Order
from amends.record.catalogue.actions.record_key_facts import record_key_facts
from amends.record.facts.offers.key_facts import KeyFacts
from tests.actions.confirmations.conftest import NOW, Shop

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
GIFT = KeyFacts("first-users", "首批用户礼", price=79, kind="mobile_plan", quota=10)


@pytest.mark.parametrize(
    "facts",
    [
        replace(GIFT, sale_from=TODAY + timedelta(days=1)),
        replace(GIFT, sale_to=TODAY - timedelta(days=1)),
        replace(GIFT, taken=10),
    ],
)
def test_an_order_outside_the_sale_is_refused(shop: Shop, facts: KeyFacts) -> None:
    record_key_facts([facts], now=NOW - timedelta(hours=1))
    with pytest.raises(UnableToSell):
        shop.order("k-gift", offer="first-users")
    with pytest.raises(UnableToPlace):
        shop.order("k-none", offer="never-published")
    assert not Order.objects.exists()


def test_an_order_within_the_sale_goes_through(shop: Shop) -> None:
    record_key_facts([replace(GIFT, sale_to=TODAY)], now=NOW - timedelta(hours=1))
    assert shop.order("k-gift", offer="first-users").price_minor == 7900
