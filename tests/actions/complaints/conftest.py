"""A small operator: one subscriber with a plan and a ringtone nobody confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BORN = NOW - timedelta(days=400)
ACTIVATED = NOW - timedelta(days=80)
PHONE = "13900001234"


@dataclass(frozen=True, slots=True)
class World:
    """References of the small operator."""

    person: str
    plan: str
    ringtone: str
    charges: tuple[str, ...]


def offer(ref: str, name_zh: str, price_minor: int, kind: str) -> Fact:
    return Fact(
        "OfferPublished",
        "",
        ref,
        BORN,
        "publicity",
        {
            "offer": ref,
            "offer_version": "1",
            "price_minor": price_minor,
            "currency": "CNY",
            "name_zh": name_zh,
            "name_en": ref,
            "kind": kind,
        },
    )


def covered(source: str, kinds: str, until: datetime = NOW, complete: int = 1) -> Fact:
    return Fact(
        "SourceCovered",
        "",
        source,
        NOW - timedelta(hours=2),
        source,
        {
            "kinds": kinds,
            "scope": "all",
            "from_ms": to_ms(BORN),
            "to_ms": to_ms(until),
            "complete": complete,
        },
    )


@pytest.fixture
def world(db: None) -> World:
    """The facts of three months: a ringtone activated by a partner, charged three times."""
    person = register(
        NewSubscriber(name="林小满", phone=PHONE, province="11", language="zh-hans"), now=BORN
    )
    plan, ringtone = "svc-plan-1", "svc-ring-1"
    open_services(
        [
            NewService(
                ref=plan, subscriber=person, kind="mobile", offer="offer-plan", started_at=BORN
            ),
            NewService(
                ref=ringtone,
                subscriber=person,
                kind="value_added",
                offer="offer-ring",
                started_at=ACTIVATED,
            ),
        ]
    )
    charges = tuple(f"chg-ring-{month}" for month in range(3))
    facts = [
        offer("offer-plan", "畅聊套餐", 5900, "mobile"),
        offer("offer-ring", "彩铃包", 1000, "value_added"),
        covered("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped"),
        covered("confirmations", "ConfirmationAsked,ConfirmationGiven,ConfirmationRefused"),
        covered("billing", "ChargeMade,RefundMade"),
        Fact(
            "ServiceActivated",
            person,
            plan,
            BORN,
            "crm",
            {"offer": "offer-plan", "initiator": "subscriber"},
        ),
        Fact(
            "ServiceActivated",
            person,
            ringtone,
            ACTIVATED,
            "crm",
            {"offer": "offer-ring", "initiator": "partner:star-sound", "campaign": "spring"},
        ),
        *(
            Fact(
                "ChargeMade",
                person,
                ringtone,
                ACTIVATED + timedelta(days=25 * month + 1),
                "billing",
                {
                    "charge": charge,
                    "charge_kind": "value_added",
                    "offer": "offer-ring",
                    "amount_minor": 1000,
                    "currency": "CNY",
                },
            )
            for month, charge in enumerate(charges)
        ),
    ]
    with transaction.atomic():
        append(facts, now=NOW - timedelta(hours=1))
    return World(person, plan, ringtone, charges)
