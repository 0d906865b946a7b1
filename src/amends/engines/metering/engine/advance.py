"""`advance(state, batch, rules) → (state, notices, holds)`: pure, on columns, compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.engines.metering.engine import compiled
from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import COUNTED, TREATMENTS, Array, Lines, UsageColumns
from amends.engines.metering.engine.marks import NOTICE
from amends.engines.metering.engine.screen import Screened, look
from amends.engines.metering.engine.seen import (
    DAY_MS,
    ENTRY,
    SeenIds,
    content_of,
    empty,
    grown_for,
    mark,
    record_ids,
)

_FEW_DAYS = 10_000


@dataclass(frozen=True, slots=True)
class Memory:
    """What the engine knows: the lines, and the ids seen on each day of use (UTC)."""

    lines: Lines
    seen: dict[int, SeenIds]


@dataclass(frozen=True, slots=True)
class Advanced:
    """The result of a batch.

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
        treatment_counts = np.bincount(self.treatment, minlength=len(TREATMENTS)).tolist()
        return dict(zip(TREATMENTS, treatment_counts, strict=True))


def days_of(batch: UsageColumns) -> list[int]:
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
    batch: UsageColumns,
    rules: Rules,
    *,
    received_ms: int,
    rejected: Array | None = None,
    screened: Screened | None = None,
) -> Advanced:
    """Move the counters by a batch; the notices it makes due.

    How records are split into batches changes nothing. `memory` is moved on in place: the caller
    gives it up for the one that comes back. Days whose ids are stored elsewhere must be brought
    into
    `memory.seen` before (`days_of`); a day that is not there is taken for one nothing is known of.

    rejected  the treatment of records the reader could not read, else `COUNTED`
    screened  the answer of `look` for this batch, where it was asked before; it is given up too
    """
    if screened is None:
        screened = look(batch, rules, lines=len(memory.lines), received_ms=received_ms)
    treatment = screened.treatment
    if rejected is not None:
        np.copyto(treatment, rejected, where=rejected != COUNTED)
    fresh = _dedupe(memory, batch, screened)
    notices = count(memory.lines, batch, rules, treatment)
    holds = notices[rules.actions[notices["step"]] != NOTICE] if len(notices) else notices
    return Advanced(memory=memory, notices=notices, holds=holds, treatment=treatment, fresh=fresh)


def count(lines: Lines, batch: UsageColumns, rules: Rules, treatment: Array) -> Array:
    """The step of `advance` that moves the counters."""
    return where_they_hold(compiled.count(lines, batch, rules, treatment), rules)


def where_they_hold(notices: Array, rules: Rules) -> Array:
    """Without the visits to countries where the duty does not hold.

    A visit is one whichever duties hold there, so the lines have moved on all the same.
    """
    placed = [(step, mark.countries) for step, mark in enumerate(rules.marks) if mark.countries]
    if not placed or not len(notices):
        return notices
    is_kept = np.ones(len(notices), np.bool_)
    for step, countries in placed:
        rows = np.flatnonzero(notices["step"] == step)
        is_kept[rows] = np.isin(notices["country"][rows], countries)
    return notices[is_kept]


def dedupe(memory: Memory, batch: UsageColumns, treatment: Array) -> dict[int, Array]:
    """The step of `advance` that leaves out ids seen before; day → the ids seen first here."""
    looked = Screened(treatment, content_of(batch), batch.at_ms // DAY_MS)
    return _dedupe(memory, batch, looked)


def _dedupe(memory: Memory, batch: UsageColumns, screened: Screened) -> dict[int, Array]:
    """Mark what was seen before; the ids that are new, by day."""
    ids, treatment, days = record_ids(batch), screened.treatment, screened.days
    fresh: dict[int, Array] = {}
    first, wanted = screened.by_day()
    for offset in np.flatnonzero(wanted).tolist():
        day = first + offset
        seen = grown_for(memory.seen.get(day) or empty(), int(wanted[offset]))
        memory.seen[day] = seen
        rows = mark(seen, ids, screened.contents, treatment, days=days, day=day)
        kept_entries = np.empty(len(rows), ENTRY)
        kept_entries["record"] = ids[rows]
        kept_entries["content"] = screened.contents[rows]
        fresh[day] = kept_entries
    return fresh
