"""Protection over the interface: what the network asks, and reports of other systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from amends.causes.protection.actions.set_protection import NewSettings, set_protection
from amends.causes.protection.models import NuisanceReport, StoppedDelivery
from amends.people.subscribers.actions.register import NewSubscriber, register

pytestmark = pytest.mark.django_db
PHONE = "13900190001"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
ASKED = {"key": "1", "thing": "message", "sender": "10690001111", "to": PHONE, "text": FRAUD}


@pytest.fixture
def me() -> str:
    return register(
        NewSubscriber(phone=PHONE, brand="plum", language="en"),
        now=timezone.now() - timedelta(days=90),
    )


def test_the_network_asks_what_to_do(caller: Any, me: str) -> None:
    network = caller("protection:decide", name="smsc")
    answer = network.post("/protection/decisions", ASKED)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["action"], found["reason"], found["until"]) == ("mark", "text_fraud", None)
    assert found["text"].startswith("[Warning]")
    set_protection(me, NewSettings(level="strict"), now=timezone.now())
    again = network.post("/protection/decisions", ASKED | {"key": "2"})
    assert again.json()["action"] == "block"
    unknown = network.post("/protection/decisions", ASKED | {"to": "13900190777", "key": "3"})
    assert unknown.json()["action"] == "mark"
    assert StoppedDelivery.objects.count() == 2, "nothing is stored of people nobody knows"


def test_a_network_of_another_brand_learns_no_settings(caller: Any, me: str) -> None:
    set_protection(me, NewSettings(level="strict"), now=timezone.now())
    pear = caller("protection:decide", name="pear", brand="pear")
    assert pear.post("/protection/decisions", ASKED).json()["action"] == "mark"
    assert not StoppedDelivery.objects.exists()
    report_only = caller("protection:report", name="app")
    assert report_only.post("/protection/decisions", ASKED).status_code == 403
    assert pear.post("/protection/decisions", ASKED | {"thing": "mail"}).status_code == 422


def test_an_app_reports_for_its_signed_in_user(caller: Any, me: str) -> None:
    body = {"thing": "message", "number": "10690001111", "text": FRAUD, "reporter": PHONE}
    app = caller("protection:report", name="app", trusted_identity=True)
    first = app.post("/protection/reports", body, key="k1")
    assert (first.status_code, first.json()["label"]) == (201, "fraud")
    again = app.post("/protection/reports", body, key="k1")
    assert again.json() == first.json() | {"repeated": True}
    assert app.post("/protection/reports", body | {"number": "1"}, key="k1").status_code == 409
    row = NuisanceReport.objects.get()
    assert (row.subscriber, row.proven) == (me, True)
    other = caller("protection:report", name="site")
    assert other.post("/protection/reports", body, key="k1").status_code == 201
    assert NuisanceReport.objects.filter(subscriber="", proven=False).count() == 1
    empty = other.post("/protection/reports", {"thing": "call"}, key="k2")
    assert (empty.status_code, empty.json()["error"]) == (400, "unable_to_report")
