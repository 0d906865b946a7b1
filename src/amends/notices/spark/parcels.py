"""Usage records as parcels: the columns of some records behind each other, as bytes.

Spark moves a parcel as one value of one row. A million records that are rows cost a million
conversions between the Java and the Python side; the same records in parcels cost none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from amends.notices.rules.engine.layout import STATE, TERMS, Array, Batch, Lines

COLUMNS = (
    ("record", "<u8"), ("line", "<i8"), ("at_ms", "<i8"), ("kind", "u1"), ("amount", "<i8"),
    ("charge", "<i8"), ("country", "<u2"),
)  # fmt: skip
_KEPT = {"line": "<i4"}
"""Narrower on the way: what is on the way is enrolled, and numbered below 2^31."""
_ROW_BITS = 40
_STORED = (("place", "<i8"), *((name, _KEPT.get(name, kind)) for name, kind in COLUMNS))
_RECORD_BYTES = sum(np.dtype(kind).itemsize for _, kind in _STORED)


def place_of(file: int, row: int) -> int:
    """Where a record stands in the order of arrival: its file, then its row.

    >>> place_of(0, 7), place_of(1, 0) > place_of(0, 2**39)
    (7, True)
    """
    return file << _ROW_BITS | row


def files_of(places: Array) -> Array:
    """The files of some places.

    >>> files_of(np.array([place_of(3, 9)])).tolist()
    [3]
    """
    return places >> _ROW_BITS


def rows_of(places: Array) -> Array:
    """The rows within their files."""
    return places & ((1 << _ROW_BITS) - 1)


def parcels(batch: Batch, places: Array, keys: Array) -> Iterator[tuple[int, int, bytes]]:
    """The records of each key (0 to 65,535) in their order: key, place of the first, parcel."""
    if not len(keys):
        return
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    sorted_keys = keys[order]
    begins = np.flatnonzero(np.append(True, sorted_keys[1:] != sorted_keys[:-1]))
    ends = np.append(begins[1:], len(order))
    columns = [places[order].astype("<i8", copy=False)]
    columns += [
        getattr(batch, name)[order].astype(_KEPT.get(name, kind), copy=False)
        for name, kind in COLUMNS
    ]
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        body = b"".join(column[first:last].tobytes() for column in columns)
        yield int(sorted_keys[first]), int(columns[0][first]), body


def joined(bodies: Sequence[bytes]) -> tuple[Array, Batch]:
    """Places and records of some parcels, behind each other.

    >>> one = np.array([1, 2])
    >>> batch = Batch(one.astype("u8"), one, one, one.astype("u1"), one, one, one.astype("u2"))
    >>> (_, _, body), = parcels(batch, one, np.zeros(2))
    >>> places, again = joined([body, body])
    >>> places.tolist(), again.amount.tolist()
    ([1, 2, 1, 2], [1, 2, 1, 2])
    """
    found: dict[str, list[Array]] = {name: [] for name, _ in _STORED}
    for body in bodies:
        count, at = len(body) // _RECORD_BYTES, 0
        for name, kind in _STORED:
            found[name].append(np.frombuffer(body, kind, count, at))
            at += count * np.dtype(kind).itemsize
    whole = {
        name: np.concatenate([np.empty(0, kind), *found[name]]).astype(kind, copy=False)
        for name, kind in (("place", "<i8"), *COLUMNS)
    }
    return whole["place"], Batch(*(whole[name] for name in Batch.__slots__))


def sorted_by(places: Array, batch: Batch) -> tuple[Array, Batch]:
    """Records in the order of arrival."""
    if (places[1:] > places[:-1]).all():
        return places, batch
    order = np.argsort(places, kind="stable")
    return places[order], Batch(*(getattr(batch, name)[order] for name in Batch.__slots__))


def some(batch: Batch, wanted: Array) -> Batch:
    """The records at some places or under a mask."""
    return Batch(*(getattr(batch, name)[wanted] for name in Batch.__slots__))


def lines_packed(lines: Lines) -> bytes:
    """State and terms of lines, the one blob of a bucket."""
    return lines.state.tobytes() + lines.terms.tobytes()


def lines_unpacked(body: bytes) -> Lines:
    """The lines again, free to be changed."""
    count = len(body) // (STATE.itemsize + TERMS.itemsize)
    state = np.frombuffer(body, STATE, count).copy()
    return Lines(state, np.frombuffer(body, TERMS, count, count * STATE.itemsize).copy())
