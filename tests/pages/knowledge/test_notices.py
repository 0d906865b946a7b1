"""Notices of known problems: confirmed by a code, sent once, ended with the address deleted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.channels.models import OutboxMessage
from amends.knowledge.actions.subscribe import forget_unconfirmed, notify
from amends.knowledge.models import ProblemSubscription
from amends.vault.sealing import open_sealed

pytestmark = pytest.mark.django_db
TEXTS = {"zh": ("断网", "正在抢修。"), "en": ("Outage", "We are repairing it.")}


def test_subscribe_confirm_receive_once_and_end() -> None:
    visitor, now = Client(headers={"accept-language": "en"}), timezone.now()
    page = visitor.post("/help/notices/", {"email": "a@b.example"})["Location"]
    assert notify("1:1", TEXTS, now=now) == 0, "not confirmed yet"
    sent = OutboxMessage.objects.get()
    body = open_sealed("channels_outboxmessage", "body_sealed", sent.id, sent.body_sealed)
    code = re.search(r"\d{6}", body)
    assert code
    assert visitor.post(page, {"code": "000000x"}).status_code != 302
    assert visitor.post(page, {"code": code[0]}).status_code == 302
    for _time in range(2):
        assert notify("1:1", TEXTS, now=now) == 1
    assert OutboxMessage.objects.count() == 2
    visitor.post(page, {"end": "yes"})
    assert not ProblemSubscription.objects.exists()
    assert visitor.get(page).status_code != 200


def test_an_address_that_is_not_confirmed_is_deleted() -> None:
    Client().post("/help/notices/", {"email": "a@b.example"})
    assert forget_unconfirmed(now=timezone.now() + timedelta(days=3)) == 1
