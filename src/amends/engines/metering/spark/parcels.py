"""Usage records as parcels: the columns of some records behind each other, as bytes.

Spark moves a parcel as one value of one row. A million records that are rows cost a million
conversions between the Java and the Python side; the same records in parcels cost none. A column
is stored as its distance from the smallest value, in as few bytes as the largest distance needs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np

from amends.engines.metering.engine.layout import Array, UsageColumns

COLUMNS = (
    ("place", "<i8"),
    ("record", "<u8"),
    ("line", "<i8"),
    ("at_ms", "<i8"),
    ("kind", "u1"),
    ("amount", "<i8"),
    ("charge", "<i8"),
    ("country", "<u2"),
)
_WIDTHS = ("u1", "<u2", "<u4", "<u8")
_COLUMN = struct.Struct("<QB")
_COUNT = struct.Struct("<I")
_ROW_BITS = 40


def place_of(file: int, row: int) -> int:
    """Where a record stands in the order of arrival: its file, then its row.

    >>> place_of(0, 7), place_of(1, 0) > place_of(0, 2**39)
    (7, True)
    """
    return file << _ROW_BITS | row


def files_of(positions: Array) -> Array:
    """The files of some places.

    >>> files_of(np.array([place_of(3, 9)])).tolist()
    [3]
    """
    return positions >> _ROW_BITS


def parcels(batch: UsageColumns, positions: Array, keys: Array) -> Iterator[tuple[int, int, bytes]]:
    """The records of each key (0 to 65,535) in their order: key, place of the first, parcel."""
    if not len(keys):
        return
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    sorted_keys = keys[order]
    begins = np.flatnonzero(np.append(True, sorted_keys[1:] != sorted_keys[:-1]))
    ends = np.append(begins[1:], len(order)).tolist()
    heads, columns = [], []
    for name, kind in COLUMNS:
        column = positions if name == "place" else getattr(batch, name)
        base, width, narrow = _narrowed(column.astype(kind, copy=False))
        heads.append(_COLUMN.pack(base, width))
        columns.append(narrow[order])
    head = b"".join(heads)
    for first, last in zip(begins.tolist(), ends, strict=True):
        body = b"".join(column[first:last].tobytes() for column in columns)
        yield (
            int(sorted_keys[first]),
            int(positions[order[first]]),
            (_COUNT.pack(last - first) + head + body),
        )


def _narrowed(column: Array) -> tuple[int, int, Array]:
    """Smallest value (as 64 bits without sign), width, and the distances from it."""
    column_words = (
        column.view(np.uint64) if column.dtype.itemsize == 8 else column.astype(np.uint64)
    )
    # Of 64 bits without sign the difference is right also where the column has signs.
    base = int(column_words[int(column.argmin())])
    spread = int(column_words[int(column.argmax())]) - base & (1 << 64) - 1
    width = next(at for at in range(4) if spread < 1 << (8 << at))
    return base, width, (column_words - np.uint64(base)).astype(_WIDTHS[width])


def joined(bodies: Sequence[bytes]) -> tuple[Array, UsageColumns]:
    """Places and records of some parcels, behind each other.

    >>> one = np.array([1, -2])
    >>> batch = UsageColumns(one.astype("u8"), one, one, one.astype("u1"), one, one,
    ...                      one.astype("u2"))
    >>> (_, _, body), = parcels(batch, np.array([1, 2]), np.zeros(2))
    >>> places, again = joined([body, body])
    >>> places.tolist(), again.amount.tolist()
    ([1, 2, 1, 2], [1, -2, 1, -2])
    """
    counts = [_COUNT.unpack_from(body)[0] for body in bodies]
    columns = {name: np.empty(sum(counts), kind) for name, kind in COLUMNS}
    filled = 0
    for body, count in zip(bodies, counts, strict=True):
        at = _COUNT.size + len(COLUMNS) * _COLUMN.size
        for number, (name, kind) in enumerate(COLUMNS):
            base, width = _COLUMN.unpack_from(body, _COUNT.size + number * _COLUMN.size)
            body_words = np.frombuffer(body, _WIDTHS[width], count, at).astype(np.uint64)
            body_words += np.uint64(base)
            columns[name][filled : filled + count] = (
                body_words.view(np.int64) if kind == "<i8" else body_words
            )
            at += count << width
        filled += count
    return columns["place"], UsageColumns(*(columns[name] for name in UsageColumns.__slots__))


def sorted_by(positions: Array, batch: UsageColumns) -> tuple[Array, UsageColumns]:
    """Records in the order of arrival."""
    if (positions[1:] > positions[:-1]).all():
        return positions, batch
    order = np.argsort(positions, kind="stable")
    return positions[order], some(batch, order)


def some(batch: UsageColumns, wanted: Array) -> UsageColumns:
    """The records at some places or under a mask."""
    return UsageColumns(*(getattr(batch, name)[wanted] for name in UsageColumns.__slots__))
