"""Which record ids were seen: one table a day of use, ten to eleven bytes an id.

A record that comes again has the time of its use again, so it is looked for among that day's ids
only; days that are not asked for can rest on disk. With each id are 16 bits of the record's
content: an id that comes again with other content is shown to a person.

A table is rows of 64 bytes, one cache line: six ids and their contents. An id
belongs to the row its hash names, and to the next where that is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from amends.engines.metering.engine.layout import (
    ALTERED,
    COUNTED,
    REPEATED,
    Array,
    UsageColumns,
    aligned,
)
from amends.engines.metering.engine.prefetch import AHEAD, prefetch

DAY_MS = 86_400_000
_SMALLEST = 1 << 7
_IDS = 6
_FULL = 0.8
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ZERO_STANDS_FOR = np.uint64(0xA0761D6478BD642F)
ENTRY = np.dtype([("record", "<u8"), ("content", "<u2")])


@dataclass(slots=True)
class SeenIds:
    """The ids of one day. `table` is [row, 8]: six ids, 0 for none, then contents."""

    table: Array
    entries: int = 0

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        return int(self.table.nbytes)

    @property
    def ids(self) -> Array:
        """[row, 6] the ids."""
        return self.table[:, :_IDS]

    @property
    def contents(self) -> Array:
        """[row, 6] 16 bits of content each."""
        content_view: Array = self.table.view(np.uint16)[:, 4 * _IDS : 5 * _IDS]
        return content_view

    def listed(self) -> Array:
        """Its ids and contents as rows of `ENTRY`, in no order."""
        is_held = self.ids != 0
        entries = np.empty(int(is_held.sum()), ENTRY)
        entries["record"], entries["content"] = self.ids[is_held], self.contents[is_held]
        return entries


def empty() -> SeenIds:
    """A day of which nothing was seen."""
    return SeenIds(_table(_SMALLEST))


def _table(rows: int) -> Array:
    return aligned(8 * rows, np.dtype(np.uint64)).reshape(rows, 8)


def restored(records: Array, contents: Array) -> SeenIds:
    """A day from what was stored of it; its ids are distinct."""
    seen = grown_for(empty(), len(records))
    _fill(seen.table, records, contents)
    seen.entries = len(records)
    return seen


def grown_for(seen: SeenIds, more: int) -> SeenIds:
    """The same ids in a table that takes `more` without getting slow."""
    size = len(seen.table)
    if seen.entries + more <= _FULL * _IDS * size:
        return seen
    while seen.entries + more > _FULL * _IDS * size:
        size *= 2
    larger = SeenIds(_table(size), seen.entries)
    if seen.entries:
        _move(larger.table, seen.table)
    return larger


def record_ids(batch: UsageColumns) -> Array:
    """The ids as the tables hold them: 0 marks an empty place and is replaced."""
    ids = batch.record.view(np.uint64)
    return ids if ids.all() else np.where(ids == 0, _ZERO_STANDS_FOR, ids)


def content_of(batch: UsageColumns) -> Array:
    """16 bits of what a record says."""
    mixed = batch.line.astype(np.uint64) * _GOLDEN
    for column in (batch.at_ms, batch.kind, batch.amount, batch.charge, batch.country):
        mixed ^= column.astype(np.int64, copy=False).view(np.uint64)
        mixed *= _GOLDEN
    return (mixed >> np.uint64(48)).astype(np.uint16)


@njit(cache=True, nogil=True, inline="always")
def content(line: int, at_ms: int, kind: int, amount: int, charge: int, country: int) -> Any:
    """`content_of` one record; compiled."""  # pragma: no cover - compiled
    mixed = np.uint64(line) * _GOLDEN
    mixed = (mixed ^ np.uint64(at_ms)) * _GOLDEN
    mixed = (mixed ^ np.uint64(kind)) * _GOLDEN
    mixed = (mixed ^ np.uint64(amount)) * _GOLDEN
    mixed = (mixed ^ np.uint64(charge)) * _GOLDEN
    mixed = (mixed ^ np.uint64(country)) * _GOLDEN
    return np.uint16(mixed >> np.uint64(48))


def mark(
    seen: SeenIds, ids: Array, contents: Array, treatment: Array, *, days: Array, day: int
) -> Array:
    """Mark what was seen before `REPEATED` or `ALTERED`, and remember the rest.

    Only records that are `COUNTED` so far and of the day are looked at; of two with one id the
    first counts. The rows of those seen for the first time.
    """
    new = np.empty(len(ids), np.int64)
    added = _mark(seen.table.reshape(-1), ids, contents, days, day, treatment, new)
    seen.entries += int(added)
    return new[:added]


@njit(cache=True, nogil=True, inline="always")
def _shift(rows: int) -> Any:  # pragma: no cover - compiled
    bits = 0
    while rows >> bits > 1:
        bits += 1
    return np.uint64(64 - bits)


@njit(cache=True, nogil=True, inline="always")
def _put(table_words: Any, halves: Any, record: Any, content: Any, shift: Any) -> Any:
    """Where the record stands already, -1 after it was put there."""  # pragma: no cover - compiled
    row = np.int64((record * _GOLDEN) >> shift)
    while True:
        for slot in range(_IDS):
            held_record = table_words[row * 8 + slot]
            if held_record == record:
                return row * 32 + 4 * _IDS + slot
            if held_record == 0:
                table_words[row * 8 + slot] = record
                halves[row * 32 + 4 * _IDS + slot] = content
                return -1
        row = (row + 1) % (len(table_words) // 8)


@njit(cache=True, nogil=True)
def _fill(table: Any, ids: Any, contents: Any) -> None:  # pragma: no cover - compiled
    table_words = table.reshape(-1)
    halves = table_words.view(np.uint16)
    shift = _shift(len(table))
    for row in range(len(ids)):
        if row + AHEAD < len(ids):
            prefetch(table_words, np.int64((ids[row + AHEAD] * _GOLDEN) >> shift) * 8)
        _put(table_words, halves, ids[row], contents[row], shift)


@njit(cache=True, nogil=True)
def _move(into: Any, table: Any) -> None:  # pragma: no cover - compiled
    table_words, old = into.reshape(-1), table.reshape(-1)
    halves, old_halves = table_words.view(np.uint16), old.view(np.uint16)
    shift = _shift(len(into))
    for row in range(len(table)):
        for slot in range(_IDS):
            record = old[row * 8 + slot]
            if record != 0:
                _put(table_words, halves, record, old_halves[row * 32 + 4 * _IDS + slot], shift)


@njit(cache=True, nogil=True)
def _mark(
    table_words: Any,
    ids: Any,
    contents: Any,
    days: Any,
    day: int,
    treatment: Any,
    new: Any,
) -> int:  # pragma: no cover - compiled
    halves = table_words.view(np.uint16)
    shift = _shift(len(table_words) // 8)
    added = 0
    for row in range(len(ids)):
        if row + AHEAD < len(ids) and days[row + AHEAD] == day:
            prefetch(table_words, np.int64((ids[row + AHEAD] * _GOLDEN) >> shift) * 8)
        if treatment[row] != COUNTED or days[row] != day:
            continue
        slot = _put(table_words, halves, ids[row], contents[row], shift)
        if slot < 0:
            new[added] = row
            added += 1
        elif halves[slot] == contents[row]:
            treatment[row] = REPEATED
        else:
            treatment[row] = ALTERED
    return added
