"""The receipt of a confirmation: verifies offline, and no byte of it can be changed."""

from __future__ import annotations

import json

import pytest

from actions.confirmations.conftest import NOW, PHONE, Shop
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.queries.receipts import receipt
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.offline.verify_receipt import verify_receipt
from amends.record.ledger.queries.keys import verifier_key
from amends.record.ledger.refusals import UnableToProve

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(shop: Shop) -> str:
    order = shop.order(offer="gift")
    said = f"Y{shop.code()}"
    answer_by_message(channel="sms", sender=PHONE, text=said, message="m", now=NOW)
    return order.id


def test_a_receipt_says_what_was_asked_and_answered_and_verifies_offline(given: str) -> None:
    with pytest.raises(UnableToProve, match="numbered"):
        receipt(given)
    sequence(now=NOW, holder="t")
    found = verify_receipt(receipt(given), str(verifier_key()))
    assert [event["kind"] for event in found["events"]] == [
        "ServiceOrdered",
        "ConfirmationAsked",
        "ConfirmationGiven",
        "ServiceActivated",
    ]
    assert found["record_id"] == given
    assert found["notices"][0]["answer"] == "yes"
    assert found["schema_version"].startswith("ISO/IEC TS 27560")


def test_a_receipt_has_the_fields_of_the_standard(given: str) -> None:
    sequence(now=NOW, holder="t")
    found = verify_receipt(receipt(given), str(verifier_key()))
    assert (found["language"], found["jurisdiction"]) == ("en", "cn")
    (purpose,) = found["purposes"]
    assert purpose.keys() >= {
        "purpose",
        "purpose_type",
        "lawful_basis",
        "services",
        "collection_method",
        "retention_period",
        "withdrawal_method",
        "privacy_rights",
        "recipient_third_parties",
    }
    assert (purpose["purpose_type"], purpose["collection_method"]) == ("open gift", ["sms"])
    roles = [one["party_role"] for one in found["party_identification"]]
    assert roles == ["PII controller", "authority"]
    assert [one["event_state"] for one in found["events"]] == [
        "prepared",
        "requested",
        "given",
        "in force",
    ]
    assert {one["event_type"] for one in found["events"]} == {"consent"}


def test_no_changed_receipt_verifies(given: str) -> None:
    sequence(now=NOW, holder="t")
    text, key = receipt(given), str(verifier_key())
    for old, new in (('"price_minor":0', '"price_minor":1'), ('"method":"sms', '"method":"smt')):
        assert old in text
        with pytest.raises(ValueError, match="it is not so"):
            verify_receipt(text.replace(old, new), key)
    document = json.loads(text)
    document["events"].pop()
    with pytest.raises(ValueError):
        verify_receipt(json.dumps(document, sort_keys=True, separators=(",", ":")), key)
