"""Put into words what a batch has made due, and write all of it in one transaction.

Writing runs in parallel with the counting of the next batch (`run.py`), on a connection of its own;
naming does not, so that both threads have about as much to do.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from amends.causes.notices.actions.engine_memory import UsageEngine, claim, committed
from amends.causes.notices.actions.line_moves import LineMovesWritten, write_moved
from amends.causes.notices.actions.notice_rows import Rows, rows_of
from amends.causes.notices.actions.usage_report import UsageReport
from amends.causes.notices.actions.write_notices import write_notices
from amends.causes.notices.engine_models import SeenRecords, UsageBatch, UsageFile
from amends.engines.metering.engine.advance import Advanced
from amends.engines.metering.engine.layout import (
    ALTERED,
    COUNTED,
    COUNTED_HELD,
    LATE,
    REPEATED,
    Array,
)
from amends.platform.database.rows import insert
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions.append import recording_time_ms
from amends.record.ledger.actions.append_segment import append_sealed, seal_segment, segments_of

SOURCE = "notices"
_TOOK_PART = (COUNTED, COUNTED_HELD, LATE, REPEATED, ALTERED)


@dataclass(frozen=True, slots=True)
class Named:
    """What a batch has made due, in words and as sealed facts of the moment `sealed_at`."""

    rows: Rows
    sealed: list[Any]
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class CountedBatch:
    """A batch that was counted: how many records, their result, the new state of the lines."""

    file: UsageFile
    records: int
    answer: Advanced
    moved: LineMovesWritten
    named: Named


def named_of(
    engine: UsageEngine, notices: Array, *, pack: str, now: datetime, sealed_at: datetime
) -> Named:
    """Put notices into words: the costly part, which asks the database nothing in most batches.

    It does where `needs_references` says so.
    """
    rows = rows_of(engine, notices, pack=pack, detected_ms=to_ms(now))
    return Named(rows, sealed_facts(rows, now, recorded_at_ms=to_ms(sealed_at)), sealed_at)


def write_batch(
    engine: UsageEngine, counted: CountedBatch, report: UsageReport, *, now: datetime
) -> None:
    """Write it, and add it to the report; nothing of it where another process was faster."""
    named = counted.named
    rows, sealed, sealed_ms = engine.visits.new(named.rows), named.sealed, to_ms(named.sealed_at)
    if rows is not named.rows:
        sealed = sealed_facts(rows, now, recorded_at_ms=sealed_ms)
    with transaction.atomic():
        claim(engine)
        if recording_time_ms(named.sealed_at) > sealed_ms:
            # The log has settled a later moment meanwhile: no fact may come before it.
            sealed = sealed_facts(rows, named.sealed_at)
        _write(counted, rows, sealed, revision=engine.revision + 1, now=now)
    committed(engine)
    report.treatments.update(counted.answer.counts)
    report.notices += len(rows)
    report.holds += len(rows.holds["key"])
    report.digest += rows.digest


def sealed_facts(rows: Rows, now: datetime, *, recorded_at_ms: int | None = None) -> list[Any]:
    """The facts, hashed before the transaction begins: that is the costly part.

    recorded_at_ms  as in `seal_segment`: given, the database is not asked
    """
    names = {
        "subscriber": "subscriber",
        "service": "subject",
        "due_at_ms": "happened_at_ms",
        "duty": "duty",
        "version": "duty_version",
        "key": "key",
        "due_by_ms": "due_at_ms",
        "step": "step",
    }
    due_table = rows.table.select(list(names)).rename_columns(list(names.values()))
    return [
        seal_segment(kind, part, source=SOURCE, now=now, recorded_at_ms=recorded_at_ms)
        for kind, of in (("NoticeDue", due_table), ("UsageCrossed", rows.crossed))
        if of.num_rows
        for part in segments_of(of)
    ]


def _write(
    counted: CountedBatch, rows: Rows, sealed: Iterable[Any], *, revision: int, now: datetime
) -> None:
    file, answer = counted.file, counted.answer
    write_notices(rows)
    for segment in sealed:
        append_sealed(segment)
    write_moved(counted.moved, revision=revision)
    insert(
        SeenRecords,
        {
            "day": list(answer.fresh),
            "entries": [entries.tobytes() for entries in answer.fresh.values()],
        },
    )
    rejected = np.flatnonzero(~np.isin(answer.treatment, _TOOK_PART))
    body = (rejected + file.done_rows).astype("<i8").tobytes() + answer.treatment[
        rejected
    ].tobytes()
    UsageBatch.objects.create(
        file=file,
        first_row=file.done_rows,
        rows=counted.records,
        counts=json.dumps({name: n for name, n in answer.counts.items() if n}),
        notices=len(rows),
        holds=len(rows.holds["key"]),
        rejected=zlib.compress(body, 1),
        digest=f"{rows.digest % 2**256:064x}",
        committed_ms=to_ms(now),
    )
    file.done_rows += counted.records
    UsageFile.objects.filter(pk=file.pk).update(done_rows=file.done_rows)
