"""The counter: nothing is shown before the person has read out the code; then file, stop, order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.cases.complaints.models import Complaint, Contact
from amends.causes.confirmations.jobs.send_codes import send_codes
from amends.causes.confirmations.models import Order
from amends.people.subscribers.models import Subscriber
from tests.pages.conftest import colleague, signed_in
from tests.pages.selfservice.test_journeys import newest_code

pytestmark = pytest.mark.django_db


def identify(clerk: Client) -> str:
    clerk.post("/desk/counter/", {"do": "number", "number": PHONE})
    send_codes(now=timezone.now())
    page = clerk.post(
        "/desk/counter/", {"do": "code", "code": newest_code("presence:")}, follow=True
    )
    return str(page.content.decode())


@pytest.fixture
def clerk(shop: Shop) -> Any:
    return signed_in(colleague("wang", "handler"))


def test_before_the_code_nothing_of_the_account_is_shown(clerk: Client) -> None:
    clerk.post("/desk/counter/", {"do": "number", "number": PHONE})
    assert "hours service" not in clerk.get("/desk/counter/").content.decode()
    wrong = clerk.post("/desk/counter/", {"do": "code", "code": "000000"})
    assert wrong.status_code == 400
    clerk.post("/desk/counter/", {"do": "stop", "service": "svc"})
    assert not Order.objects.exists()


def test_a_complaint_is_filed_once_with_a_receipt(clerk: Client, shop: Shop) -> None:
    page = identify(clerk)
    assert "hours service" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    form = {"do": "file", "key": key[1], "text": "宽带三天两头断"}
    receipt = clerk.post("/desk/counter/", form).content.decode()
    clerk.post("/desk/counter/", form)
    complaint = Complaint.objects.get()
    assert (complaint.subscriber, complaint.identity) == (shop.person, "verified")
    assert Contact.objects.get().channel == "counter"
    assert complaint.code_public in receipt
    assert PHONE not in receipt


def test_an_order_is_confirmed_by_the_codes_of_the_person_s_phone(
    clerk: Client, shop: Shop
) -> None:
    identify(clerk)
    clerk.post("/desk/counter/", {"do": "order", "offer": "ring", "key": "o-1"})
    for _step in range(2):
        clerk.post("/desk/counter/", {"do": "confirm", "code": newest_code("challenge:")})
    assert Order.objects.get().state == Order.State.EXECUTED


def test_the_next_person_finds_nothing(clerk: Client) -> None:
    identify(clerk)
    clerk.post("/desk/counter/", {"do": "next"})
    assert "hours service" not in clerk.get("/desk/counter/").content.decode()


def test_a_clerk_of_another_brand_sees_nobody(shop: Shop) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="north")
    other = signed_in(colleague("li", "handler", brand="south"))
    other.post("/desk/counter/", {"do": "number", "number": PHONE})
    send_codes(now=timezone.now())
    assert not shop.sent("presence:"), "no code is sent to a subscriber of another brand"
    same = signed_in(colleague("wu", "handler", brand="north"))
    assert "hours service" in identify(same)


def test_roles_that_handle_no_complaints_have_no_counter() -> None:
    assert signed_in(colleague("x", "manager")).get("/desk/counter/").status_code == 403


def test_a_wrong_code_of_an_order_is_refused_beside_it(clerk: Client) -> None:
    identify(clerk)
    clerk.post("/desk/counter/", {"do": "order", "offer": "ring", "key": "o-1"})
    wrong = "111111" if newest_code("challenge:") != "111111" else "222222"
    answer = clerk.post("/desk/counter/", {"do": "confirm", "code": wrong})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'id="id_confirm_code_error"' in page
    assert f'value="{wrong}"' in page
    unknown = clerk.post("/desk/counter/", {"do": "order", "offer": "none", "key": "o-2"})
    assert 'id="id_offer_error"' in unknown.content.decode()
