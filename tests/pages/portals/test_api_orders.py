"""Orders over the interface: placed once a key, asked of the user, never carried out before."""

from __future__ import annotations

import pytest
from django.test import Client

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.confirmations.models import Order
from amends.entrances.portals.actions.clients import make_client
from tests.pages.portals.conftest import NOW, Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Caller:
    return Caller(
        Client(), make_client("shop-app", scopes=["orders:write"], now=NOW, channel="app")
    )


def place(by: Caller, key: str = "o-1", **fields: str):
    return by.post("/orders", {"order": "open", "phone": PHONE, "offer": "ring"} | fields, key=key)


def test_an_order_waits_for_the_users_word(shop: Shop, partner: Caller) -> None:
    answer = place(partner)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["confirmed"]) == ("waiting", 0)
    assert shop.person not in answer.content.decode()
    assert len(shop.sent("challenge:")) == 1
    assert partner.get(f"/orders/{body['order']}").json() == body


def test_the_same_key_is_the_same_order_and_another_body_is_refused(
    shop: Shop,
    partner: Caller,
) -> None:
    first = place(partner).json()
    assert place(partner).json() == first
    assert place(partner, campaign="spring").status_code == 409
    assert Order.objects.count() == 1


def test_it_is_carried_out_once_confirmed_and_then_says_so(
    shop: Shop,
    partner: Caller,
) -> None:
    ref = place(partner, offer="gift").json()["order"]
    order = Order.objects.get(id=ref)
    answer_code(ref, shop.code(), now=order.placed_at, by=shop.person, channel="sms")
    found = partner.get(f"/orders/{ref}").json()
    assert (found["confirmed"], found["needed"], found["state"]) == (1, 1, "executed")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "fields", [{"phone": "13911112222"}, {"offer": "none"}, {"order": "stop", "offer": ""}]
)
def test_what_cannot_be_ordered_is_refused_and_nothing_stored(
    partner: Caller, fields: dict[str, str]
) -> None:
    answer = place(partner, **fields)
    assert answer.status_code == 400
    assert answer.json()["next_step"]
    assert not Order.objects.exists()


@pytest.mark.usefixtures("shop")
def test_nobody_sees_the_order_of_another_system(partner: Caller) -> None:
    ref = place(partner).json()["order"]
    other = Caller(Client(), make_client("other", scopes=["orders:write"], now=NOW))
    assert other.get(f"/orders/{ref}").status_code == 404
    reader = Caller(Client(), make_client("reader", scopes=["complaints:read"], now=NOW))
    assert place(reader).status_code == 403


@pytest.mark.usefixtures("shop")
def test_a_client_of_one_brand_orders_for_that_brand_alone() -> None:
    plum = Caller(Client(), make_client("plum", scopes=["orders:write"], now=NOW, brand="plum"))
    assert place(plum).status_code == 400
