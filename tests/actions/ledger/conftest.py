"""A small ledger to test with: single facts and segments, numbered step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger import triggers
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import append_segment
from amends.record.ledger.actions.sequence import sequence

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_key(tmp_path, settings) -> None:
    """Each test signs with a key of its own."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def record() -> Callable[..., list[str]]:
    """Append `count` single facts, or as one segment; the ids, in the order of appending."""

    def appended(
        count: int, *, rows: bool = False, now: datetime = NOW, name: str = "p"
    ) -> list[str]:
        numbers = range(count)
        happened = [to_ms(now) - 1000 * number for number in numbers]
        if not rows:
            facts = [
                Fact(
                    "ServiceStopped",
                    f"{name}-{number % 7}",
                    f"svc-{number}",
                    now - timedelta(seconds=number),
                    "crm",
                    {"initiator": "系统" if number % 2 else "user"},
                )
                for number in numbers
            ]
            with transaction.atomic():
                append(facts, now=now)
            return [fact.id for fact in facts]
        columns = {
            "subscriber": [f"{name}-{number % 7}" for number in numbers],
            "subject": [f"svc-{number}" for number in numbers],
            "happened_at_ms": happened,
            "down_kbps": list(numbers),
            "method": ["ndt7"] * count,
        }
        with transaction.atomic():
            segment = append_segment("SpeedMeasured", columns, source="quality", now=now)
        return [f"{segment}{number:05x}" for number in numbers]

    return appended


@pytest.fixture
def numbered() -> Callable[..., int]:
    """Run the sequencer; the size of the log."""

    def run(now: datetime = NOW) -> int:
        done = sequence(now=now, holder="test")
        assert done is not None
        return done.size

    return run


@contextmanager
def without_triggers() -> Iterator[None]:
    """The database without its triggers for as long as its owner changes rows."""
    triggers.lift(connection)
    yield
    triggers.install(connection)


@pytest.fixture
def unguarded() -> None:
    """The database without its triggers, as its owner could make it."""
    triggers.lift(connection)
    yield
    triggers.install(connection)
