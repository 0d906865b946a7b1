"""Write what Spark's workers return of a batch: all of it in one transaction, once."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction

from amends.causes.notices.actions.engine_memory import claim, committed, write_lines
from amends.causes.notices.actions.notice_rows import Rows, rows_of
from amends.causes.notices.actions.spark_run import OnSpark, PendingFile
from amends.causes.notices.actions.write_batch import sealed_facts
from amends.causes.notices.actions.write_notices import write_notices
from amends.causes.notices.engine_models import SeenRecords, UsageBatch, UsageFile
from amends.engines.metering.engine.layout import NOTICE
from amends.engines.metering.engine.portable import unpacked
from amends.engines.metering.engine.sizes import Sizes, joined
from amends.engines.metering.spark import parcels
from amends.engines.metering.usage.columns import UnableToReadUsage
from amends.engines.metering.usage.files import Unfinished
from amends.platform.database.rows import insert
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions.append_segment import append_sealed

_FAULTS = {"Unfinished": Unfinished, "UnableToReadUsage": UnableToReadUsage}


@dataclass(slots=True)
class SparkBatch:
    """What readers reported of each file of the batch, by its number there."""

    rows: Counter[int] = field(default_factory=Counter)
    days: set[int] = field(default_factory=set)
    counts: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sizes: dict[int, list[tuple[int, Sizes]]] = field(default_factory=lambda: defaultdict(list))
    rejected: dict[int, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[int, BadInput] = field(default_factory=dict)

    def sizes_of(self, number: int) -> Sizes:
        """The usual sizes of a file's records."""
        merged_sizes: Sizes = {}
        for _, sizes in sorted(self.sizes[number], key=lambda numbered_sizes: numbered_sizes[0]):
            merged_sizes = joined(merged_sizes, sizes)
        return merged_sizes

    def fault_of(self, number: int) -> BadInput | None:
        """Why a file was not read to its end."""
        return self.faults.get(number)

    def rejects_of(self, number: int) -> bytes:
        """Row numbers, then treatments, of the records that were not counted; compressed."""
        rows, why = [], []
        for _, body in sorted(self.rejected[number]):
            count = len(body) // 9
            rows.append(body[: count * 8])
            why.append(body[count * 8 :])
        return zlib.compress(b"".join(rows) + b"".join(why), 1)


def said_of(table: Any) -> SparkBatch:
    """What the readers of a batch reported of its files: rows, days, sizes, refusals, faults."""
    batch = SparkBatch()
    for row in table.to_pylist():
        number = int(parcels.files_of(np.asarray(row["place"])))
        if row["kind"] == "summary":
            document = json.loads(row["body"])
            batch.rows[number] += document["rows"]
            batch.days |= set(document["days"])
            batch.counts[number].update(document["counts"])
            sizes = {kind: (mean, n) for kind, (mean, n) in document["sizes"].items()}
            batch.sizes[number].append((row["place"], sizes))
        elif row["kind"] == "rejected":
            batch.rejected[number].append((row["place"], row["body"]))
        elif row["kind"] == "fault":
            fault = json.loads(row["body"])
            batch.faults[number] = _FAULTS.get(fault["error"], BadInput)(fault["reason"])
    return batch


@dataclass(slots=True)
class _BatchResult:
    notices: Any
    states: dict[int, bytes]
    fresh: list[tuple[int, int, bytes]]


def land(on: OnSpark, files: list[PendingFile], spark_batch: SparkBatch, table: Any) -> None:
    """Write a batch; afterwards the engine's memory is what the database holds."""
    brought = _taken(table, spark_batch)
    rows_by_file = _rows_by_file(on, brought.notices, len(files))
    sealed = [seal for rows in rows_by_file for seal in sealed_facts(rows, on.now)]
    moved = _moved(on, brought.states)
    with transaction.atomic():
        claim(on.engine)
        for rows in rows_by_file:
            write_notices(rows)
        for segment in sealed:
            append_sealed(segment)
        write_lines(on.engine, moved)
        _write_seen(brought.fresh)
        for number, file in enumerate(files):
            _write_file(on, file, spark_batch, number, rows_by_file[number])
    committed(on.engine)
    for shard, day, body in brought.fresh:
        on.seen.add(shard, day, body)
    for number, file in enumerate(files):
        rows = rows_by_file[number]
        on.report.treatments.update(spark_batch.counts[number])
        on.report.notices += len(rows)
        on.report.holds += len(rows.holds["key"])
        on.report.digest += rows.digest
        file.document["records"] = file.file.done_rows
        if file.file.reason:
            file.document |= {"state": "stopped", "reason": file.file.reason}


def _taken(table: Any, spark_batch: SparkBatch) -> _BatchResult:
    notices, states, fresh = [], {}, []
    for key, kind, row_key, body in zip(
        *(table.column(name).to_pylist() for name in ("key", "kind", "place", "body")), strict=True
    ):
        if kind == "notices":
            notices.append(np.frombuffer(body, NOTICE))
        elif kind == "state":
            states[key] = body
        elif kind == "fresh":
            fresh.append((-1 - key, row_key, body))
        else:
            spark_batch.counts[int(parcels.files_of(np.asarray(row_key)))].update(json.loads(body))
    all_notices = np.concatenate([np.empty(0, NOTICE), *notices])
    order = np.lexsort((all_notices["step"], all_notices["row"]))
    return _BatchResult(
        all_notices[order], states, sorted(fresh, key=lambda parcel: (parcel[1], parcel[0]))
    )


def _rows_by_file(on: OnSpark, notices: Any, files: int) -> list[Rows]:
    """The rows of each file; a key that exists already, or came with an earlier file, once."""
    # Names of periods come from the state the lines had before the batch: only cycles are read.
    bounds = np.searchsorted(parcels.files_of(notices["row"]), np.arange(files + 1))
    row_batches: list[Any] = []
    taken_keys = set[str]()
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        part = notices[first:last]
        rows = rows_of(on.engine, part, pack=on.pack, detected_ms=to_ms(on.now))
        rows = on.engine.visits.new(rows)
        if row_batches:
            rows = rows.only([key not in taken_keys for key in rows.keys])
        taken_keys.update(rows.keys)
        row_batches.append(rows)
    return row_batches


def _moved(on: OnSpark, states: dict[int, bytes]) -> Any:
    """Take the states into memory; [line] whether each was moved."""
    lines = on.engine.memory.lines
    moved = np.zeros(len(lines), np.bool_)
    for bucket, body in states.items():
        new, at = unpacked(body), bucket * on.lines_a_bucket
        here = slice(at, at + len(new))
        moved[here] = _differ(lines.state[here], new.state) | _differ(lines.terms[here], new.terms)
        lines.state[here], lines.terms[here] = new.state, new.terms
    return moved


def _differ(old: Any, new: Any) -> Any:
    """Which rows of two arrays are not the same, byte by byte."""
    return (old.view(np.uint64) != new.view(np.uint64)).reshape(len(old), -1).any(axis=1)


def _write_seen(fresh: list[tuple[int, int, bytes]]) -> None:
    by_day: dict[int, list[bytes]] = defaultdict(list)
    for _, day, body in fresh:
        by_day[day].append(body)
    entries = [b"".join(bodies) for bodies in by_day.values()]
    insert(SeenRecords, {"day": list(by_day), "entries": entries})


def _write_file(
    on: OnSpark, pending: PendingFile, spark_batch: SparkBatch, number: int, rows: Rows
) -> None:
    file, fault = pending.file, spark_batch.fault_of(number)
    if spark_batch.rows[number]:
        UsageBatch.objects.create(
            file=file,
            first_row=file.done_rows,
            rows=spark_batch.rows[number],
            counts=json.dumps(dict(spark_batch.counts[number])),
            notices=len(rows),
            holds=len(rows.holds["key"]),
            rejected=spark_batch.rejects_of(number),
            digest=f"{rows.digest % 2**256:064x}",
            committed_ms=to_ms(on.now),
        )
    file.done_rows += spark_batch.rows[number]
    file.state = UsageFile.State.STOPPED if fault else UsageFile.State.DONE
    file.why, file.reason = (fault.code, str(fault)[:300]) if fault else ("", "")
    file.save(update_fields=["done_rows", "state", "why", "reason"])
