"""What some lines have come to, as few bytes: numbers of the lines, and their state and terms.

A batch moves a third of a million lines, of a million. Packing whole buckets of them takes longer
than counting. So each line that moved is written by itself, some 20 bytes of its 80: a nibble for
each field says how many bytes of it follow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from amends.engines.metering.engine.layout import NO_DAY, STATE, TERMS, Array, Lines, aligned
from amends.engines.metering.engine.prefetch import AHEAD, prefetch
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_FIELDS = 14
_HEAD = _FIELDS // 2
_FIELDS_BEFORE = 12
"""Before balances were carried from one period into the next."""
_NOW = 1 << 56
"""Beside the count of lines, where all fields are there."""
_MOST = 5 + _HEAD + STATE.itemsize + TERMS.itemsize
_AT_ONCE = 50_000
_WORDS, _INTS, _BYTES = STATE.itemsize // 8, STATE.itemsize // 4, STATE.itemsize
_USED, _PAST, _LAST = 5, 10, 7


class UnableToReadMoves(BadInput):
    """The bytes are not moves of lines."""

    code = "moves_unreadable"


def as_moves(lines: Lines, numbers: Array) -> bytes:
    """State and terms of some lines.

    numbers  those of the lines, ascending, each once

    >>> from amends.engines.metering.engine.layout import new_lines
    >>> lines = new_lines(np.zeros(9), np.zeros(9))
    >>> lines.state["used"][7, 0] = 300
    >>> numbers, part = from_moves(as_moves(lines, np.array([2, 7])))
    >>> numbers.tolist(), part.state["used"][:, 0].tolist()
    ([2, 7], [0, 300])
    """
    out = np.empty(_MOST * min(len(numbers), _AT_ONCE), np.uint8)
    state, terms = lines.state, lines.terms
    parts, before = [(len(numbers) | _NOW).to_bytes(8, "little")], 0
    for first in range(0, len(numbers), _AT_ONCE):
        part = numbers[first : first + _AT_ONCE].astype(np.int64)
        size = _write(
            state.view(np.uint64),
            state.view(np.uint32),
            state.view(np.uint8),
            terms.view(np.uint32),
            part,
            before,
            out,
        )
        parts.append(out[:size].tobytes())
        before = int(part[-1])
    return b"".join(parts)


def from_moves(body: bytes) -> tuple[Array, Lines]:
    """The numbers of the lines, and what they have come to; `UnableToReadMoves` for other bytes."""
    count = int.from_bytes(body[:8], "little")
    fields = _FIELDS if count & _NOW else _FIELDS_BEFORE
    count &= ~_NOW
    if len(body) < 8 or count * (fields // 2 + 1) > len(body) - 8:
        raise UnableToReadMoves(_("The moves of lines are cut off."))
    numbers = np.empty(count, np.int64)
    lines = Lines(aligned(count, STATE), np.zeros(count, TERMS))
    ended = _read(
        np.frombuffer(body, np.uint8, offset=8),
        numbers,
        lines.state.view(np.uint64),
        lines.state.view(np.uint32),
        lines.terms.view(np.uint32),
        fields,
    )
    if ended != len(body) - 8:
        raise UnableToReadMoves(_("The moves of lines are cut off, or longer than they say."))
    return numbers, lines


@njit(cache=True, nogil=True, inline="always")
def _field(value: Any, out: Any, at: int, head: int, field_number: int) -> int:
    """Write one field; where the next begins."""  # pragma: no cover - compiled
    left, size = np.uint64(value), 0
    while left != np.uint64(0):
        out[at] = left & np.uint64(255)
        left >>= np.uint64(8)
        at += 1
        size += 1
    out[head + (field_number >> 1)] |= size << (4 * (field_number & 1))
    return at


@njit(cache=True, nogil=True)
def _write(
    state_words: Any,
    ints: Any,
    bytes_: Any,
    terms: Any,
    numbers: Any,
    before: Any,
    out: Any,
) -> Any:  # pragma: no cover - compiled
    """words, ints, bytes_: the state by words of 8, 4 and 1 byte; the bytes written."""
    at = 0
    for number_index in range(len(numbers)):
        if number_index + AHEAD < len(numbers):
            prefetch(state_words, numbers[number_index + AHEAD] * _WORDS)
            prefetch(terms, numbers[number_index + AHEAD] * 4)
        line = numbers[number_index]
        gap = line - before
        before = line
        while gap >= 128:
            out[at] = gap & 127 | 128
            gap >>= 7
            at += 1
        out[at] = gap
        at += 1
        head = at
        out[head : head + _HEAD] = 0
        at += _HEAD
        for counter in range(_USED):
            at = _field(state_words[line * _WORDS + counter], out, at, head, counter)
        for back in range(3):
            # Not known is -1: one more, so that it takes no byte at all.
            past = np.uint32(ints[line * _INTS + _PAST + back] + np.uint32(1))
            at = _field(past, out, at, head, _USED + back)
        at = _field(ints[line * _INTS + _PAST + 3], out, at, head, 8)
        at = _field(_turned(state_words[line * _WORDS + _LAST]), out, at, head, 9)
        for term_index in range(4):
            at = _field(terms[line * 4 + term_index], out, at, head, 10 + term_index)
    return at


@njit(cache=True, nogil=True, inline="always")
def _turned(word: Any) -> Any:  # pragma: no cover - compiled
    """The last word of a state with period, day and flags in front; a day before any as nothing."""
    small, large = np.uint64(0xFFFFFFFF), np.uint64(32)
    front = (word >> large) ^ np.uint64(NO_DAY << 8)
    return front | (word & small) << large


@njit(cache=True, nogil=True, inline="always")
def _turned_back(word: Any) -> Any:  # pragma: no cover - compiled
    small, large = np.uint64(0xFFFFFFFF), np.uint64(32)
    return ((word & small) ^ np.uint64(NO_DAY << 8)) << large | word >> large


@njit(cache=True, nogil=True)
def _read(
    data: Any,
    numbers: Any,
    state_words: Any,
    ints: Any,
    terms: Any,
    fields: Any,
) -> Any:  # pragma: no cover - compiled
    """The bytes read; -1 where they end too early."""
    at, line, end = 0, np.int64(0), len(data)
    for number_index in range(len(numbers)):
        shift = 0
        while at < end and data[at] >= 128 and shift < 56:
            line += np.int64(data[at] & 127) << shift
            shift += 7
            at += 1
        if at + 1 + fields // 2 > end:
            return -1
        line += np.int64(data[at]) << shift
        numbers[number_index] = line
        head = at + 1
        at = head + fields // 2
        for field in range(fields):
            size = data[head + (field >> 1)] >> (4 * (field & 1)) & 15
            if at + size > end or size > 8:
                return -1
            value = np.uint64(0)
            for byte in range(size):
                value |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
            at += size
            if field < _USED:
                state_words[number_index * _WORDS + field] = value
            elif field < 8:
                ints[number_index * _INTS + _PAST + field - _USED] = np.uint32(value) - np.uint32(1)
            elif field == 8:
                ints[number_index * _INTS + _PAST + 3] = np.uint32(value)
            elif field == 9:
                state_words[number_index * _WORDS + _LAST] = _turned_back(value)
            else:
                terms[number_index * 4 + field - 10] = np.uint32(value)
    return at
