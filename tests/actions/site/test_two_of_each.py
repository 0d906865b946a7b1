"""Two of each process at once: every job does its work once, on both databases."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from amends.cases.complaints.models import Complaint, Event
from amends.causes.notices.models import Notice, NoticeMessage
from amends.channels.models import InboundMessage, OutboxMessage
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.queries import facts_on
from amends.work.remedies.models import Remedy
from tests.actions.complaints.conftest import NOW as THEN
from tests.actions.complaints.conftest import PHONE, World, world  # noqa: F401 (a fixture)
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

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
PEOPLE = 6


def _old_complaint(now: datetime) -> str:
    """One that ended longer ago than its term."""
    ref = complain("old", "13900200000", now=now - timedelta(days=1500))
    Complaint.objects.filter(id=ref).update(
        is_open=False, state="closed", state_since=now - timedelta(days=1200)
    )
    return ref


def _side_by_side(count: int, rounds: int) -> list[str]:
    """So many workers go through all jobs so many times; what failed but for the other's sake."""
    barrier = threading.Barrier(count)
    failed: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = str(record.exc_info[1]) if record.exc_info else record.getMessage()
            # Refused by the database for the other's sake: the schedule tries it again.
            if "locked" not in said and "deadlock" not in said:
                failed.append(f"{record.getMessage()} {said}")

    heard = Heard(level=logging.ERROR)
    logging.getLogger("amends").addHandler(heard)

    def work() -> None:
        try:
            schedule = schedule_of(lambda: NOW)
            for _ in range(rounds):
                barrier.wait(timeout=600)
                pass_all(schedule)
        except BaseException as error:
            failed.append(repr(error))
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=1200)
    logging.getLogger("amends").removeHandler(heard)
    return failed


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_the_work_of_every_job_once(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT, settings.USAGE_DIR = tmp_path / "files", tmp_path / "usage"
    settings.RETENTION_DAILY = True
    known: World = request.getfixturevalue("world")
    provider = Provider(monkeypatch)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    old = _old_complaint(NOW)
    served = complain("refund", PHONE, now=THEN)
    for n, person in enumerate(people(PEOPLE, now=NOW)):
        complain(f"c-{n}", f"139001{n:05}", now=NOW)
        write_in(f"m-{n}", f"139003{n:05}", now=NOW)
        owe(person, str(n), now=NOW)

    assert _side_by_side(2, rounds=4) == []
    for _ in range(2):
        pass_all(schedule_of(lambda: NOW))

    assert Complaint.objects.count() == 2 + 2 * PEOPLE
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"dispatched"}
    assert Notice.objects.count() == NoticeMessage.objects.count() == PEOPLE
    assert Complaint.objects.get(id=served).amount_minor == 3000
    refunds = Remedy.objects.filter(kind="refund").values_list("balance_id", flat=True)
    assert sorted(refunds) == sorted(known.charges)
    assert facts_said_twice() == []
    said = Counter(
        Event.objects.exclude(complaint=old).values_list("complaint", "verb", "to_state")
    )
    assert [one for one, count in said.items() if count > 1] == []
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}
    assert provider.handed == Counter(OutboxMessage.objects.values_list("id", flat=True))
    payloads = [one.payload for one in facts_on("retention", kinds=["RetentionApplied"])]
    assert sum(int(one["count"]) for one in payloads if one["of"] == "complaint") == 1
    report = verify(deep=True)
    assert report.ok, report.findings
