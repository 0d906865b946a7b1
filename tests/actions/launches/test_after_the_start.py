"""After the start: forecast against actual, what it teaches, and withdrawal with consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from amends.causes.confirmations.models import Order
from amends.causes.launches.actions.assess import assess
from amends.causes.launches.actions.go_live import go_live
from amends.causes.launches.actions.stop import stop
from amends.causes.launches.actions.withdraw import withdraw
from amends.causes.launches.jobs.compare import compare
from amends.causes.launches.jobs.withdraw import ask
from amends.causes.launches.models import Comparison, Launch
from amends.causes.launches.queries import lessons_learned, replacements, within_forecast
from amends.causes.launches.queries.prices import price_of
from amends.causes.launches.refusals import UnableToActOnLaunch
from amends.causes.launches.rules.case import case_of, example
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.record.catalogue.actions.publish_offers import publish_offers
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from tests.actions.confirmations.conftest import NOW, Shop, offer
from tests.actions.launches.test_launches import MANAGER, OTHER, approved_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def launch(shop: Shop) -> Launch:
    """A launch of an offer that somebody has had since its first day."""
    document = example()
    document["case"][0] |= {"offer": "ring"}
    found = assess(case_of(document), actor=MANAGER, now=NOW, draws=200)
    approved_by(found, MANAGER, OTHER)
    go_live(found.id, actor=MANAGER, now=NOW)
    open_services([NewService(shop.person, "value_added", NOW, "ring", "1")])
    return Launch.objects.get()


def test_thirty_days_of_sale_are_held_against_the_forecast(shop: Shop, launch: Launch) -> None:
    assert compare(now=NOW + timedelta(days=29)) == 0
    append([_complaint(shop)], now=NOW + timedelta(days=3))
    assert compare(now=NOW + timedelta(days=31)) == 1
    assert compare(now=NOW + timedelta(days=32)) == 0
    users = Comparison.objects.get(metric="users")
    months = launch.document["months"]
    assert (users.days, users.actual, users.low) == (30, 1, months["users_p10"][1])
    assert not users.is_within
    assert Comparison.objects.get(metric="complaints").actual == 1
    assert within_forecast() == (0, 1)


def test_what_a_launch_brought_is_in_the_next_workbook(shop: Shop, launch: Launch) -> None:
    compare(now=NOW + timedelta(days=91))
    found = lessons_learned()
    market = sum(row["market"] for row in launch.case["segments"])
    assert [row["month"] for row in found.analogues] == [1, 3]
    assert found.analogues[0]["share"] == pytest.approx(1 / market, abs=1e-6)
    assert found.complaints == [{"launch": launch.name, "user_months": 3.0, "complaints": 0}]


def test_users_are_asked_to_move_and_nobody_is_moved(shop: Shop, launch: Launch) -> None:
    later = NOW + timedelta(days=1)
    with transaction.atomic():
        facts = [offer("bell", "value_added", 900), offer("gong", "value_added", 1100)]
        append(publish_offers(facts), now=NOW)
    stop(launch.id, reason="It costs more than it brings.", actor=MANAGER, now=later)
    assert [one.ref for one in replacements(launch, later)] == ["bell"]
    withdraw(launch.id, replacement="bell", reason="Withdrawn.", actor=MANAGER, now=later)
    assert ask(now=later) == 1
    assert ask(now=later + timedelta(minutes=1)) == 0
    order = Order.objects.get(initiator="operator")
    assert (order.offer, order.before) == ("bell", "ring")
    assert order.not_before is not None
    assert order.not_before >= later + timedelta(days=29)
    assert order.state == "waiting"


def test_a_worse_offer_is_no_replacement(shop: Shop, launch: Launch) -> None:
    with pytest.raises(UnableToActOnLaunch, match="live"):
        withdraw(launch.id, replacement="ring", reason="x", actor=MANAGER, now=NOW)
    stop(launch.id, reason="It hurts.", actor=MANAGER, now=NOW)
    for other in ("traffic", "nothing"):
        with pytest.raises(UnableToActOnLaunch):
            withdraw(launch.id, replacement=other, reason="x", actor=MANAGER, now=NOW)


def test_an_empty_price_sheet_is_the_offer_on_record(shop: Shop) -> None:
    document = example() | {"price": []}
    document["case"][0] |= {"offer": "ring"}
    case = case_of(document, price_of=price_of)
    assert case["price"][0]["month"] == price_of("ring", "CNY")["month"] > 0


def _complaint(shop: Shop) -> Fact:
    at = NOW + timedelta(days=2)
    payload = {"complaint": "c-1", "code": "billing.price_fees", "channel": "web", "pack": "cn"}
    return Fact("ComplaintReceived", shop.person, "", at, "complaints", payload)
