"""Which record ids were seen: one table a day of use, open addressing, 10 bytes an entry.

A record that comes again has the time of its use again, so it is looked for among that day's ids
only; days that are not asked for can rest on disk. Beside each id stand 16 bits of the record's
content: an id that comes again with other content is told to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from amends.notices.rules.engine.layout import ALTERED, COUNTED, REPEATED, Array, Batch

DAY_MS = 86_400_000
_SMALLEST = 1 << 10
_FULL = 0.6
_TOUCHED = 64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ZERO_STANDS_FOR = np.uint64(0xA0761D6478BD642F)
ENTRY = np.dtype([("record", "<u8"), ("content", "<u2")])


@dataclass(slots=True)
class Seen:
    """The ids of one day. `ids` has 0 where nothing stands; `contents` beside it."""

    ids: Array
    contents: Array
    entries: int = 0

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        return int(self.ids.nbytes + self.contents.nbytes)


def empty() -> Seen:
    """A day of which nothing was seen."""
    return Seen(np.zeros(_SMALLEST, np.uint64), np.zeros(_SMALLEST, np.uint16))


def restored(records: Array, contents: Array) -> Seen:
    """A day from what was kept of it; its ids are distinct."""
    seen = room_for(empty(), len(records))
    _fill(seen.ids, seen.contents, records, contents, _shift(seen.ids))
    seen.entries = len(records)
    return seen


def room_for(seen: Seen, more: int) -> Seen:
    """The same ids in a table that takes `more` without getting slow."""
    size = len(seen.ids)
    if seen.entries + more <= _FULL * size:
        return seen
    while seen.entries + more > _FULL * size:
        size *= 2
    larger = Seen(np.zeros(size, np.uint64), np.zeros(size, np.uint16), seen.entries)
    held = seen.ids != 0
    _fill(larger.ids, larger.contents, seen.ids[held], seen.contents[held], _shift(larger.ids))
    return larger


def record_ids(batch: Batch) -> Array:
    """The ids as the tables hold them: 0 marks an empty place and is replaced."""
    ids = batch.record.view(np.uint64)
    return np.where(ids == 0, _ZERO_STANDS_FOR, ids) if (ids == 0).any() else ids


def content_of(batch: Batch) -> Array:
    """16 bits of what a record says."""
    mixed = batch.line.astype(np.uint64) * _GOLDEN
    for column in (batch.at_ms, batch.kind, batch.amount, batch.charge, batch.country):
        mixed = (mixed ^ column.astype(np.int64).view(np.uint64)) * _GOLDEN
    return (mixed >> np.uint64(48)).astype(np.uint16)


def mark(seen: Seen, ids: Array, contents: Array, treatment: Array) -> None:
    """Mark what was seen before `REPEATED` or `ALTERED`, and remember the rest; numba.

    Only records that are `COUNTED` so far are looked at; of two with one id the first counts.
    """
    seen.entries += int(_mark(seen.ids, seen.contents, ids, contents, treatment, _shift(seen.ids)))


def mark_by_arrays(seen: Seen, ids: Array, contents: Array, treatment: Array) -> None:
    """`mark` in NumPy: all records probe at once, and those that met another go on."""
    rows = np.flatnonzero(treatment == COUNTED)
    size = np.uint64(len(seen.ids) - 1)
    slots = (ids[rows] * _GOLDEN) >> np.uint64(_shift(seen.ids))
    while len(rows):
        there = seen.ids[slots]
        free = there == 0
        # Written backwards, so that of two records for one place the first stands.
        seen.ids[slots[free][::-1]] = ids[rows[free]][::-1]
        owner = seen.ids[slots]
        same = owner == ids[rows]
        won = np.zeros(len(rows), np.bool_)
        taken = np.flatnonzero(free & same)
        if len(taken):
            _, first = np.unique(slots[taken], return_index=True)
            won[taken[first]] = True
            seen.contents[slots[won]] = contents[rows[won]]
            seen.entries += int(won.sum())
        again = same & ~won
        alike = seen.contents[slots[again]] == contents[rows[again]]
        treatment[rows[again]] = np.where(alike, REPEATED, ALTERED)
        rows, slots = rows[~same], (slots[~same] + np.uint64(1)) & size


def mark_by_words(held: dict[int, int], ids: Array, contents: Array, treatment: Array) -> None:
    """`mark` in plain Python, with a dictionary for the table: what the others must equal."""
    for row in range(len(ids)):
        if treatment[row] == COUNTED:
            record, content = int(ids[row]), int(contents[row])
            known = held.setdefault(record, content) if record in held else None
            if known is None:
                held[record] = content
            else:
                treatment[row] = REPEATED if known == content else ALTERED


def _shift(table: Array) -> int:
    return 65 - len(table).bit_length()


@njit(cache=True, nogil=True)
def _fill(table: Any, beside: Any, ids: Any, contents: Any, shift: int) -> None:  # pragma: no cover
    size = np.uint64(len(table) - 1)
    for row in range(len(ids)):
        slot = (ids[row] * _GOLDEN) >> np.uint64(shift)
        while table[slot] != 0:
            slot = (slot + np.uint64(1)) & size
        table[slot] = ids[row]
        beside[slot] = contents[row]


@njit(cache=True, nogil=True)
def _mark(
    table: Any, beside: Any, ids: Any, contents: Any, treatment: Any, shift: int
) -> int:  # pragma: no cover - compiled
    size = np.uint64(len(table) - 1)
    added = 0
    near = np.zeros(_TOUCHED, np.uint64)
    for row in range(len(ids)):
        if row % _TOUCHED == 0:
            # Ask memory for the places of the next ids all at once.
            for other in range(row, min(row + _TOUCHED, len(ids))):
                near[other - row] = table[(ids[other] * _GOLDEN) >> np.uint64(shift)]
        if treatment[row] != COUNTED:
            continue
        record = ids[row]
        slot = (record * _GOLDEN) >> np.uint64(shift)
        while table[slot] != 0 and table[slot] != record:
            slot = (slot + np.uint64(1)) & size
        if table[slot] == 0:
            table[slot] = record
            beside[slot] = contents[row]
            added += 1
        elif beside[slot] == contents[row]:
            treatment[row] = REPEATED
        else:
            treatment[row] = ALTERED
    return added
