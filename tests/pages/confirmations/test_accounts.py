"""What was bought and paid in, and what is left: on the subscriber's page and at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import BORN, NOW, PHONE, Shop, offer
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.models import Order
from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.queries.accounts import accounts_of
from amends.engines.metering.engine.marks import MeteringPlan
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.record.catalogue.actions.publish_offers import publish_offers
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from tests.pages.confirmations.test_mine import client as client
from tests.pages.confirmations.test_mine import enter
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
MB = 1_048_576
LATER = NOW + timedelta(days=3)


def charge(shop: Shop, minor: int, number: int, currency: str = "CNY") -> None:
    made = {
        "charge": f"c{number}",
        "charge_kind": "usage",
        "offer": "plan",
        "amount_minor": minor,
        "currency": currency,
    }
    with transaction.atomic():
        append([Fact("ChargeMade", shop.person, shop.plan, NOW, "billing", made)], now=NOW)


def prepaid(shop: Shop, balance: int = 5000) -> None:
    enrol(
        NewLines(
            [shop.plan],
            [shop.person],
            [0],
            [0],
            [MeteringPlan("p", balance_minor=balance)],
            [("Asia/Shanghai", 1)],
        ),
        now=NOW,
    )


def told(shop: Shop, kind: str, ref: str, amount: int, counter: str = "", days: int = 1) -> None:
    change_line(
        shop.plan,
        kind,
        reference=ref,
        at=NOW + timedelta(days=days),
        counter=counter,
        amount=amount,
    )


def left(shop: Shop) -> int | None:
    (one,) = accounts_of(shop.person, now=NOW + timedelta(days=9))
    return one.left_minor


def test_what_is_left_after_charges_payments_and_what_was_set_right(shop: Shop) -> None:
    assert accounts_of(shop.person, now=NOW) == []
    prepaid(shop)
    assert left(shop) == 5000
    charge(shop, 1234, 1)
    charge(shop, 99_999, 2, "EUR")
    assert left(shop) == 3766, "what is charged in another currency is not of this balance"
    told(shop, "top_up", "pay", 2000, "money")
    assert left(shop) == 5766
    told(shop, "top_up", "data", 500 * MB, "data")
    assert left(shop) == 5766
    told(shop, "balance", "set", 100, days=2)
    assert left(shop) == 100, "what billing states holds, with all charges before it"


def test_a_payment_begins_the_balance_of_a_line_without_one(shop: Shop) -> None:
    prepaid(shop, 0)
    charge(shop, 700, 1)
    assert accounts_of(shop.person, now=NOW) == []
    told(shop, "top_up", "pay", 2000, "money")
    assert left(shop) == 2000
    assert accounts_of(shop.person, now=NOW) == [], "what holds later is not counted yet"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Balance and top-ups", "Your balance:", "paid in", "500 MB")),
        ("zh-hans", ("余额与充值", "余额", "充值", "500 MB")),
    ],
)
def test_the_subscriber_sees_balance_and_top_ups(
    client: Client,
    shop: Shop,
    language: str,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    client.cookies["amends_language"] = language
    enter(client, shop)
    assert words[0] not in client.get("/mine/services/").content.decode()
    prepaid(shop)
    charge(shop, 6234, 1)
    at = LATER - timedelta(minutes=5)
    change_line(shop.plan, "top_up", reference="d", at=at, counter="data", amount=500 * MB)
    change_line(shop.plan, "top_up", reference="m", at=at, counter="money", amount=1000)
    html = client.get("/mine/services/").content.decode()
    assert all(one in html for one in words)
    assert "2.34" in html
    assert ("已透支" if language == "zh-hans" else "below zero") in html


LOST = (
    "The number: calls and messages",
    "An exit fee of",
    "¥300.00",
    "¥10.00",
    "is outstanding and stays to be paid",
)


def bound(shop: Shop) -> Shop:
    """A main plan whose contract still runs, with a balance below zero."""
    terms = offer("bound", "mobile_plan", 5000, contract_months=48, exit_fee_minor=30_000)
    with transaction.atomic():
        publish_offers([terms])
        (line,) = open_services([NewService(shop.person, "mobile_plan", BORN, "bound", "1")])
    held = Shop(shop.person, line)
    prepaid(held)
    charge(held, 6000, 7)
    return held


def test_what_is_lost_with_a_main_plan_is_said_before_the_second_click(
    client: Client, shop: Shop
) -> None:
    held = bound(shop)
    enter(client, shop)
    page = client.get(f"/mine/services/{held.plan}/stop/").content.decode()
    assert [words for words in LOST if words not in page] == []


def test_the_desk_says_it_too_and_stops_nothing_before(shop: Shop) -> None:
    held, desk = bound(shop), signed_in(colleague("qiao.lin", "handler"))
    asked = {"person": PHONE, "order": "stop", "service": held.plan, "key": "k"}
    page = desk.post("/desk/confirmations/orders/new/", asked).content.decode()
    assert [words for words in LOST if words not in page] == []
    assert not Order.objects.exists()
    assert desk.post("/desk/confirmations/orders/new/", asked | {"stop": "1"}).status_code == 302
    assert Order.objects.get().order == "stop"


def test_the_desk_lists_what_was_told_of_lines_and_names_nobody(shop: Shop) -> None:
    desk = signed_in(colleague("zhao.an", "manager"), "en")
    empty = desk.get("/desk/notices/lines/").content.decode()
    assert "No changes of lines" in empty
    prepaid(shop)
    told(shop, "top_up", "pay", 2000, "money")
    told(shop, "own_mark", "mark", 2000)
    html = desk.get("/desk/notices/lines/").content.decode()
    assert "paid in" in html
    assert "20.00" in html
    assert "not counted yet" in html
    assert shop.person not in html
    assert html.count('<th scope="row">') == 1, "a mark of one's own is no top-up"
    chinese = signed_in(colleague("qian.an", "manager"), "zh-hans")
    assert "充值与余额" in chinese.get("/desk/notices/lines/").content.decode()
    other = signed_in(colleague("sun.an", "manager", brand="other"), "en")
    assert "No changes of lines" in other.get("/desk/notices/lines/").content.decode()
    agent = signed_in(colleague("li.an", "agent"), "en")
    assert agent.get("/desk/notices/lines/").status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 1440)])
def test_in_a_browser_by_any_reader(
    visitor: Any, shop: Shop, language: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    prepaid(shop)
    charge(shop, 6234, 1)
    told(shop, "top_up", "d", 500 * MB, "data")
    client = Client()
    enter(client, shop)
    window = visitor(language=language, width=width)
    window.let_in(client)
    window.open("/mine/services/")
    assert window.axe() == []
    assert window.wider_than_itself() == 0
    assert window.small_targets() == []
