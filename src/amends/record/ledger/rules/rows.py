"""The rows of a segment: the fact each stands for, its canonical bytes, and their leaf hash.

Every row is a fact with the same canonical bytes as if it stood alone. They are written whole
columns at a time: no object is made for a row that nobody asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from amends.platform.kit.digests import Bytes, concatenated, digests_of
from amends.record.facts.kinds import KINDS
from amends.record.ledger.rules.columns import BASE, MAX_ROWS, whole_column
from amends.record.ledger.rules.merkle import each_of

ROW_DIGITS = 5
StatedRow = tuple[int, str, str, dict[str, str | int]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of a segment share; with a row's columns it gives the fact."""

    segment: str
    kind: str
    version: int
    source: str
    recorded_at_ms: int


def fact_id(segment: str, row: int) -> str:
    """The id of a segment's row: 27 digits of the segment, five of the row.

    >>> fact_id("0" * 27, 31)[-5:]
    '0001f'
    """
    return f"{segment}{row:0{ROW_DIGITS}x}"


def fact_ids(segment: str, first: int, count: int) -> Any:
    """The ids of `count` rows from `first` on, as an Arrow column.

    >>> fact_ids("0" * 27, 30, 2)[1].as_py()[-5:]
    '0001f'
    """
    return pc.binary_join_element_wise(segment, _row_numbers().slice(first, count), "")


@cache
def _row_numbers() -> Any:
    """The last digits of the ids of all rows a segment can have: made by whoever asks first, for a
    command that reads no segment need not wait for them.
    """
    return pa.array([f"{row:0{ROW_DIGITS}x}" for row in range(MAX_ROWS)])


def row_of(fact: str) -> tuple[str, int]:
    """The segment and row a fact's id would stand for, if it stood in a segment."""
    return fact[:-ROW_DIGITS], int(fact[-ROW_DIGITS:], 16)


def row_leaves(frame: Frame, columns: Any, numbers: Sequence[int] | None = None) -> list[bytes]:
    """The zero byte and canonical bytes of each row.

    numbers   the rows' numbers in the segment; None where `columns` are all its rows
    """
    return values_in(_leaves(frame, columns, numbers))


def _leaves(frame: Frame, columns: Any, numbers: Sequence[int] | None) -> Any:
    """`row_leaves` as an Arrow column."""
    written = _row_numbers().slice(0, columns.num_rows)
    if numbers is not None:
        written = _row_numbers().take(pa.array(numbers))
    pieces: list[Any] = ['\x00{"happened_at_ms":', *_written(columns["happened_at_ms"])]
    pieces += [f',"id":"{frame.segment}', written]
    pieces += [f'","kind":{_quoted(frame.kind)},"payload":{{']
    pieces += _payload_pieces(frame.kind, columns)
    pieces += [f'}},"recorded_at_ms":{frame.recorded_at_ms},"source":{_quoted(frame.source)}']
    pieces += [',"subject":', *_written(columns["subject"])]
    pieces += [',"subscriber":', *_written(columns["subscriber"])]
    pieces += [f',"version":{frame.version}}}']
    return pc.binary_join_element_wise(*_merged(pieces), "")


def values_in(strings: Any) -> list[bytes]:
    """The UTF-8 bytes of each string of a column, without making Python strings of them."""
    data, string_offsets = concatenated(strings)
    text = data.tobytes()
    return [text[start:end] for start, end in pairwise(string_offsets.tolist())]


def row_digests(frame: Frame, columns: Any, numbers: Sequence[int] | None = None) -> Bytes:
    """[row, 32] the leaf hash of each row."""
    return digests_of(_leaves(frame, columns, numbers))


def row_hashes(frame: Frame, columns: Any, numbers: Sequence[int] | None = None) -> list[bytes]:
    """The leaf hash of each row, as bytes."""
    return each_of(row_digests(frame, columns, numbers))


def stated_rows(columns: Any) -> Iterator[StatedRow]:
    """What each row states: moment, subject, subscriber, and the members of its payload it has.

    For a few rows; the payload's members stand in canonical order, as their columns do.
    """
    for batch in columns.to_batches():
        values = {field.name: batch[at].to_pylist() for at, field in enumerate(batch.schema)}
        base = [values.pop(name) for name in BASE]
        payloads = [
            dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)
        ]
        if any(column.null_count for column in batch.columns):
            payloads = [payload_of(row) for row in payloads]
        yield from zip(*base, payloads, strict=True)


def row_leaf(frame: Frame, number: int, row: StatedRow) -> bytes:
    """The zero byte and canonical bytes of one row: for a few rows faster than `row_leaves`."""
    happened_at_ms, subject, subscriber, payload = row
    stated = {
        "happened_at_ms": happened_at_ms,
        "id": fact_id(frame.segment, number),
        "kind": frame.kind,
        "payload": payload,
        "recorded_at_ms": frame.recorded_at_ms,
        "source": frame.source,
        "subject": subject,
        "subscriber": subscriber,
        "version": frame.version,
    }
    return b"\0" + orjson.dumps(stated)


def row_hash(frame: Frame, number: int, row: StatedRow) -> bytes:
    """The leaf hash of one row."""
    return sha256(row_leaf(frame, number, row)).digest()


def payload_of(columns: Mapping[str, Any]) -> dict[str, str | int]:
    """The payload among a row's values: the members that are not null and not the row's place."""
    return {
        name: value for name, value in columns.items() if value is not None and name not in BASE
    }


def _payload_pieces(kind: str, columns: Any) -> list[Any]:
    """The payload's members in order. Each optional one brings its comma along, on the side away
    from the first required member, so a null leaves no comma behind."""
    anchor = min(KINDS[kind].required)
    pieces: list[Any] = []
    for name in sorted(set(columns.column_names) - BASE.keys()):
        before = "," if name > anchor else ""
        after = "," if name < anchor else ""
        member = [f'{before}"{name}":', *_written(columns[name]), after]
        if columns[name].null_count:
            present = pc.binary_join_element_wise(*_merged(member), "")
            member = [pc.fill_null(present, "")]
        pieces += member
    return pieces


def _written(column: Any) -> list[Any]:
    """A column's values as JSON writes them, in pieces to be joined; nulls stay."""
    full_column = whole_column(column)
    if pa.types.is_integer(full_column.type):
        return [full_column.cast(pa.string())]
    if _needs_escapes(full_column):
        quoted = [None if value is None else _quoted(value) for value in full_column.to_pylist()]
        return [pa.array(quoted, pa.string())]
    return ['"', full_column, '"']


def _needs_escapes(strings: Any) -> bool:
    """Whether a string holds a control character, a quotation mark or a backslash."""
    _, offsets, data = strings.buffers()
    if data is None:
        return False
    string_offsets = np.frombuffer(offsets, np.int32, len(strings) + 1, strings.offset * 4)
    start, end = int(string_offsets[0]), int(string_offsets[-1])
    if start == end:
        return False
    text = np.frombuffer(data, np.uint8, end - start, start)
    body = text.tobytes()
    return bool(text.min() < 0x20) or b'"' in body or b"\\" in body


def _merged(pieces: list[Any]) -> list[Any]:
    """The same pieces with neighbouring constants as one."""
    merged: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
