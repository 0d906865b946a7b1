"""A mail server that is down for minutes: one line in the log, and one when it is back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from amends.channels import senders
from amends.channels.actions.post import post
from amends.channels.jobs.send_due import send_due
from amends.channels.rules.outcomes import DeliveryOutcome


def test_two_minutes_without_the_server_are_two_lines(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_down = [True]

    @contextmanager
    def connect(clock: Callable[[], datetime]) -> Iterator[object]:
        if is_down[0]:
            raise senders.UnableToReachProvider("The mail server does not answer.")
        yield _Sender()

    switch = senders.Switch(lambda: True, connect)
    monkeypatch.setitem(senders.SWITCHES, "mail", switch)
    with transaction.atomic():
        post(
            now=timezone.now(),
            key="m-1",
            channel="mail",
            recipient="li@example.org",
            body="Hello",
            language="en",
        )
    with caplog.at_level(logging.WARNING, "amends"):
        for _pass in range(60):
            assert send_due() == {"unreachable": 1}
        is_down[0] = False
        assert send_due() == {"sent": 1}
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "channel mail: The mail server does not answer."
    assert lines[1].startswith("channel mail: works again")
    assert len(lines) == 2


class _Sender:
    def send(self, message: object, *, begin: Callable[[], bool]) -> DeliveryOutcome:
        assert begin()
        return DeliveryOutcome("sent")
