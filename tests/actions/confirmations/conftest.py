"""A small operator: a person with a phone and a mailbox, a plan, a ringtone of a partner, a gift."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import translation

from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.models import Order
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.ledger.actions.append import append

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BORN = NOW - timedelta(days=400)
PHONE = "13900001234"
SYSTEM = system("app")
HANDLER = Actor("user", "usr-handler", ("handler",))
SENIOR = Actor("user", "usr-senior", ("senior_handler",))
AGENT = Actor("user", "usr-agent", ("agent",), partner="shop-7")


@dataclass(frozen=True, slots=True)
class Shop:
    """References of the small operator, and what was sent."""

    person: str
    plan: str

    def order(self, key: str = "k-1", *, by: Actor = SYSTEM, now: datetime = NOW, **more) -> Order:
        asked = {"order": "open", "offer": "ring", "subscriber": self.person, "channel": "app"}
        return place(NewOrder(key=key, **(asked | more)), actor=by, now=now)

    def code(self, *, last: int = -1) -> str:
        """The six digits of the newest message that asks something."""
        return re.findall(r"\d{6}", self.asked(last=last))[0]

    def token(self, *, last: int = -1) -> str:
        return re.findall(r"/confirm/([\w-]+)/", self.asked(last=last))[0]

    def asked(self, *, last: int = -1) -> str:
        return self.sent("challenge:")[last]

    def sent(self, prefix: str = "") -> list[str]:
        rows = OutboxMessage.objects.filter(key__startswith=prefix).order_by("id")
        return [open_letter(row.id)[1] for row in rows]


def offer(ref: str, kind: str, price_minor: int, provider: str = "", version: str = "1", **more):
    return NewOffer(
        ref=ref,
        version=version,
        kind=kind,
        name_zh=f"{ref}业务",
        name_en=f"{ref} service",
        price_minor=price_minor,
        currency="CNY",
        valid_from=more.pop("valid_from", BORN),
        provider=provider,
        **more,
    )


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def shop() -> Shop:
    with transaction.atomic():
        register_partners(
            [
                PartnerView("ring-co", "provider", "铃声公司", "Ring Co"),
                PartnerView("shop-7", "agent", "七号店", "Shop Seven"),
            ]
        )
        facts = publish_offers(
            [
                offer("plan", "mobile_plan", 5000),
                offer("hours", "mobile_plan", 3000, contract_months=12),
                offer("traffic", "mobile_plan", 9900),
                offer("ring", "value_added", 1000, "ring-co"),
                offer("gift", "gift", 0),
            ]
        )
        append(facts, now=BORN)
        person = register(
            NewSubscriber(name="李雨", phone=PHONE, email="li@invented.example", language="en"),
            now=BORN,
        )
        (plan,) = open_services([NewService(person, "mobile_plan", BORN, "hours", "1")])
    return Shop(person, plan)
