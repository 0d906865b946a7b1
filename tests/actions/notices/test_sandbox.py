"""What is held in the house is no missing notice: the record says that it has a gap."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.models import Notice
from amends.channels import senders as switches
from amends.channels.models import OutboxMessage
from amends.channels.senders import Switch
from amends.engines.duties.book import book
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.models import SingleFact
from amends.record.ledger.queries import coverage

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = "NoticeSent,NoticeDelivered,NoticeFailed"


@pytest.fixture
def whole() -> None:
    """The operator says that the record of notices is complete, all year."""
    payload: dict[str, str | int] = {
        "kinds": KINDS,
        "scope": "all",
        "from_ms": to_ms(NOON - 90 * DAY),
        "to_ms": to_ms(NOON + 90 * DAY),
        "complete": 1,
    }
    with transaction.atomic():
        append(
            [Fact("SourceCovered", "", "notices", NOON - 90 * DAY, "notices", payload)],
            now=NOON - 90 * DAY,
        )


def due(number: int, at: datetime) -> None:
    person = register(NewSubscriber(phone=f"1540000{number:04}"), now=NOON - DAY)
    duty = book("cn", NOON.date()).find("cn.allowance_near")
    assert duty is not None
    Notice.objects.create(
        key=f"key-{number}",
        subscriber=person,
        service=f"svc-{number}",
        pack="cn",
        duty=duty.id,
        version=duty.version,
        period="2026-11-01",
        step="80%",
        figures=json.dumps({"counter": "data", "used_mb": 8192, "limit_mb": 10240}),
        due_at_ms=to_ms(at),
        due_by_ms=to_ms(at),
        detected_at_ms=to_ms(at),
        next_at_ms=to_ms(at),
    )


def complete(start: datetime, end: datetime) -> bool:
    return all(one.complete for one in coverage(KINDS.split(","), start=start, end=end))


def statements() -> int:
    return SingleFact.objects.filter(kind="SourceCovered").count()


@pytest.mark.usefixtures("whole")
def test_held_messages_make_a_gap_from_when_they_were_due() -> None:
    due(1, NOON - HOUR)
    assert send_notices(now=NOON) == {"posted": 1}
    assert OutboxMessage.objects.get().state == OutboxMessage.State.HELD
    assert not complete(NOON - HOUR, NOON)
    assert not complete(NOON, NOON + HOUR)
    assert complete(NOON - DAY, NOON - HOUR), "what was before stays known"


@pytest.mark.usefixtures("whole")
def test_the_gap_is_stated_once_and_again_when_its_day_is_over() -> None:
    due(1, NOON)
    send_notices(now=NOON)
    due(2, NOON)
    send_notices(now=NOON + HOUR)
    assert statements() == 2
    due(3, NOON + 2 * DAY)
    send_notices(now=NOON + 2 * DAY)
    assert statements() == 3
    assert not complete(NOON + 2 * DAY, NOON + 2 * DAY + HOUR)


@pytest.mark.usefixtures("whole")
def test_a_channel_that_sends_makes_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    on = Switch(is_configured=lambda: True, open_sender=None)
    monkeypatch.setitem(switches.SWITCHES, "sms", on)
    due(1, NOON)
    assert send_notices(now=NOON) == {"posted": 1}
    assert complete(NOON - HOUR, NOON + HOUR)
    assert statements() == 1


def test_where_nothing_was_said_to_be_complete_nothing_is_said_now() -> None:
    due(1, NOON)
    send_notices(now=NOON)
    assert statements() == 0
