"""What a person sees of their usage: everything that is on record at that time."""

from __future__ import annotations

import pytest
from django.utils import timezone

from actions.confirmations.conftest import Shop
from actions.confirmations.conftest import shop as shop
from amends.entrances.selfservice.queries import IdentifiedUser, usage_of
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

pytestmark = pytest.mark.django_db


def test_a_charge_of_the_same_millisecond_is_counted(shop: Shop) -> None:
    now = timezone.now()
    charged = {
        "charge": "c-1",
        "charge_kind": "monthly",
        "offer": "hours",
        "amount_minor": 1234,
        "currency": "CNY",
    }
    append([Fact("ChargeMade", shop.person, shop.plan, now, "billing", charged)], now=now)
    (line,) = [
        one
        for one in usage_of(IdentifiedUser(shop.person, "web"), now=now)
        if one.service == shop.plan
    ]
    assert line.charged_minor == 1234
