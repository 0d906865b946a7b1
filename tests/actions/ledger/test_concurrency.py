"""Many writers and several sequencers at once: every entry one number, none twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import append_segment
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.models import SingleFact

pytestmark = pytest.mark.postgres_too

WRITERS, TRANSACTIONS, SEQUENCERS = 6, 30, 3


def write(number: int) -> None:
    try:
        for turn in range(TRANSACTIONS):
            now = datetime.now(UTC)
            facts = [
                Fact(
                    "ServiceStopped",
                    f"p-{number}",
                    f"svc-{turn}",
                    now,
                    "crm",
                    {"initiator": "user"},
                )
                for _ in range(3)
            ]
            columns = {
                "subscriber": ["p"],
                "subject": ["s"],
                "happened_at_ms": [turn],
                "down_kbps": [turn],
                "method": ["ndt7"],
            }
            with transaction.atomic():
                append(facts, now=now)
                append_segment("SpeedMeasured", columns, source="quality", now=now)
    finally:
        connection.close()


def number_all(holder: int) -> int:
    try:
        runs = [sequence(now=datetime.now(UTC), holder=f"s{holder}") for _ in range(25)]
        return sum(run.entries for run in runs if run)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_writers_and_sequencers_at_once():
    with ThreadPoolExecutor(WRITERS + SEQUENCERS) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        numbering = [pool.submit(number_all, holder) for holder in range(SEQUENCERS)]
        for one in writing:
            one.result(timeout=300)
        numbered = sum(one.result(timeout=300) for one in numbering)
    last = sequence(now=datetime.now(UTC), holder="last")
    assert last is not None
    assert numbered + last.entries == last.size == WRITERS * TRANSACTIONS * 4
    assert SingleFact.objects.count() == WRITERS * TRANSACTIONS * 3
    answer = verify(deep=True)
    assert answer.ok, answer.findings
