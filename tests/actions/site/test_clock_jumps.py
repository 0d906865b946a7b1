"""A clock that jumps, back an hour or forward a day: nothing is sent twice, skipped, or stuck."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from amends.cases.complaints.models import Complaint, Event
from amends.causes.notices.models import Notice, NoticeMessage
from amends.channels.actions.claim import claim
from amends.channels.models import InboundMessage, OutboxMessage
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.models import SingleFact
from working_desk import (
    Provider,
    complain,
    facts_said_twice,
    owe,
    pass_all,
    people,
    schedule_of,
    write_in,
)

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock:
    """What `timezone.now` says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(timezone, "now", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def _work(clock: Clock, only: str = "all", passes: int = 3) -> None:
    """Every job; then, within the same minute, only those that come again within one."""
    schedule = schedule_of(lambda: clock.now, only)
    pass_all(schedule)
    for _ in range(passes - 1):
        pass_all(schedule, within_s=60)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "jumps",
    [
        pytest.param((timedelta(0), -HOUR), id="back an hour", marks=pytest.mark.sqlite_only),
        pytest.param((timedelta(0), DAY), id="forward a day", marks=pytest.mark.sqlite_only),
        pytest.param((DAY, timedelta(0)), id="back a day", marks=pytest.mark.sqlite_only),
        pytest.param((HOUR, -HOUR, DAY, -HOUR), id="to and fro"),
    ],
)
def test_work_goes_on_over_a_jump(
    jumps: tuple[timedelta, ...],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.MEDIA_ROOT, settings.USAGE_DIR = tmp_path / "files", tmp_path / "usage"
    provider = Provider(monkeypatch)
    known = people(len(jumps), now=NOON - DAY)
    with caplog.at_level(logging.ERROR, "amends"):
        for n, jump in enumerate(jumps):
            clock.now = NOON + jump
            complain(f"c-{n}", f"139001{n:05}", now=clock.now)
            write_in(f"m-{n}", f"139003{n:05}", now=clock.now)
            owe(known[n], str(n), now=clock.now)
            # A sender is killed with what it had just taken.
            _work(clock, "rest", passes=2)
            claim("sms", holder=f"killed-{n}", now=clock.now, limit=1)
            _work(clock)
        # Whatever a jump made wait comes when its hour comes, without a hand.
        for later in (HOUR, DAY, DAY + 2 * HOUR):
            clock.now = NOON + later
            _work(clock)
    assert [record.getMessage() for record in caplog.records] == []
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"dispatched"}
    assert Notice.objects.count() == NoticeMessage.objects.count() == len(jumps)
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}
    assert provider.handed == Counter(OutboxMessage.objects.values_list("id", flat=True))
    assert facts_said_twice() == []
    assert not SingleFact.objects.filter(seq=None).exists()
    said = Counter(Event.objects.values_list("complaint", "verb", "to_state"))
    assert [one for one, count in said.items() if count > 1] == []
    assert Complaint.objects.count() == 2 * len(jumps)
    report = verify(deep=True)
    assert report.ok, report.findings
