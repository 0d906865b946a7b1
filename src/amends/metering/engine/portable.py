"""The engine's memory of some lines as bytes, so that it can move on anywhere: no Django, no file.

A cluster holds one such value a bucket of lines and calls `advance_bytes` with the records of the
bucket, whose lines are numbered within it. It is the same `advance` as on one machine, so the
notices are the same too.
"""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa

from amends.kit.errors import BadInput, gettext_noop
from amends.metering.engine.advance import Advanced, Memory, advance
from amends.metering.engine.compile import Rules
from amends.metering.engine.layout import STATE, TERMS, Array, Lines, UsageColumns, aligned
from amends.metering.engine.seen import DAY_MS, ENTRY, SeenIds, restored

_MAGIC = b"AMN1"
_HEAD = struct.Struct(">4sII")
_DAY = struct.Struct(">IQ")
_TERMS_BEFORE = np.dtype([("plan", "<u4"), ("cycle", "<u2"), ("spare", "<u2")])
"""Before balances were carried from one period into the next."""
_NOW = 1 << 31
"""Beside the count of lines, where the terms are those of today."""


class UnableToRestore(BadInput):
    """The bytes are not the memory of an engine."""

    code = "memory_unreadable"


def advance_bytes(
    body: bytes,
    batch: UsageColumns,
    rules: Rules,
    *,
    received_ms: int,
    kernel: str = "numba",
    rejected: Array | None = None,
) -> tuple[bytes, Advanced]:
    """`advance` on memory that rests as bytes; ids too old to matter are let go of.

    body      from `as_bytes`, or an earlier answer
    batch     records of the bucket in the order they arrived; `line` counts within the bucket
    rejected  see `advance`

    Whoever keeps the bytes keeps them with the notices, or neither: then each is told once.

    >>> from datetime import date
    >>> from amends.metering.engine.calendar import Cycle
    >>> from amends.metering.engine.compile import compile_rules
    >>> from amends.metering.engine.marks import MeteringPlan
    >>> from amends.metering.engine.layout import new_lines
    >>> from amends.metering.engine.limits import limits_in_force
    >>> rules = compile_rules([], plans=[MeteringPlan("p")], cycles=[Cycle("UTC")],
    ...                       limits=limits_in_force(date(2026, 12, 1)))
    >>> body = as_bytes(Memory(new_lines(np.zeros(2), np.zeros(2)), {}))
    >>> at = 1_780_000_000_000
    >>> one = [np.array([n]) for n in (7, 1, at, 0, 5_000, 0, 0)]
    >>> body, answer = advance_bytes(body, UsageColumns(*one), rules, received_ms=at)
    >>> body, answer = advance_bytes(body, UsageColumns(*one), rules, received_ms=at)
    >>> int(from_bytes(body).lines.state["used"][1, 0]), answer.counts["repeated"]
    (5000, 1)
    """
    answer = advance(
        from_bytes(body), batch, rules, received_ms=received_ms, kernel=kernel, rejected=rejected
    )
    oldest = received_ms // DAY_MS - rules.limits.keep_days - 1
    kept = {day: seen for day, seen in answer.memory.seen.items() if day >= oldest}
    return as_bytes(Memory(answer.memory.lines, kept)), answer


def as_bytes(memory: Memory) -> bytes:
    """State, terms and seen ids; what `from_bytes` reads again.

    Ten bytes a record id, at most 80 a line and mostly far fewer.
    """
    lines = packed(memory.lines)
    parts = [_HEAD.pack(_MAGIC, len(lines), len(memory.seen)), lines]
    for day, seen in sorted(memory.seen.items()):
        entries = seen.listed().tobytes()
        parts += [_DAY.pack(day, len(entries)), entries]
    return b"".join(parts)


def from_bytes(body: bytes) -> Memory:
    """The memory again. Raises `UnableToRestore` for anything else."""
    try:
        magic, length, days = _HEAD.unpack_from(body)
        at = _HEAD.size + length
        if magic != _MAGIC or len(body) < at:
            raise UnableToRestore(gettext_noop("These bytes are not the memory of an engine."))
        seen: dict[int, SeenIds] = {}
        for _ in range(days):
            day, size = _DAY.unpack_from(body, at)
            at += _DAY.size
            entries = np.frombuffer(body, ENTRY, size // ENTRY.itemsize, at)
            seen[day] = restored(entries["record"].copy(), entries["content"].copy())
            at += size
    except (struct.error, ValueError) as error:
        raise UnableToRestore(gettext_noop("The memory of an engine is cut off.")) from error
    return Memory(unpacked(body[_HEAD.size : _HEAD.size + length]), seen)


def packed(lines: Lines) -> bytes:
    """State and terms of a bucket as compressed bytes, like beside like."""
    count = len(lines)
    state = lines.state.view(np.uint64).reshape(count, 8).T.tobytes()
    body = state + lines.terms.tobytes()
    return (count | _NOW).to_bytes(4, "big") + bytes(pa.compress(body, codec="lz4", asbytes=True))


def unpacked(body: bytes) -> Lines:
    """The lines of a bucket again."""
    count = int.from_bytes(body[:4], "big")
    kind = TERMS if count & _NOW else _TERMS_BEFORE
    count &= ~_NOW
    size = count * (STATE.itemsize + kind.itemsize)
    raw = pa.decompress(body[4:], decompressed_size=size, codec="lz4", asbytes=True)
    words = np.frombuffer(raw, np.uint64, count * 8).reshape(8, count)
    state = aligned(count, STATE)
    state.view(np.uint64).reshape(count, 8)[:] = words.T
    terms = np.zeros(count, TERMS)
    rested = np.frombuffer(raw, kind, count, offset=count * STATE.itemsize)
    for name in kind.names or ():
        terms[name] = rested[name]
    return Lines(state, terms)


def renumbered(notices: Array, lines: Array) -> Array:
    """Notices of a bucket with the numbers their lines have outside it.

    lines  the outer number of each line of the bucket
    """
    found = notices.copy()
    found["line"] = lines[notices["line"]]
    return found
