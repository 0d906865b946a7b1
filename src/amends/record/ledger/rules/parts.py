"""The parts a segment is stored in: small compressed Arrow files, readable without each other."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pyarrow as pa

from amends.platform.kit.errors import Unavailable
from amends.platform.kit.errors import gettext_noop as _

PART_ROWS = 1024
KEPT_PARTS = 256
"""How many parts are remembered unpacked."""
# A part is small: handing its columns to other threads takes three times as long as reading them,
# and half as long again as writing them.
_IN_THIS_THREAD = pa.ipc.IpcReadOptions(use_threads=False)
_STORED_TYPES = (pa.int64(), pa.string())


class UnableToUnpack(Unavailable):
    """Rows of a segment are damaged; `amends ledger verify` tells which."""

    code = "ledger_rows_damaged"


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


def unpack(parts: Sequence[bytes], names: Collection[str] | None = None) -> Any:
    """The columns of some parts together, one row after the other.

    names  the columns wanted: others are not even unpacked; all where none of them is there

    Raises `UnableToUnpack` for bytes that are not such parts: an Arrow file with one bit changed
    may point outside itself, and reading it unvalidated ends the process.
    """
    try:
        joined = pa.Table.from_batches(
            [batch for part in parts for batch in _batches_in(part, names)]
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnableToUnpack(
            _("Rows of a segment cannot be read (%(why)s)."),
            values={"why": error},
        ) from error
    if not all(field.type in _STORED_TYPES for field in joined.schema):
        raise UnableToUnpack(_("Rows of a segment are not of strings and integers."))
    return joined


def _batches_in(part: bytes, names: Collection[str] | None = None) -> Iterator[Any]:
    """The validated batches of a part. One by one: a table's columns are in chunks, and slower."""
    reader = pa.ipc.open_file(pa.py_buffer(part), options=_IN_THIS_THREAD)
    if names is not None:
        column_indexes = [at for at, name in enumerate(reader.schema.names) if name in names]
        if 0 < len(column_indexes) < len(reader.schema.names):
            chosen = pa.ipc.IpcReadOptions(use_threads=False, included_fields=column_indexes)
            reader = pa.ipc.open_file(pa.py_buffer(part), options=chosen)
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number)
        batch.validate(full=True)
        yield batch


def unpack_once(part: bytes, digest: bytes, names: Collection[str]) -> Any:
    """Some columns of a part, if it is the one its SHA-256 was kept of; nothing is remembered: who
    reads a whole period comes by each part once."""
    _check(part, digest)
    return unpack([part], names)


def unpack_whole(part: bytes, digest: bytes) -> Any:
    """The columns of a part, if it is the one its SHA-256 was kept of."""
    _check(part, digest)
    return unpack([part])


@lru_cache(maxsize=KEPT_PARTS)
def unpack_cached(part: bytes, digest: bytes) -> Any:
    """As `unpack_whole`; the last parts read are remembered by their bytes: one that was changed is
    another part. They are small, and who reads one person's facts mostly reads the next person's
    from the same parts."""
    return unpack_whole(part, digest)


def _check(part: bytes, digest: bytes) -> None:
    if sha256(part).digest() != digest:
        raise UnableToUnpack(_("Rows of a segment are not those that were recorded."))


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
