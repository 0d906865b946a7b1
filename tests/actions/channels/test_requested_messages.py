"""What one person can make the operator send: few new contacts a day, and ordinary numbers alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amends.causes.protection.actions.set_protection import NewSettings, set_protection
from amends.causes.protection.models import ProtectionSettings
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import (
    MAX_OF_ALL_A_DAY,
    UnableToSendOnRequest,
    send_many_on_request,
    send_on_request,
)
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.work.knowledge.actions.subscribe import subscribe

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)


@pytest.fixture
def me() -> str:
    return register(NewSubscriber(phone="13900660000"), now=NOW)


def _name(me: str, contact: str, *, at: datetime = NOW) -> None:
    set_protection(me, NewSettings(level="marked", second_contact=contact), now=at)


def test_one_subscriber_has_few_new_contacts_messaged_a_day(me: str) -> None:
    """150 text messages were sent in ten seconds through second contacts."""
    for number in range(150):
        with suppress(UnableToSendOnRequest):
            _name(me, f"139{number:08d}")
    assert OutboxMessage.objects.count() == 5
    _name(me, "13900000200", at=NOW + timedelta(days=1, minutes=1))
    assert OutboxMessage.objects.count() == 6


@pytest.mark.parametrize(
    "number", ["+237650000000", "+8821612345678", "+252612345678", "0900", "110", "+8616812345"]
)
def test_nothing_is_sent_abroad_by_satellite_or_to_emergencies(me: str, number: str) -> None:
    with pytest.raises(Exception, match=r"sent to|phone number"):
        _name(me, number)
    assert not OutboxMessage.objects.exists()
    assert not ProtectionSettings.objects.exists(), "nothing of the form is stored"


def test_the_operator_may_allow_a_country(me: str, settings: Any) -> None:
    settings.SEND_TO = frozenset({"CM"})
    _name(me, "+237650000000")
    assert OutboxMessage.objects.count() == 1


def test_one_address_gets_few_messages_whatever_they_are_for() -> None:
    for minute in range(30):
        letter = Outgoing(
            key=f"k{minute}", channel="mail", recipient="a@b.example", body="Yes.", language="en"
        )
        with suppress(UnableToSendOnRequest):
            send_on_request(letter, source=f"network {minute}", now=NOW + timedelta(seconds=minute))
    assert OutboxMessage.objects.count() == MAX_OF_ALL_A_DAY
    subscribe("a@b.example", "en", source="another", now=NOW + timedelta(minutes=1))
    assert OutboxMessage.objects.count() == MAX_OF_ALL_A_DAY
    letters = [
        Outgoing(key=f"r{n}", channel="mail", recipient="c@d.example", body="Yes.", language="en")
        for n in range(40)
    ]
    assert len(send_many_on_request(letters, now=NOW)) == MAX_OF_ALL_A_DAY
    abroad = Outgoing(key="x", channel="sms", recipient="+88216", body="Yes.", language="en")
    assert send_many_on_request([abroad], now=NOW) == []
