"""An issue with complaints of several people, two of them silent, and the staff who deal with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from tests.actions.complaints.conftest import BORN, NOW, covered, offer

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs.pipeline import acknowledge_waiting
from amends.engines.detection import scan
from amends.people.access.actions.add_user import add_user
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.ids import random_id
from amends.problems.emergencies.actions.notify_silent import draft_notice, notify_silent
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


@pytest.fixture(autouse=True)
def fewer_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds from a third of the drawn series, in a third of the time: how near these come to
    what they promise is tested with the rules."""
    monkeypatch.setattr(scan, "NULL_PLACES", 25_000)
    monkeypatch.setattr(scan, "LEAST_SERIES", 250)


CHARGED = NOW - timedelta(days=20)
WORDS = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"


@dataclass(frozen=True, slots=True)
class Crowd:
    """An issue of three who complain and two who are hit alike and do not; staff by role."""

    issue: str
    complaints: list[str]
    silent: list[str]
    staff: dict[str, Actor]

    @property
    def manager(self) -> Actor:
        return self.staff["manager"]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def hire(role: str, *, email: str = "", brand: str = "") -> Actor:
    name = f"{role}-{email.partition('@')[0] or 'x'}"
    user = add_user(
        name, password="harbour-kite-42", roles=[role], email=email, language="en", brand=brand
    )
    return Actor("user", user.ref, (role,), "", brand)


def notify(
    crowd: Crowd, zh: str = "说明", en: str = "words", *, brand: str = "", now: Any = NOW
) -> tuple[int, int]:
    """A manager drafts a message to the silent, a senior handler sends it; how many it reached."""
    drafter = hire("manager", email=f"draft-{random_id('x')}@example.org", brand=brand)
    sender = hire("senior_handler", email=f"send-{random_id('x')}@example.org", brand=brand)
    draft_notice(crowd.issue, zh, en, actor=drafter, now=now)
    return notify_silent(crowd.issue, limit=1000, actor=sender, now=now)


def victim(number: int) -> str:
    """Somebody whom a partner gave a ringtone they never confirmed, charged once."""
    person = register(
        NewSubscriber(
            name=f"用户{number}", phone=f"1390000{number:04}", province="11", language="zh-hans"
        ),
        now=BORN,
    )
    ring = f"svc-ring-{number}"
    open_services(
        [
            NewService(
                ref=ring,
                subscriber=person,
                kind="value_added",
                offer="offer-ring",
                started_at=CHARGED - timedelta(days=1),
            )
        ]
    )
    with transaction.atomic():
        append(
            [
                Fact(
                    "ServiceActivated",
                    person,
                    ring,
                    CHARGED - timedelta(days=1),
                    "crm",
                    {"offer": "offer-ring", "initiator": "partner:star", "campaign": "spring"},
                ),
                Fact(
                    "ChargeMade",
                    person,
                    ring,
                    CHARGED,
                    "billing",
                    {
                        "charge": f"chg-{number}",
                        "charge_kind": "value_added",
                        "offer": "offer-ring",
                        "amount_minor": 1000,
                        "currency": "CNY",
                    },
                ),
            ],
            now=NOW - timedelta(hours=1),
        )
    return person


def complain(number: int) -> str:
    said = Submission(
        key=f"k{number}",
        text=WORDS,
        channel="app",
        received_at=NOW,
        identity="operator_login",
        phone=f"1390000{number:04}",
    )
    return receive(said, now=NOW).complaint


@pytest.fixture
def crowd(db: Any) -> Crowd:
    staff = {
        role: hire(role, email=f"{role}@example.org")
        for role in ("handler", "senior_handler", "manager", "administrator")
    }
    with transaction.atomic():
        append(
            [
                offer("offer-ring", "彩铃包", 1000, "value_added"),
                covered("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped"),
                covered("confirmations", "ConfirmationAsked,ConfirmationGiven,ConfirmationRefused"),
                covered("billing", "ChargeMade,RefundMade"),
            ],
            now=NOW - timedelta(hours=1),
        )
    people = [victim(number) for number in range(1, 6)]
    complaints = [complain(number) for number in (1, 2, 3)]
    acknowledge_waiting(now=NOW)
    investigate_many(complaints, actor=system("desk"), now=NOW)
    issue = open_issue(
        ["code=value_added.unordered"],
        started_at=NOW - timedelta(days=1),
        now=NOW,
        actor=system("scan"),
        title="彩铃未经同意开通",
    )
    join(issue.id, complaints, because="same cause", actor=staff["manager"], now=NOW)
    return Crowd(issue.id, complaints, people[3:], staff)
