"""Two senders at once: every notice becomes one message."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection

from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.models import Notice, NoticeMessage
from amends.channels import senders as switches
from amends.channels.models import OutboxMessage
from amends.channels.senders import Switch
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.platform.kit.periods import to_ms

pytestmark = pytest.mark.postgres_too

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
PEOPLE = 60


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_notice_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_clock: Callable[[], datetime]) -> Any:
        raise AssertionError("nothing is handed over here")

    monkeypatch.setitem(switches.SWITCHES, "sms", Switch(lambda: True, never))
    people = register_many([NewSubscriber(phone=f"139{n:08d}") for n in range(PEOPLE)], now=NOON)
    figures = json.dumps({"counter": "data", "used_mb": 8192, "limit_mb": 10240})
    for at, person in enumerate(people):
        Notice.objects.create(
            key=f"{at:032x}",
            subscriber=person,
            service=f"svc-{at}",
            pack="cn",
            duty="cn.allowance_near",
            version="2012-01-20",
            period="2026-11-01/data",
            step="80%",
            figures=figures,
            due_at_ms=to_ms(NOON),
            due_by_ms=to_ms(NOON),
            detected_at_ms=to_ms(NOON),
            next_at_ms=to_ms(NOON),
        )
    barrier = threading.Barrier(3)
    failed: list[BaseException] = []

    def sender() -> None:
        try:
            barrier.wait()
            while Notice.objects.filter(state="due").exists():
                try:
                    send_notices(now=NOON, limit=7)
                except OperationalError as busy:
                    if "locked" not in str(busy):
                        raise
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not failed
    assert set(Notice.objects.values_list("state", flat=True)) == {"posted"}
    assert OutboxMessage.objects.count() == PEOPLE
    assert NoticeMessage.objects.count() == PEOPLE
    assert set(OutboxMessage.objects.values_list("duty_key", flat=True)) == {
        f"{at:032x}" for at in range(PEOPLE)
    }
