"""Segments: up to 10,000 facts of one kind in columns, with one leaf in the log.

Every row is a fact with the same canonical bytes as if it stood alone. The rows' leaf hashes make a
tree of their own; its root stands in the segment's header, and the header's canonical bytes are the
segment's leaf. A row is proved by its path in the segment and the segment's path in the log.

Rows are written whole columns at a time: no object is made for a row that nobody asks for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from amends.facts.canonical import canonical_json, leaf_hash
from amends.facts.fact import UnableToState
from amends.facts.kinds import KINDS
from amends.kit.digests import Bytes, digests_of, laid
from amends.kit.errors import Unavailable
from amends.ledger.rules.merkle import each_of, parents_in_columns, root_of

MAX_ROWS = 10_000
ROW_DIGITS = 5
PART_ROWS = 1024
# A part is small: handing its columns to other threads takes three times as long as reading them,
# and half as long again as writing them.
_IN_THIS_THREAD = pa.ipc.IpcReadOptions(use_threads=False)
CHUNK_ROWS = 64
_CHUNK_HEIGHT = 6
StatedRow = tuple[int, str, str, dict[str, str | int]]
_BASE = {"happened_at_ms": int, "subject": str, "subscriber": str}
_LIMITS = {"subject": 120, "subscriber": 64}
_LARGEST = 2**53 - 1
_ROW_NUMBERS = pa.array([f"{row:0{ROW_DIGITS}x}" for row in range(MAX_ROWS)])
_FORMAT = 1
_STORED_TYPES = (pa.int64(), pa.string())


class UnableToUnpack(Unavailable):
    """Rows of a segment are damaged; `amends ledger verify` tells which."""

    code = "ledger_rows_damaged"


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of a segment share; with a row's columns it gives the fact."""

    segment: str
    kind: str
    version: int
    source: str
    recorded_at_ms: int


@dataclass(frozen=True, slots=True)
class SealedSegment:
    """A segment ready to be recorded.

    columns   the checked columns, one row a fact
    chunks    the roots over each 64 rows, 32 bytes each: a row's proof starts from its chunk
    header    canonical bytes; `leaf` is their leaf hash
    parts     the columns as compressed Arrow files, 1,024 rows each
    """

    frame: Frame
    rows: int
    first_happened_at_ms: int
    last_happened_at_ms: int
    columns: Any
    chunks: bytes
    header: bytes
    leaf: bytes
    parts: tuple[bytes, ...]


def seal(frame: Frame, columns: Any) -> SealedSegment:
    """Check columns, hash their rows, and pack them. Pure, and the costly part of an append.

    columns   anything Arrow makes a table of: `subscriber`, `subject`, `happened_at_ms` and the
              payload's fields; an optional field that a row lacks is null
    """
    checked = check_columns(frame.kind, columns)
    chunks = chunk_roots(row_digests(frame, checked))
    happened = checked["happened_at_ms"]
    span = pc.min_max(happened)
    first, last = span["min"].as_py(), span["max"].as_py()
    header = canonical_json(
        {
            "first_happened_at_ms": first,
            "format": _FORMAT,
            "kind": frame.kind,
            "last_happened_at_ms": last,
            "recorded_at_ms": frame.recorded_at_ms,
            "root": root_of(chunks).hex(),
            "rows": checked.num_rows,
            "segment": frame.segment,
            "source": frame.source,
            "version": frame.version,
        }
    )
    return SealedSegment(
        frame,
        checked.num_rows,
        first,
        last,
        checked,
        b"".join(chunks),
        header,
        leaf_hash(header),
        pack(checked),
    )


def check_columns(kind: str, columns: Any) -> Any:
    """The columns as one Arrow table in fixed order and types; `UnableToState` names what is wrong.

    >>> check_columns("ServiceStopped", {"subscriber": ["p"], "subject": ["s"],
    ...     "happened_at_ms": [1], "initiator": ["user"]}).column_names
    ['happened_at_ms', 'subject', 'subscriber', 'initiator']
    """
    spec = KINDS.get(kind)
    if spec is None:
        raise UnableToState(f"There is no kind of fact called {kind}.")
    given = as_table(columns)
    if not 0 < given.num_rows <= MAX_ROWS:
        raise UnableToState(f"A segment has 1 to {MAX_ROWS:,} rows, not {given.num_rows:,}.")
    wanted = {**_BASE, **spec.required, **spec.optional}
    for name in given.column_names:
        if name not in wanted:
            raise UnableToState(f"{kind} has no field {name}.")
    checked = {}
    for name in [*_BASE, *sorted(wanted.keys() - _BASE.keys())]:
        if name in given.column_names:
            checked[name] = _checked(kind, name, wanted[name], given.column(name))
        elif name not in spec.optional:
            raise UnableToState(f"{kind} lacks {name}.")
        if name not in spec.optional and checked[name].null_count:
            row = pc.index(pc.is_null(checked[name]), True).as_py()
            raise UnableToState(f"{kind} lacks {name} in row {row}.")
    for name, limit in _LIMITS.items():
        if pc.max(pc.utf8_length(checked[name])).as_py() > limit:
            raise UnableToState(f"{kind}.{name} is longer than {limit} characters.")
        if pc.any(pc.match_substring(checked[name], "\x00")).as_py():
            raise UnableToState(f"{kind}.{name} holds a NUL character.")
    return pa.table({name: one for name, one in checked.items() if one.null_count < len(one)})


def as_table(columns: Any) -> Any:
    """A dict of lists, or an Arrow or Polars table, as an Arrow table."""
    if isinstance(columns, pa.Table):
        return columns
    try:
        # Polars' own conversion gives categories of strings; the generic one, of string views.
        return columns.to_arrow() if hasattr(columns, "to_arrow") else pa.table(columns)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise UnableToState(f"The columns do not make a table ({error}).") from error


def _checked(kind: str, name: str, expected: type, column: Any) -> Any:
    found = column.type
    value = found.value_type if pa.types.is_dictionary(found) else found
    fits = pa.types.is_integer(value) if expected is int else _is_text(value)
    if not fits and not pa.types.is_null(value):
        raise UnableToState(f"{kind}.{name} must be {expected.__name__}, not {value}.")
    try:
        cast = column.cast(pa.int64() if expected is int else pa.string())
        whole = _whole(cast)
        whole.validate(full=True)
    except pa.ArrowException as error:
        raise UnableToState(f"{kind}.{name} cannot be read ({error}).") from error
    if expected is int and whole.null_count < len(whole):
        span = pc.min_max(whole)
        if span["min"].as_py() < -_LARGEST or span["max"].as_py() > _LARGEST:
            raise UnableToState(f"{kind}.{name} is beyond the integers JSON can carry.")
    return whole


def _is_text(value: Any) -> bool:
    return bool(
        pa.types.is_string(value)
        or pa.types.is_large_string(value)
        or pa.types.is_string_view(value)
    )


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
    return pc.binary_join_element_wise(segment, _ROW_NUMBERS.slice(first, count), "")


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
    written = _ROW_NUMBERS.slice(0, columns.num_rows)
    if numbers is not None:
        written = _ROW_NUMBERS.take(pa.array(numbers))
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
    data, places = laid(strings)
    text = data.tobytes()
    return [text[start:end] for start, end in pairwise(places.tolist())]


def _whole(column: Any) -> Any:
    """A column as one array."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


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
    names = [name for name in columns.column_names if name not in _BASE]
    values = zip(*(columns[name].to_pylist() for name in names), strict=True)
    payloads = (dict(zip(names, row, strict=True)) for row in values)
    if any(columns[name].null_count for name in names):
        payloads = (payload_of(row) for row in payloads)
    base = (columns[name].to_pylist() for name in ("happened_at_ms", "subject", "subscriber"))
    return zip(*base, payloads, strict=True)


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


def _payload_pieces(kind: str, columns: Any) -> list[Any]:
    """The payload's members in order. Each optional one brings its comma along, on the side away
    from the first required member, so a null leaves no comma behind."""
    anchor = min(KINDS[kind].required)
    pieces: list[Any] = []
    for name in sorted(set(columns.column_names) - _BASE.keys()):
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
    whole = _whole(column)
    if pa.types.is_integer(whole.type):
        return [whole.cast(pa.string())]
    if _needs_escapes(whole):
        quoted = [None if value is None else _quoted(value) for value in whole.to_pylist()]
        return [pa.array(quoted, pa.string())]
    return ['"', whole, '"']


def _needs_escapes(strings: Any) -> bool:
    """Whether a string holds a control character, a quotation mark or a backslash."""
    _, offsets, data = strings.buffers()
    if data is None:
        return False
    places = np.frombuffer(offsets, np.int32, len(strings) + 1, strings.offset * 4)
    start, end = int(places[0]), int(places[-1])
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


def chunk_roots(hashes: Bytes) -> list[bytes]:
    """The roots over each 64 of [row, 32] hashes (the last over what is left): their level 6."""
    level = hashes
    for _ in range(_CHUNK_HEIGHT):
        level = parents_in_columns(level)
    return each_of(level)


def pack(columns: Any) -> tuple[bytes, ...]:
    """The columns as compressed Arrow files of 1,024 rows each, readable without each other."""
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    parts = []
    for first in range(0, columns.num_rows, PART_ROWS):
        target = io.BytesIO()
        with pa.ipc.new_file(target, columns.schema, options=options) as writer:
            writer.write_table(columns.slice(first, PART_ROWS))
        parts.append(target.getvalue())
    return tuple(parts)


def unpack(parts: Sequence[bytes]) -> Any:
    """The columns of some parts together, one row after the other.

    Raises `UnableToUnpack` for bytes that are not such parts: an Arrow file with one bit changed
    may point outside itself, and reading it unvalidated ends the process.
    """
    try:
        tables = [
            pa.ipc.open_file(pa.BufferReader(part), options=_IN_THIS_THREAD).read_all()
            for part in parts
        ]
        together = tables[0] if len(tables) == 1 else pa.concat_tables(tables)
        together.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnableToUnpack(f"Rows of a segment cannot be read ({error}).") from error
    if not all(field.type in _STORED_TYPES for field in together.schema):
        raise UnableToUnpack("Rows of a segment are not of strings and integers.")
    return together


@lru_cache(maxsize=256)
def unpack_kept(part: bytes, digest: bytes) -> Any:
    """The columns of a part, if it is the one its SHA-256 was kept of.

    The last parts read are remembered by their bytes: one that was changed is another part. They
    are small, and who reads one person's facts mostly reads the next person's from the same parts.
    """
    if sha256(part).digest() != digest:
        raise UnableToUnpack("Rows of a segment are not those that were recorded.")
    return unpack([part])


def rows_within(part: Any, rows: Sequence[int]) -> Any:
    """Some rows of one part, by their numbers in the segment, in order."""
    within = [row % PART_ROWS for row in rows]
    if within == list(range(within[0], within[0] + len(within))):
        return part.slice(within[0], len(within))
    return part.take(pa.array(within))


def part_id(segment: str, row: int) -> str:
    """The id of the part a row stands in.

    >>> part_id("0" * 27, 2048)[-2:]
    '02'
    """
    return f"{segment}{row // PART_ROWS:02x}"


def payload_of(columns: Mapping[str, Any]) -> dict[str, str | int]:
    """The payload among a row's values: the members that are not null and not the row's place."""
    return {
        name: value for name, value in columns.items() if value is not None and name not in _BASE
    }
