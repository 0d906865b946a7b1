"""A desk with work for every job: complaints, messages that came, notices due, what is old."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf
from typing import Any

import pytest

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.causes.notices.models import Notice
from amends.channels import senders as switches
from amends.channels.actions.receive import Incoming
from amends.channels.actions.receive import receive as take_in
from amends.channels.jobs.remove_orphaned_files import tidy
from amends.channels.jobs.resolve_unknown import look_up_unknown
from amends.channels.jobs.send_due import send_due
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.platform.kit.periods import to_ms
from amends.record.ledger.models import SingleFact
from amends.site.schedule import Schedule


class Provider:
    """Takes every message; counts how often each was handed over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.handed: Counter[str] = Counter()
        self._lock = threading.Lock()
        for channel in ("sms", "mail"):
            switch = switches.Switch(lambda: True, self._open)
            monkeypatch.setitem(switches.SWITCHES, channel, switch)

    @contextmanager
    def _open(self, _clock: Callable[[], datetime]) -> Iterator[Provider]:
        yield self

    def send(self, message: Any, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """As every provider does."""
        if not begin():
            return None
        with self._lock:
            self.handed[message.id] += 1
        return DeliveryOutcome("sent", provider_message_id=f"p-{message.id}")


def schedule_of(clock: Callable[[], datetime], only: str = "all") -> Schedule:
    """The jobs of a worker whose clock is this one, all of them due; it must be `timezone.now` too."""
    schedule = Schedule(only=only)
    for job in schedule.jobs:
        # These were given the machine's own clock when they were defined.
        if job.name == "send":
            job.run = lambda: send_due(holder=schedule.holder, clock=clock)
        elif job.name in ("unknown", "tidy"):
            job.run = lambda job=job: _OF_CHANNELS[job.name](clock=clock)  # type: ignore[misc]
    return schedule


_OF_CHANNELS: dict[str, Callable[..., object]] = {"unknown": look_up_unknown, "tidy": tidy}


def pass_all(schedule: Schedule, *, within_s: float = inf) -> None:
    """Every job once, or each that comes again within so many seconds."""
    for job in schedule.jobs:
        job.due_at = 0 if job.every_s <= within_s else inf
    schedule.pass_once()


def people(count: int, *, now: datetime) -> list[str]:
    """Subscribers with the telephones 13900100000 and on; their pseudonyms."""
    new = [NewSubscriber(phone=f"139001{n:05}") for n in range(count)]
    return register_many(new, now=now - timedelta(days=30))


def complain(key: str, phone: str, *, now: datetime) -> str:
    """Somebody the operator knows complains; the complaint."""
    said = Submission(
        channel="app",
        key=key,
        text="每月多扣我10块钱彩铃费，我没有订过",
        received_at=now,
        phone=phone,
        identity="operator_login",
    )
    return receive(said, now=now).complaint


def write_in(key: str, phone: str, *, now: datetime) -> None:
    """A text message with a complaint is stored and waits for its app."""
    take_in(
        Incoming(
            channel="sms",
            external_id=key,
            sender=phone,
            text="宽带老是断，没人来修",
            received_at=now,
        ),
        now=now,
    )


def owe(person: str, key: str, *, now: datetime) -> None:
    """A notice is due to somebody."""
    Notice.objects.create(
        key=f"{key:0>32}",
        subscriber=person,
        service=f"svc-{key}",
        pack="cn",
        duty="cn.allowance_near",
        version="2012-01-20",
        period="2026-11-01/data",
        step="80%",
        figures=json.dumps({"counter": "data", "used_mb": 8192, "limit_mb": 10240}),
        due_at_ms=to_ms(now),
        due_by_ms=to_ms(now + timedelta(hours=1)),
        detected_at_ms=to_ms(now),
        next_at_ms=to_ms(now),
    )


def facts_said_twice() -> list[tuple[str, str]]:
    """Facts of one kind, subject and payload that stand there more than once; looks are not asked."""
    rows = SingleFact.objects.exclude(kind="DataAccessed")
    found = Counter(
        (row.kind, row.subject, json.dumps(json.loads(bytes(row.canonical))["payload"]))
        for row in rows
    )
    return [(kind, subject) for (kind, subject, _), count in found.items() if count > 1]
