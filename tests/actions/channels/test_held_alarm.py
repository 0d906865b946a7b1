"""Held messages are an alarm where somebody expects them: sending is on, or a page promised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from amends.channels import senders
from amends.channels.actions.post import Outgoing, post
from amends.channels.actions.send_code import send_code
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from shell import amends


def _message(key: str, channel: str = "sms") -> dict[str, str]:
    return {
        "key": key,
        "channel": channel,
        "recipient": "13900001234",
        "body": "Your complaint is settled.",
        "language": "en",
    }


def _alarms() -> list[str]:
    return [one.alarm.id for one in sounding(readings(now=timezone.now()))]


@pytest.fixture(autouse=True)
def _held(db: None) -> None:
    """What Amends writes by itself in a demonstration."""
    with transaction.atomic():
        post(now=timezone.now(), **_message("letter"))
        send_code(Outgoing(**_message("asked-by-amends")), now=timezone.now())


def test_a_demonstration_holds_messages_on_purpose() -> None:
    assert "AmendsMessagesHeld" not in _alarms()


def test_sending_on_one_channel_makes_what_another_holds_an_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(senders.SWITCHES, "mail", senders.Switch(lambda: True, None))
    assert "AmendsMessagesHeld" in _alarms()


def test_an_installation_at_a_public_address_is_in_production(settings: Any) -> None:
    settings.BASE_URL = "https://complaints.example.org"
    assert "AmendsMessagesHeld" in _alarms()


def test_a_code_that_a_page_promised_is_an_alarm_that_the_check_names() -> None:
    with transaction.atomic():
        send_code(Outgoing(**_message("asked-at-page")), source="network", now=timezone.now())
    assert "AmendsMessagesHeld" in _alarms()
    checked = amends("operation", "show", "--check", "--json")
    assert checked.code == 1
    alarm = next(
        one for one in json.loads(checked.out)["alarms"] if one["id"] == "AmendsMessagesHeld"
    )
    assert [(one["labels"]["channel"], one["value"]) for one in alarm["readings"]] == [("sms", 1)]
