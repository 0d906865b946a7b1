"""My services: shown only to who answers the code; stopped in two clicks; orders answered."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.cases.complaints.models import Complaint
from amends.causes.confirmations.actions.record_observed import Observed, observe
from amends.causes.confirmations.jobs.send_codes import send_codes
from amends.causes.confirmations.models import Order, Presence
from amends.causes.confirmations.queries import standing_of
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.people.subscribers.queries import service
from amends.record.catalogue.queries import offer_names
from amends.record.ledger.actions.sequence import sequence

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.cookies["amends_language"] = "en"
    return client


def now() -> datetime:
    return timezone.now()


def ask(client: Client, number: str = PHONE) -> bytes:
    page = client.post("/mine/", {"number": number}).content
    send_codes(now=now())
    return page


def enter(client: Client, shop: Shop) -> None:
    ask(client)
    (text,) = shop.sent("presence:")[-1:]
    answer = client.post("/mine/code/", {"digits": re.findall(r"\d{6}", text)[0]})
    assert answer.status_code == 302


@pytest.mark.parametrize("page", ["services/", "looks/", "services/x/stop/", "orders/x/receipt/"])
def test_nobody_is_shown_anything_before_the_code(client: Client, shop: Shop, page: str) -> None:
    assert client.get(f"/mine/{page}")["Location"] == "/mine/"


def test_a_stranger_learns_nothing(client: Client, shop: Shop) -> None:
    known, unknown = ask(client), ask(client, "13911112222")
    strip = re.compile(rb'(csrfmiddlewaretoken" value|nonce)="[^"]*"')
    assert strip.sub(b"", known) == strip.sub(b"", unknown)
    assert len(shop.sent("presence:")) == 1
    wrong = client.post("/mine/code/", {"digits": "000000"})
    assert "This is not the code" in wrong.content.decode()


def test_the_same_work_is_done_for_a_number_nobody_has(shop: Shop) -> None:
    """What the server does before it answers is what a clock outside can measure."""
    done = []
    for number in (PHONE, "13911112222"):
        client = Client()
        with CaptureQueriesContext(connection) as asking:
            client.post("/mine/", {"number": number})
        send_codes(now=now())
        with CaptureQueriesContext(connection) as answering:
            client.post("/mine/code/", {"digits": "000000"})
        done.append(
            [
                re.sub(r"\W.*s\d+_x\d+.*", "", one["sql"].split("WHERE")[0])[:60]
                for one in (*asking, *answering)
                # Read again every few seconds, whoever asks.
                if "operator_operatorprofile" not in one["sql"]
            ]
        )
    assert done[0] == done[1]


def test_six_wrong_codes_close_the_question(client: Client, shop: Shop) -> None:
    ask(client)
    right = re.findall(r"\d{6}", shop.sent("presence:")[0])[0]
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(5):
        client.post("/mine/code/", {"digits": wrong})
    client.post("/mine/code/", {"digits": right})
    assert client.get("/mine/services/").status_code == 302
    assert Presence.objects.get().attempts == 5


def test_what_runs_is_shown_with_who_confirmed_it_and_stopped_in_two_clicks(
    client: Client, shop: Shop
) -> None:
    order = shop.order(offer="gift", now=now())
    token, code = shop.token(), shop.code()
    asked = client.get(f"/confirm/{token}/").content.decode()
    assert "gift service" in asked
    assert Order.objects.get().state == "waiting"
    done = client.post(f"/confirm/{token}/", {"digits": code, "yes": "1"})
    assert "Done." in done.content.decode()
    enter(client, shop)
    page = client.get("/mine/services/").content.decode()
    assert "gift service" in page
    assert "by a one-time code" in page
    assert "hours service" in page
    # Before, it had “No confirmation on record” while the desk said that no service lacked one.
    assert "was not opened through this platform" in page
    assert "No confirmation on record" not in page
    stop = f"/mine/services/{order.service}/stop/"
    assert stop in page
    assert "Stop “gift service”?" in client.get(stop).content.decode()
    assert client.post(stop)["Location"] == "/mine/services/"
    assert standing_of(order.service).state == "stopped"
    assert service(order.service).stopped_at is not None
    sequence(now=now(), holder="t")
    receipt = client.get(f"/mine/orders/{order.id}/receipt/")
    assert receipt["Content-Type"].startswith("application/json")
    assert client.get("/mine/looks/").status_code == 200
    client.post("/mine/leave/")
    assert client.get("/mine/services/").status_code == 302


def test_what_nobody_confirmed_is_stopped_in_two_clicks_too(client: Client, shop: Shop) -> None:
    """A ringtone Amends never opened: another system reports it, and it is in no register."""
    seen = Observed(
        service="svc-seen",
        subscriber=shop.person,
        offer="ring",
        since=now(),
        source="crm",
        source_ref="r-1",
        kind="value_added",
    )
    observe([seen], now=now())
    enter(client, shop)
    page = client.get("/mine/services/").content.decode()
    assert "ring service" in page
    stop = "/mine/services/svc-seen/stop/"
    assert stop in page
    assert client.post(stop)["Location"] == "/mine/services/"
    assert standing_of("svc-seen").state == "stopped"
    ended = client.get("/mine/services/").content.decode()
    assert "ring service" in ended
    assert stop not in ended


def test_an_order_that_waits_is_refused_with_one_click(client: Client, shop: Shop) -> None:
    order = shop.order(now=now())
    enter(client, shop)
    assert (
        "Waits for your answer"
        in client.get("/mine/services/", headers={"accept-language": "en"}).content.decode()
    )
    client.post(f"/mine/orders/{order.id}/", {"no": "1"})
    order.refresh_from_db()
    assert order.state == "refused"
    assert client.post(f"/mine/orders/{order.id}/", {"no": "1"}).status_code == 404


def test_one_person_does_not_reach_anothers(client: Client, shop: Shop) -> None:
    order = shop.order(now=now())
    enter(client, shop)
    Order.objects.filter(id=order.id)
    for page in ("services/svc-other/stop/", "orders/other/receipt/"):
        assert client.get(f"/mine/{page}").status_code == 404
    assert client.post("/mine/orders/other/", {"no": "1"}).status_code == 404


def test_a_link_that_is_not_ours_says_so(client: Client) -> None:
    assert client.get("/confirm/whatever/").status_code == 404


def test_a_wrong_code_of_an_order_is_refused_beside_its_field(client: Client, shop: Shop) -> None:
    order = shop.order(offer="gift", now=now())
    enter(client, shop)
    wrong = "111111" if shop.code() != "111111" else "222222"
    answer = client.post(f"/mine/orders/{order.id}/", {"digits": wrong})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert f'id="id_{order.id}_digits_error"' in page
    assert f'value="{wrong}"' in page
    empty = client.post(f"/mine/orders/{order.id}/", {"digits": ""}).content.decode()
    assert "Enter the six digits from our message." in empty


def test_complaining_beside_a_service_asks_no_number_and_names_the_service(
    client: Client, shop: Shop
) -> None:
    enter(client, shop)
    page = client.get("/mine/services/").content.decode()
    address = re.findall(r'href="(/complain/\?mine=[^"]+)"', page)[0]
    ref = address.partition("mine=")[2]
    own = service(ref)
    assert own is not None
    form = client.get(address).content.decode()
    names = offer_names()[own.offer]
    assert re.search(rf"Your complaint is about.*<span>{names[1]}</span>", form, re.DOTALL)
    steps = client.post(address, {"text": "每月都扣钱，我没有订过。", "wanted": ""}, follow=True)
    assert steps.redirect_chain == [("/complain/reach/", 302)]
    assert "Your own number" in client.post("/complain/reach/", {}, follow=True).content.decode()
    client.post("/complain/check/", {})
    receive_sent(now=now())
    complaint = Complaint.objects.get()
    assert (complaint.subscriber, complaint.service) == (shop.person, ref)
    assert complaint.identity == "verified"
    assert {(row.kind, row.ref, row.state) for row in complaint.subjects.all()} == {
        ("service", own.offer, "confirmed")
    }


def test_a_visitor_whose_code_is_too_old_is_asked_for_the_number(
    client: Client, shop: Shop
) -> None:
    enter(client, shop)
    client.post("/complain/?mine", {"text": "每月都扣钱，我没有订过。", "wanted": ""})
    client.post("/complain/reach/", {})
    client.post("/mine/leave/")
    answer = client.post("/complain/check/", {}, follow=True)
    assert answer.redirect_chain == [("/complain/about/", 302)]
    assert "You are not signed in any more." in answer.content.decode()
    client.post("/complain/check/", {})
    receive_sent(now=now())
    assert Complaint.objects.get().identity != "verified"
    assert Complaint.objects.get().subscriber == ""


def test_the_service_of_somebody_else_is_not_named(client: Client, shop: Shop) -> None:
    enter(client, shop)
    client.post("/complain/?mine=svc-of-somebody", {"text": "每月都扣钱。", "wanted": ""})
    client.post("/complain/reach/", {})
    client.post("/complain/check/", {})
    receive_sent(now=now())
    complaint = Complaint.objects.get()
    assert (complaint.service, complaint.subjects.count()) == ("", 0)
