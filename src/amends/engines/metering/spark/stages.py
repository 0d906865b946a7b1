"""What Spark's workers do: read a part of a file, leave out what was seen, count a bucket of lines.

    part of a file ── read ──▶ parcels by shard of record ids
                    ── dedupe, with the ids the shard has seen ──▶ parcels by bucket of lines
                    ── count, with the state of the bucket as one blob ──▶ notices, the state again

Every step is a function of its input alone, so a task that is tried again brings the same. Rows
between them are (key, kind, place, body); what a step does not know it passes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from amends.engines.metering.engine.advance import Memory, count, days_of, dedupe
from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    COUNTED,
    REJECTED,
    TREATMENTS,
    Array,
    Lines,
    UsageColumns,
)
from amends.engines.metering.engine.portable import packed, unpacked
from amends.engines.metering.engine.screen import look
from amends.engines.metering.engine.seen import ENTRY, SeenIds, empty, record_ids, restored
from amends.engines.metering.engine.sizes import sizes_of
from amends.engines.metering.spark import parcels
from amends.engines.metering.usage.columns import Roster, columns
from amends.engines.metering.usage.files import batches, limited
from amends.platform.kit.errors import BadInput

ROWS = "key int, kind string, place long, body binary"
PARTS = "file int, path string, first_row long, rows long, received_ms long"
_ROWS = pa.schema(
    [("key", pa.int32()), ("kind", pa.string()), ("place", pa.int64()), ("body", pa.binary())]
)
_ASIDE = -1
_ROWS_AT_ONCE = 500_000
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

Row = tuple[int, str, int, bytes]


@dataclass(frozen=True, slots=True)
class CountingTerms:
    """What all steps need to know.

    lines         how many are enrolled
    shards        among how many the record ids are shared out
    lines_a_bucket  lines a bucket
    """

    rules: Rules
    lines: int
    shards: int
    lines_a_bucket: int


def shard_of(ids: Array, shards: int) -> Array:
    """The shard of each record id.

    >>> shard_of(np.array([1, 2, 3], np.uint64), 4).tolist()
    [3, 2, 2]
    """
    return ((ids * _SPREAD) >> np.uint64(48)) % np.uint64(shards)


def reading(terms: Any, roster: Any) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """For `mapInArrow`: parts of files to parcels by shard, and what there is to tell of them.

    terms, roster  broadcast `Terms` and `Roster`
    """

    def read(parts_in: Iterable[Any]) -> Iterator[Any]:
        for batch_rows in parts_in:
            for part in batch_rows.to_pylist():
                for rows in read_part(part, terms.value, roster.value):
                    yield _batch(rows)

    return read


def read_part(part: dict[str, Any], terms: CountingTerms, roster: Roster) -> Iterator[list[Row]]:
    """Rows `records` by shard; `summary` and `rejected` a table; `fault` where it ends early."""
    file, row = part["file"], part["first_row"]
    tables = batches(Path(part["path"]), first_row=row, rows=_ROWS_AT_ONCE)
    try:
        for table in limited(tables, part["rows"]):
            batch, unread = columns(table, roster)
            yield _read_table(batch, unread, file, row, part["received_ms"], terms)
            row += len(batch)
    except BadInput as error:
        fault = json.dumps({"error": type(error).__name__, "reason": str(error)}).encode()
        yield [(_ASIDE, "fault", parcels.place_of(file, row), fault)]


def _read_table(
    batch: UsageColumns, unread: Array, file: int, row: int, received_ms: int, terms: CountingTerms
) -> list[Row]:
    treatment = look(batch, terms.rules, lines=terms.lines, received_ms=received_ms).treatment
    treatment = np.where(unread != COUNTED, unread, treatment)
    positions = np.arange(len(batch), dtype=np.int64) + parcels.place_of(file, row)
    wanted = np.flatnonzero(treatment == COUNTED)
    good = parcels.some(batch, wanted)
    document = {
        "rows": len(batch),
        "sizes": sizes_of(batch, unread),
        "days": days_of(good),
        "counts": _counts(treatment[treatment != COUNTED]),
    }
    rows: list[Row] = [
        (key, "records", position, body)
        for key, position, body in parcels.parcels(
            good, positions[wanted], shard_of(record_ids(good), terms.shards)
        )
    ]
    rows.append(
        (
            _ASIDE,
            "summary",
            int(positions[0]) if len(positions) else 0,
            json.dumps(document).encode(),
        )
    )
    rejected = np.flatnonzero(np.isin(treatment, REJECTED))
    if len(rejected):
        body = (rejected + row).astype("<i8").tobytes() + treatment[rejected].tobytes()
        rows.append((_ASIDE, "rejected", int(positions[0]), body))
    return rows


def deduping(terms: Any) -> Callable[[Any, Any], Any]:
    """For `applyInArrow` by shard: parcels by bucket, the ids seen for the first time, counts."""

    def by_shard(key: Any, table: Any) -> Any:
        return _batch_of(table, lambda rows: dedupe_shard(key[0].as_py(), rows, terms.value))

    return by_shard


def dedupe_shard(shard: int, rows: list[Row], terms: CountingTerms) -> list[Row]:
    """Rows in: `seen` (place = day) and `records`. Rows out: `records`, `fresh`, `counts`."""
    positions, batch = _records(rows)
    seen: dict[int, SeenIds] = {day: empty() for day in days_of(batch)}
    for _, kind, day, body in rows:
        if kind == "seen":
            entries = np.frombuffer(body, ENTRY)
            seen[day] = restored(entries["record"].copy(), entries["content"].copy())
    treatment = np.full(len(batch), COUNTED, np.uint8)
    fresh = dedupe(Memory(NO_LINES, seen), batch, treatment)
    new = treatment == COUNTED
    kept_rows = parcels.some(batch, new)
    out: list[Row] = [
        (key, "records", position, body)
        for key, position, body in parcels.parcels(
            kept_rows, positions[new], kept_rows.line // terms.lines_a_bucket
        )
    ]
    out += [
        (_ASIDE - shard, "fresh", day, entries.tobytes())
        for day, entries in fresh.items()
        if len(entries)
    ]
    return out + _counts_by_file(_ASIDE - shard, positions[~new], treatment[~new])


def counting(terms: Any) -> Callable[[Any, Any], Any]:
    """For `applyInArrow` by bucket: the notices, the state where it moved, and counts."""

    def by_bucket(key: Any, table: Any) -> Any:
        bucket = key[0].as_py()
        if bucket < 0:
            return table
        return _batch_of(table, lambda rows: count_bucket(bucket, rows, terms.value))

    return by_bucket


def count_bucket(bucket: int, rows: list[Row], terms: CountingTerms) -> list[Row]:
    """Rows in: one `state`, and `records`. Rows out: `state`, `notices`, `counts`.

    Lines are numbered within the bucket; a notice has the line's own number again,
    and in `row` the place of its record.
    """
    positions, batch = parcels.sorted_by(*_records(rows))
    if not len(batch):
        return []
    lines = unpacked(next(body for _, kind, _, body in rows if kind == "state"))
    first = bucket * terms.lines_a_bucket
    np.subtract(batch.line, first, out=batch.line)
    treatment = np.full(len(batch), COUNTED, np.uint8)
    notices = count(lines, batch, terms.rules, treatment)
    out: list[Row] = [(bucket, "state", 0, packed(lines))]
    if len(notices):
        notices["line"] += first
        notices["row"] = positions[notices["row"]]
        out.append((bucket, "notices", 0, notices.tobytes()))
    return out + _counts_by_file(bucket, positions, treatment)


NO_LINES = Lines(np.empty(0), np.empty(0))


def _records(rows: list[Row]) -> tuple[Array, UsageColumns]:
    ordered = sorted((row for row in rows if row[1] == "records"), key=lambda row: row[2])
    return parcels.joined([body for _, _, _, body in ordered])


def _counts(treatment: Array) -> dict[str, int]:
    return {TREATMENTS[code]: n for code, n in Counter(treatment.tolist()).items()}


def _counts_by_file(key: int, positions: Array, treatment: Array) -> list[Row]:
    pairs, counts = np.unique(
        parcels.files_of(positions) * len(TREATMENTS) + treatment, return_counts=True
    )
    return [
        (
            key,
            "counts",
            parcels.place_of(int(pair) // len(TREATMENTS), 0),
            json.dumps({TREATMENTS[int(pair) % len(TREATMENTS)]: int(count)}).encode(),
        )
        for pair, count in zip(pairs, counts, strict=True)
    ]


def table_of(rows: list[Row]) -> Any:
    """Rows as an Arrow table."""
    return pa.Table.from_batches([_batch(rows)], _ROWS)


def _batch_of(table: Any, step: Callable[[list[Row]], list[Row]]) -> Any:
    columns_ = [table.column(name).to_pylist() for name in _ROWS.names]
    return table_of(step(list(zip(*columns_, strict=True))))


def _batch(rows: list[Row]) -> Any:
    columns_: list[Any] = list(zip(*rows, strict=True)) if rows else [[] for _ in _ROWS.names]
    return pa.RecordBatch.from_arrays(
        [
            pa.array(column_values, kind)
            for column_values, kind in zip(columns_, _ROWS.types, strict=True)
        ],
        schema=_ROWS,
    )
