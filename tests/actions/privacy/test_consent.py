"""A consent is given and taken back in one step, and holds at once wherever it is asked."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from amends.causes.privacy.actions.post_campaign import post_campaign
from amends.causes.privacy.actions.record_consent import (
    UnableToConsentForOthers,
    UnableToRecordConsent,
    give_consent,
    withdraw_consent,
)
from amends.causes.privacy.queries.consents import consents_of
from amends.causes.privacy.queries.receipts import consent_receipt
from amends.channels.actions.claim import begin_handing_over, claim
from amends.channels.actions.post import UnableToPost, post
from amends.channels.actions.receive import Incoming, receive
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.offline.verify_consent import verify_consent
from amends.record.ledger.queries import facts_about
from amends.record.ledger.queries.keys import verifier_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
OFFICER = Actor("user", "usr-officer", ("privacy_officer",))


@pytest.fixture
def person() -> str:
    return register(NewSubscriber(name="林晓", phone="13900000001", language="zh-hans"), now=NOW)


def given(person: str) -> list[str]:
    return [one.purpose.id for one in consents_of(person, now=NOW) if one.given]


def test_nothing_is_on_before_it_is_given_and_a_second_word_changes_nothing(person: str) -> None:
    assert given(person) == []
    assert registry.check_gate("consent", f"marketing:{person}").state == "red"
    assert give_consent(person, "marketing", by=person, channel="web", now=NOW)
    assert not give_consent(person, "marketing", by=person, channel="web", now=NOW)
    assert given(person) == ["marketing"]
    assert registry.check_gate("consent", f"marketing:{person}").state == "green"
    assert withdraw_consent(person, "marketing", by=person, channel="web", now=NOW)
    assert not withdraw_consent(person, "marketing", by=person, channel="web", now=NOW)
    assert given(person) == []
    assert len(facts_about(person, kinds=["ConsentGiven", "ConsentWithdrawn"])) == 2


def test_nobody_agrees_for_somebody_else_nor_to_what_is_not_asked(person: str) -> None:
    with pytest.raises(UnableToConsentForOthers):
        give_consent(person, "marketing", by="usr-clerk", channel="counter", now=NOW)
    with pytest.raises(UnableToRecordConsent):
        give_consent(person, "resale", by=person, channel="web", now=NOW)
    assert given(person) == []


def test_a_clock_set_back_does_not_undo_a_withdrawal(person: str) -> None:
    give_consent(person, "survey", by=person, channel="web", now=NOW)
    withdraw_consent(person, "survey", by=person, channel="web", now=NOW - timedelta(hours=1))
    assert given(person) == []


def test_a_campaign_reaches_those_who_agreed_and_stops_with_the_withdrawal(person: str) -> None:
    other = register(NewSubscriber(phone="13900000002"), now=NOW)
    give_consent(person, "marketing", by=person, channel="web", now=NOW)
    texts = ("秋季套餐八折。", "Autumn tariffs at 20 % off.")
    sent = post_campaign("autumn", "marketing", [person, other], texts, actor=OFFICER, now=NOW)
    assert (sent.named, sent.agreed, sent.posted) == (2, 1, 1)
    row = OutboxMessage.objects.get(subscriber=person)
    row.state = OutboxMessage.State.QUEUED
    row.save()
    (message,) = claim("sms", holder="t", now=NOW)
    assert message.body.endswith("拒收请回复R")

    began = time.perf_counter()
    withdraw_consent(person, "marketing", by=person, channel="web", now=NOW)
    assert not begin_handing_over(message.id, holder="t", now=NOW)
    assert time.perf_counter() - began < 5
    row.refresh_from_db()
    assert row.state == OutboxMessage.State.CANCELLED
    again = post_campaign("winter", "marketing", [person], texts, actor=OFFICER, now=NOW)
    assert (again.agreed, again.posted) == (0, 0)


def test_a_message_that_needs_consent_names_whose() -> None:
    with pytest.raises(UnableToPost, match="consent"), transaction.atomic():
        post(
            key="k",
            channel="sms",
            recipient="1",
            body="b",
            language="zh",
            purpose="marketing",
            now=NOW,
        )


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("退订营销", ["marketing"], []),
        ("STOP MARKETING", ["marketing"], []),
        ("同意 调查", [], ["survey"]),
        ("我要投诉营销短信", ["marketing"], ["marketing"]),
    ],
)
def test_a_text_message_gives_and_takes_back(
    person: str, words: str, before: list[str], after: list[str]
) -> None:
    from amends.site.dispatch import dispatch

    for purpose in before:
        give_consent(person, purpose, by=person, channel="web", now=NOW)
    sent = Incoming(
        channel="sms", external_id="m1", sender="13900000001", text=words, received_at=NOW
    )
    receive(sent, now=NOW)
    dispatch(now=NOW, holder="t")
    assert given(person) == after
    if before != after:
        assert OutboxMessage.objects.filter(reference__startswith="consent-said:").count() == 1


def test_a_receipt_verifies_offline_and_no_byte_of_it_can_be_changed(person: str) -> None:
    give_consent(person, "marketing", by=person, channel="web", now=NOW)
    withdraw_consent(person, "marketing", by=person, channel="sms", now=NOW)
    sequence(now=NOW, holder="t")
    text = consent_receipt(person, "marketing", now=NOW)
    found = verify_consent(text, str(verifier_key()))
    assert found["schema_version"] == "ISO/IEC TS 27560:2023"
    assert [one["event_state"] for one in found["events"]] == ["given", "withdrawn"]
    assert found["pii_principal_id"] == person
    for old, new in (('"withdrawn"', '"given"'), ("marketing", "marketinq"), ("sms", "web")):
        with pytest.raises(Exception):  # noqa: B017 (whatever is wrong, it proves nothing)
            verify_consent(text.replace(old, new, 1), str(verifier_key()))
    assert "林晓" not in json.dumps(found, ensure_ascii=False)
