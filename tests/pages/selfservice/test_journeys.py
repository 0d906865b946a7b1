"""Order, stop, usage and reminders on five channels: the same confirmations and the same facts.

Each channel is driven as its user does: pages of the public site and of a kiosk, text messages through
the dispatcher, the chat, and the calls of a voice menu (the operator's app makes the same calls).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.jobs.send_codes import send_codes
from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries import mine
from amends.causes.notices.queries import choices_of
from amends.channels.actions.receive import Incoming, receive
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.entrances.portals.actions.clients import make_client
from amends.entrances.selfservice.queries import IdentifiedUser, reminders_of
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about
from amends.site.dispatch import dispatch
from tests.pages.portals.conftest import Caller

pytestmark = pytest.mark.django_db
CHANNELS = ["web", "sms", "chat", "kiosk", "ivr"]


def newest_code(prefix: str) -> str:
    """The six digits of the newest message whose key begins so."""
    row = OutboxMessage.objects.filter(key__startswith=prefix).latest("posted_at", "id")
    found = re.search(r"\d{6}", open_letter(row.id)[1])
    assert found is not None
    return found.group()


class Channel:
    """How somebody does business on one channel; every method answers with what they read."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.http = Client()
        self.http.cookies["amends_language"] = "en"
        self.identify()

    def identify(self) -> None:
        """Show who one is."""

    def confirm(self, ask: Callable[[str], str]) -> str:
        """Answer each question about an order with the code of its message."""
        said = ""
        for _step in range(2):
            said = ask(newest_code("challenge:"))
        return said

    def get(self, path: str) -> str:
        response = self.http.get(path, follow=True)
        assert response.status_code == 200, (path, response.status_code)
        return str(response.content.decode())

    def post(self, path: str, **form: str) -> str:
        response = self.http.post(path, form, follow=True)
        assert response.status_code == 200, (path, response.content.decode()[-3000:])
        return str(response.content.decode())


class Web(Channel):
    def identify(self) -> None:
        self.post("/mine/", number=PHONE)
        send_codes(now=timezone.now())
        self.post("/mine/code/", digits=newest_code("presence:"))

    def order(self, offer: str) -> str:
        self.post("/mine/order/", offer=offer, key="o1")
        order = Order.objects.get(order="open").id
        return self.confirm(lambda code: self.post(f"/mine/orders/{order}/", digits=code))

    def stop(self, service: str) -> str:
        return self.post(f"/mine/services/{service}/stop/")

    def usage(self) -> str:
        return self.get("/mine/services/")

    def remind(self, duty: str, number: int, amount: str) -> str:
        return self.post(f"/mine/reminders/{duty}/", own=amount, notify="on")


class Sms(Channel):
    sent = 0

    def say(self, text: str) -> str:
        self.sent += 1
        before = set(OutboxMessage.objects.values_list("id", flat=True))
        now = timezone.now()
        message = Incoming(
            channel="sms",
            external_id=f"m-{self.sent}",
            sender=PHONE,
            text=text,
            received_at=now,
        )
        receive(message, now=now)
        dispatch(now=now, holder="test")
        new = OutboxMessage.objects.exclude(id__in=before).order_by("id")
        return " ".join(open_letter(row.id)[1] for row in new)

    def order(self, offer: str) -> str:
        self.say(f"DG {offer}")
        return self.confirm(lambda code: self.say(f"Y{code}"))

    def stop(self, service: str) -> str:
        return self.say("TD1")

    def usage(self) -> str:
        return self.say("YL")

    def remind(self, duty: str, number: int, amount: str) -> str:
        return self.say(f"TX{number} {amount}")


class Chat(Channel):
    said = 0

    def identify(self) -> None:
        self.post("/chat/", text="I have a question", agreed="on")
        self.post("/chat/identity/", number=PHONE)
        send_codes(now=timezone.now())
        self.post("/chat/code/", digits=newest_code("presence:"))

    def say(self, text: str) -> str:
        self.said += 1
        return self.post("/chat/", text=text, key=f"k{self.said}")

    def order(self, offer: str) -> str:
        self.say(f"order {offer}")
        return self.confirm(self.say)

    def stop(self, service: str) -> str:
        return self.say("stop 1")

    def usage(self) -> str:
        return self.say("usage")

    def remind(self, duty: str, number: int, amount: str) -> str:
        return self.say(f"reminder {number} {amount}")


class Kiosk(Channel):
    def identify(self) -> None:
        token = make_client("kiosk-1", scopes=["kiosk:use"], channel="kiosk", now=timezone.now())
        self.post("/kiosk/device/", token=token)
        self.post("/kiosk/number/", number=PHONE)
        send_codes(now=timezone.now())
        self.post("/kiosk/code/", digits=newest_code("presence:"))

    def order(self, offer: str) -> str:
        self.post("/kiosk/offers/", offer=offer, key="o1")
        order = Order.objects.get(order="open").id
        return self.confirm(lambda code: self.post(f"/kiosk/orders/{order}/", digits=code))

    def stop(self, service: str) -> str:
        sure = self.post("/kiosk/services/", service=service)
        assert "Yes, stop it" in sure
        return self.post("/kiosk/services/", service=service, sure="1")

    def usage(self) -> str:
        return self.get("/kiosk/usage/")

    def remind(self, duty: str, number: int, amount: str) -> str:
        return self.post("/kiosk/reminders/", duty=duty, own=amount)


class Ivr(Channel):
    def identify(self) -> None:
        token = make_client(
            "voice", scopes=["selfservice:use", "ivr:use"], channel="ivr", now=timezone.now()
        )
        self.caller = Caller(self.http, token)
        asked = self.caller.post("/selfservice/identity", {"number": PHONE})
        assert asked.status_code == 202
        self.presence = asked.json()["presence"]
        send_codes(now=timezone.now())
        done = self.call("/selfservice/identity/answer", digits=newest_code("presence:"))
        assert '"identified": true' in done

    def call(self, path: str, **body: str) -> str:
        headers = {"Presence": self.presence}
        path = f"{path}?language=en"
        if body:
            answer = self.caller.post(path, body, key=f"k-{len(body)}", **headers)
        else:
            answer = self.http.get(
                f"/api/v1{path}",
                headers=headers | {"Authorization": f"Bearer {self.caller.token}"},
            )
        assert answer.status_code in (200, 201), answer.content
        return str(answer.content.decode())

    def order(self, offer: str) -> str:
        self.call("/selfservice/orders", offer=offer)
        order = Order.objects.get(order="open").id
        return self.confirm(
            lambda code: self.call(f"/selfservice/orders/{order}/answer", digits=code)
        )

    def stop(self, service: str) -> str:
        return self.call("/selfservice/stops", service=service)

    def usage(self) -> str:
        return self.call("/selfservice/usage")

    def remind(self, duty: str, number: int, amount: str) -> str:
        return self.call("/selfservice/reminders", duty=duty, wish=amount)


USERS = {"web": Web, "sms": Sms, "chat": Chat, "kiosk": Kiosk, "ivr": Ivr}


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest, shop: Shop) -> Any:
    return USERS[request.param](shop)


def stated(shop: Shop) -> list[str]:
    """The kinds of facts about the person that business leaves, in order."""
    kinds = {
        "ServiceOrdered",
        "ConfirmationAsked",
        "ConfirmationGiven",
        "ServiceActivated",
        "ServiceStopped",
        "ConsentGiven",
    }
    return [fact.kind for fact in facts_about(shop.person, kinds=kinds)]


def test_an_order_takes_two_confirmations(channel: Any, shop: Shop) -> None:
    said = channel.order("ring")
    assert Order.objects.get().state == "executed", said
    assert [one.offer for one in mine(shop.person) if one.covered] == ["ring"]
    assert sorted(stated(shop)) == sorted(
        ["ServiceOrdered"] + ["ConfirmationAsked", "ConfirmationGiven"] * 2 + ["ServiceActivated"]
    )


def test_a_stop_ends_the_service_at_once(channel: Any, shop: Shop) -> None:
    ordered = shop.order(now=timezone.now())
    from amends.causes.confirmations.actions.answer import answer_code

    for _step in range(2):
        answer_code(ordered.id, shop.code(), now=timezone.now(), by=shop.person, channel="sms")
    before = stated(shop)
    service = Order.objects.get(id=ordered.id).service
    channel.stop(service)
    assert stated(shop)[len(before) :] == ["ServiceOrdered", "ConfirmationGiven", "ServiceStopped"]
    assert service not in {one.service for one in mine(shop.person) if one.until is None}


def test_usage_is_the_newest_that_is_known(channel: Any, shop: Shop) -> None:
    used = {"counter": "data", "step": "80", "used": 900 * 1_048_576, "unit": "byte"}
    charged = {
        "charge": "c-1",
        "charge_kind": "monthly",
        "offer": "hours",
        "amount_minor": 1234,
        "currency": "CNY",
    }
    now = timezone.now()
    with_facts = [
        Fact("UsageCrossed", shop.person, shop.plan, now, "metering", used),
        Fact("ChargeMade", shop.person, shop.plan, now, "billing", charged),
    ]
    append(with_facts, now=now)
    said = channel.usage()
    assert "at least 900 MB" in said
    assert "12.34" in said


def test_a_reminder_takes_an_amount_of_one_s_own(channel: Any, shop: Shop) -> None:
    user = IdentifiedUser(shop.person, "web")
    setting = next(one for one in reminders_of(user, now=timezone.now()) if one.own_unit == "minor")
    before = stated(shop)
    channel.remind(setting.duty, setting.number, "50")
    chosen = choices_of([shop.person]).of(shop.person, "", setting.duty)
    assert (chosen.own_step, chosen.declined) == (5000, False)
    assert stated(shop)[len(before) :] == ["ConsentGiven"]
