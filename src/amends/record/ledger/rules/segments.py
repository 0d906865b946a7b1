"""Segments: up to 10,000 facts of one kind in columns, with one leaf in the log.

The rows' leaf hashes make a tree of their own; its root stands in the segment's header, and the
header's canonical bytes are the segment's leaf. A row is proved by its path in the segment and the
segment's path in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from amends.platform.kit.digests import Bytes
from amends.record.facts.canonical import canonical_json, leaf_hash
from amends.record.ledger.rules.columns import check_columns
from amends.record.ledger.rules.merkle import each_of, parents_in_columns, root_of
from amends.record.ledger.rules.parts import pack
from amends.record.ledger.rules.rows import Frame, row_digests

CHUNK_ROWS = 64
_CHUNK_HEIGHT = 6
_FORMAT = 1


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
        frame=frame,
        rows=checked.num_rows,
        first_happened_at_ms=first,
        last_happened_at_ms=last,
        columns=checked,
        chunks=b"".join(chunks),
        header=header,
        leaf=leaf_hash(header),
        parts=pack(checked),
    )


def chunk_roots(hashes: Bytes) -> list[bytes]:
    """The roots over each 64 of [row, 32] hashes (the last over what is left): their level 6."""
    level = hashes
    for _ in range(_CHUNK_HEIGHT):
        level = parents_in_columns(level)
    return each_of(level)
