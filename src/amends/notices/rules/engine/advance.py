"""`advance(state, batch, rules) → (state, notices, holds)`: pure, on columns, by three kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from amends.notices.rules.engine import arrays, compiled, oracle
from amends.notices.rules.engine.compile import NOTICE, Rules
from amends.notices.rules.engine.layout import COUNTED, TREATMENTS, Array, Batch, Lines
from amends.notices.rules.engine.screen import screen
from amends.notices.rules.engine.seen import (
    DAY_MS,
    ENTRY,
    Seen,
    content_of,
    empty,
    mark,
    mark_by_arrays,
    mark_by_words,
    record_ids,
    room_for,
)

_FEW_DAYS = 10_000
KERNELS = ("numba", "numpy", "oracle")
_COUNT = {"numba": compiled.count, "numpy": arrays.count, "oracle": oracle.count}


@dataclass(frozen=True, slots=True)
class Memory:
    """What the engine knows: the lines, and the ids seen on each day of use (UTC)."""

    lines: Lines
    seen: dict[int, Seen]


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a batch brought.

    memory     the same memory, moved on
    notices    rows of `layout.NOTICE`, in the order of the records that crossed
    holds      those of them whose action is not a notice alone
    treatment  what became of each record
    fresh      day → the ids (and 16 bits of content) seen for the first time
    """

    memory: Memory
    notices: Array
    holds: Array
    treatment: Array
    fresh: dict[int, Array]

    @property
    def counts(self) -> dict[str, int]:
        """How many records met with each treatment; they add up to the batch."""
        found = np.bincount(self.treatment, minlength=len(TREATMENTS)).tolist()
        return dict(zip(TREATMENTS, found, strict=True))


def days_of(batch: Batch) -> list[int]:
    """The days of use of a batch: their ids must be in memory before it is advanced."""
    if not len(batch):
        return []
    first, last = int(batch.at_ms.min()) // DAY_MS, int(batch.at_ms.max()) // DAY_MS
    if first == last:
        return [first]
    days = batch.at_ms // DAY_MS
    if last - first > _FEW_DAYS:
        return [int(day) for day in np.unique(days)]
    return [int(day) + first for day in np.flatnonzero(np.bincount(days - first))]


def advance(
    memory: Memory,
    batch: Batch,
    rules: Rules,
    *,
    received_ms: int,
    kernel: str = "numba",
    rejected: Array | None = None,
) -> Advanced:
    """Move the counters by a batch; the notices it makes due.

    How records are split into batches changes nothing. `memory` is moved on in place: the caller
    gives it up for the one that comes back. Days whose ids rest elsewhere must be brought into
    `memory.seen` before (`days_of`); a day that is not there is taken for one nothing is known of.

    rejected  the treatment of records the reader could not read, else `COUNTED`
    """
    treatment = screen(batch, rules, lines=len(memory.lines), received_ms=received_ms)
    if rejected is not None:
        unread = rejected != COUNTED
        treatment[unread] = rejected[unread]
    fresh = dedupe(memory, batch, treatment, kernel)
    notices = count_by(kernel)(memory.lines, batch, rules, treatment)
    holds = notices[rules.actions[notices["step"]] != NOTICE] if len(notices) else notices
    return Advanced(memory, notices, holds, treatment, fresh)


def count_by(kernel: str) -> Callable[[Lines, Batch, Rules, Array], Array]:
    """The step of `advance` that moves the counters, by one of `KERNELS`."""
    return _COUNT[kernel]


def dedupe(memory: Memory, batch: Batch, treatment: Array, kernel: str) -> dict[int, Array]:
    """The step of `advance` that leaves out ids seen before; day → the ids seen first here."""
    ids, contents = record_ids(batch), content_of(batch)
    days = days_of(batch)
    of_day = batch.at_ms // DAY_MS if len(days) > 1 else None
    fresh: dict[int, Array] = {}
    for day in days:
        # Records of other days are hidden from this day's table.
        rows = slice(None) if of_day is None else np.flatnonzero(of_day == day)
        part = treatment[rows]
        wanted = int((part == COUNTED).sum())
        if not wanted:
            continue
        seen = memory.seen[day] = room_for(memory.seen.get(day) or empty(), wanted)
        _mark_by(kernel, seen, ids[rows], contents[rows], part)
        treatment[rows] = part
        new = part == COUNTED
        kept = np.empty(int(new.sum()), ENTRY)
        kept["record"] = ids[rows][new]
        kept["content"] = contents[rows][new]
        fresh[day] = kept
    return fresh


def _mark_by(kernel: str, seen: Seen, ids: Array, contents: Array, treatment: Array) -> None:
    if kernel == "numba":
        mark(seen, ids, contents, treatment)
    elif kernel == "numpy":
        mark_by_arrays(seen, ids, contents, treatment)
    else:
        held = {int(i): int(c) for i, c in zip(seen.ids, seen.contents, strict=True) if i}
        before = set(held)
        mark_by_words(held, ids, contents, treatment)
        new = [record for record in held if record not in before]
        known = seen_after(seen, new, [held[record] for record in new])
        seen.ids[:], seen.contents[:], seen.entries = known.ids, known.contents, known.entries


def seen_after(seen: Seen, records: list[int], contents: list[int]) -> Seen:
    """A table with some more ids, in the order given."""
    copy = Seen(seen.ids.copy(), seen.contents.copy(), seen.entries)
    ids = np.array(records, np.uint64)
    mark(copy, ids, np.array(contents, np.uint16), np.full(len(ids), COUNTED, np.uint8))
    return copy
