"""The audit of the past: what is held against whom, and the one action that gives it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from actions.confirmations.conftest import BORN, HANDLER, NOW, SENIOR, Shop
from amends.causes.confirmations.actions.audit_past import UnableToReadPeriod, look_back
from amends.causes.confirmations.actions.authority import UnableToAuditConfirmations
from amends.causes.confirmations.actions.open_refunds import open_refunds
from amends.causes.confirmations.queries import found_by, found_states
from amends.platform.kit.actors import system
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.queries import remedies_of, waiting

pytestmark = pytest.mark.django_db
START = NOW - timedelta(days=90)
BEGUN = NOW - timedelta(days=80)


def fact(kind: str, shop: Shop, service: str, at=BEGUN, **payload) -> Fact:
    return Fact(kind, shop.person, service, at, "crm", payload)


def charge(shop: Shop, service: str, ref: str, offer: str = "ring", minor: int = 1000) -> Fact:
    return fact(
        "ChargeMade",
        shop,
        service,
        BEGUN + timedelta(days=1),
        charge=ref,
        offer=offer,
        charge_kind="value_added" if offer == "ring" else "monthly_fee",
        amount_minor=minor,
        currency="CNY",
    )


def covered(complete: int = 1, since=BORN) -> Fact:
    kinds = "ConfirmationGiven,ConfirmationRefused"
    stated = {"kinds": kinds, "scope": "all", "from_ms": to_ms(since), "to_ms": to_ms(NOW)}
    at = NOW - timedelta(hours=1)
    return Fact("SourceCovered", "", "confirmations", at, "crm", {**stated, "complete": complete})


@pytest.fixture
def past(shop: Shop) -> Shop:
    """Two ringtones, one of them confirmed; a duration package turned into a traffic package."""
    activated = {"offer": "ring", "initiator": "system", "partner": "shop-7", "campaign": "spring"}
    with transaction.atomic():
        append(
            [
                covered(),
                fact("ServiceActivated", shop, "svc-bad", **activated),
                charge(shop, "svc-bad", "c-1"),
                charge(shop, "svc-bad", "c-2"),
                fact("ServiceActivated", shop, "svc-good", order="o-1", **activated),
                fact(
                    "ConfirmationGiven",
                    shop,
                    "svc-good",
                    BEGUN - timedelta(minutes=1),
                    order="o-1",
                    offer="ring",
                    channel="sms",
                    method="sms_reply",
                ),
                charge(shop, "svc-good", "c-3"),
                fact(
                    "ServiceChanged",
                    shop,
                    shop.plan,
                    from_offer="hours",
                    to_offer="traffic",
                    initiator="operator",
                ),
                charge(shop, shop.plan, "c-4", "traffic", 9900),
            ],
            now=NOW,
        )
    return shop


def test_every_charge_without_a_word_is_found_with_what_is_owed(past: Shop) -> None:
    row = look_back(start=START, end=NOW, actor=SENIOR, now=NOW)
    said = row.document
    assert said["verdicts"]["confirmed"] == 1
    assert said["unconfirmed_charges"] == 3
    assert [(one["service"], one["amount_minor"]) for one in found_by(row.id)] == [
        (past.plan, 6900),
        ("svc-bad", 2000),
    ]
    (ring,) = [one for one in said["partners"] if one["name"] == "ring-co"]
    assert (ring["judged"], ring["wrong"]) == (2, 1)
    assert [one["agent"] for one in said["by_agent"] if one["unconfirmed_charges"] == 2] == [
        "shop-7"
    ]
    assert [one["campaign"] for one in said["by_campaign"] if one["charges"] == 3] == ["spring"]


@pytest.mark.parametrize(
    ("by", "again", "verdict"),
    [
        ("subscriber", False, "withdrawn"),
        ("subscriber", True, "confirmed"),
        ("system", False, "confirmed"),
    ],
    ids=["stopped by the user", "and confirmed again", "only suspended"],
)
def test_a_yes_from_before_the_users_stop_covers_nothing_after_it(
    past: Shop, by: str, again: bool, verdict: str
) -> None:
    """A partner opens again what the user had stopped, on the strength of the old yes."""
    days = [BEGUN + timedelta(days=number) for number in (10, 20, 25)]
    told = [
        fact("ServiceStopped", past, "svc-good", days[0], initiator=by),
        fact("ServiceActivated", past, "svc-good", days[1], offer="ring", initiator="system"),
        fact(
            "ChargeMade",
            past,
            "svc-good",
            days[2],
            charge="c-9",
            offer="ring",
            charge_kind="value_added",
            amount_minor=1000,
            currency="CNY",
        ),
    ]
    if again:
        told.append(
            fact(
                "ConfirmationGiven",
                past,
                "svc-good",
                days[1],
                order="o-2",
                offer="ring",
                channel="sms",
                method="sms_reply",
            )
        )
    with transaction.atomic():
        append(told, now=NOW)
    said = look_back(start=START, end=NOW, actor=SENIOR, now=NOW).document["verdicts"]
    assert said["confirmed"] == 1 + (verdict == "confirmed")
    assert said["withdrawn"] == (verdict == "withdrawn")


def test_without_coverage_silence_proves_nothing(past: Shop) -> None:
    with transaction.atomic():
        append(
            [covered(complete=0, since=BEGUN - timedelta(hours=1))], now=NOW + timedelta(hours=1)
        )
    row = look_back(start=START, end=NOW, actor=SENIOR, now=NOW + timedelta(hours=1))
    assert row.document["unconfirmed_charges"] == 0
    assert row.document["verdicts"]["not_covered"] == 3
    assert row.document["verdicts"]["confirmed"] == 1


def test_one_action_opens_the_refunds_and_tells_the_users_once(past: Shop) -> None:
    row = look_back(start=START, end=NOW, actor=SENIOR, now=NOW)
    done = open_refunds(row.id, actor=SENIOR, now=NOW)
    assert (done.refunded, done.notified, done.nothing) == (2, 2, 0)
    owed = {one.charge: one.amount_minor for one in waiting()}
    assert owed == {"c-1": 1000, "c-2": 1000, "c-4": 6900}
    told = past.sent("unconfirmed:")
    assert any("¥20.00" in one and "ring service" in one for one in told)
    again = open_refunds(row.id, actor=SENIOR, now=NOW)
    assert (again.refunded, again.notified) == (0, 0)
    other = look_back(start=START, end=NOW, actor=SENIOR, now=NOW)
    open_refunds(other.id, actor=SENIOR, now=NOW)
    assert len(waiting()) == 3
    (first, *_rest) = remedies_of(["unconfirmed:svc-bad"])["unconfirmed:svc-bad"]
    approve([first.id], actor=system("desk"), now=NOW)
    assert found_states(row.id) == {"opened": 2}


def test_what_billing_gave_back_is_not_given_twice(past: Shop) -> None:
    with transaction.atomic():
        append(
            [
                fact(
                    "RefundMade",
                    past,
                    "svc-bad",
                    charge=ref,
                    remedy="b",
                    amount_minor=1000,
                    currency="CNY",
                )
                for ref in ("c-1", "c-2")
            ],
            now=NOW,
        )
    row = look_back(start=START, end=NOW, actor=SENIOR, now=NOW)
    done = open_refunds(row.id, actor=SENIOR, now=NOW)
    assert (done.refunded, done.nothing) == (1, 1)


def test_who_may_audit_and_what_period(past: Shop) -> None:
    with pytest.raises(UnableToAuditConfirmations):
        look_back(start=START, end=NOW, actor=HANDLER, now=NOW)
    with pytest.raises(UnableToReadPeriod):
        look_back(start=NOW, end=START, actor=SENIOR, now=NOW)
    row = look_back(start=START, end=NOW, actor=SENIOR, now=NOW)
    with pytest.raises(UnableToAuditConfirmations):
        open_refunds(row.id, actor=HANDLER, now=NOW)
