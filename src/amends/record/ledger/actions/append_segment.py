"""Append up to 10,000 facts of one kind as columns, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

from amends.platform.database.rows import create, insert
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.periods import from_ms
from amends.record.facts.fact import Fact, UnableToState
from amends.record.facts.kinds import KINDS
from amends.record.ledger.actions.append import UnableToAppend, append, recording_time_ms
from amends.record.ledger.models import Segment, SegmentIndex, SegmentPart
from amends.record.ledger.rules.columns import MAX_ROWS, as_table
from amends.record.ledger.rules.lookup import blocks
from amends.record.ledger.rules.parts import PART_ROWS, part_id
from amends.record.ledger.rules.rows import ROW_DIGITS, Frame, payload_of
from amends.record.ledger.rules.segments import SealedSegment, seal

IndexRow = tuple[bool, int, str, bytes]
"""By subject, bucket, segment, block."""
_INDEX = ("by_subject", "bucket", "segment_id", "block")
_ID_DIGITS = 32 - ROW_DIGITS
FEWEST_ROWS = 64
"""So many rows make a segment where the ledger chooses (`append_rows`)."""


def append_segment(kind: str, columns: Any, *, source: str, now: datetime) -> str:
    """Record 1 to 10,000 facts of `kind` and return the segment's id; all or none.

    columns   a dict of lists, or an Arrow or Polars table: `subscriber`, `subject`,
              `happened_at_ms` (milliseconds since 1970) and the fields of the kind's payload

    The fact of row n has the id of the segment followed by n as five hexadecimal digits. Raises
    `UnableToAppend` outside a transaction, `UnableToState` for columns that are not facts.
    """
    return append_sealed(seal_segment(kind, columns, source=source, now=now))


def append_segments(kind: str, columns: Any, *, source: str, now: datetime) -> list[str]:
    """Record any number of facts of `kind`, in as many segments as they need."""
    return [append_segment(kind, part, source=source, now=now) for part in segments_of(columns)]


def append_rows(kind: str, columns: Any, *, source: str, now: datetime) -> None:
    """Record any number of facts of `kind` given as columns: few alone, many in segments.

    A segment has costs of its own, in its index and whenever it is read: a handful of facts is
    recorded and found faster alone.
    """
    table = as_table(columns)
    if table.num_rows >= FEWEST_ROWS:
        append_segments(kind, table, source=source, now=now)
        return
    append(
        [
            Fact(
                kind=kind,
                subscriber=row["subscriber"],
                subject=row["subject"],
                happened_at=from_ms(row["happened_at_ms"]),
                source=source,
                payload=payload_of(row),
            )
            for row in table.to_pylist()
        ],
        now=now,
    )


def segments_of(columns: Any) -> Iterator[pa.Table]:
    """A table cut into parts that each fit a segment."""
    table = as_table(columns)
    for first in range(0, table.num_rows, MAX_ROWS):
        yield table.slice(first, MAX_ROWS)


def seal_segment(
    kind: str, columns: Any, *, source: str, now: datetime, recorded_at_ms: int | None = None
) -> SealedSegment:
    """Check and hash the columns: the costly part, which needs no transaction.

    On SQLite, where one writer at a time holds the database, do this first and record the result
    with `append_sealed`.

    recorded_at_ms  given, the database is not asked: it must not be before `recording_time_ms` when
                    the segment is appended
    """
    if kind == "SourceCovered":
        raise UnableToState(_("Statements of coverage stand alone: append them as single facts."))
    if not 0 < len(source) <= 40 or "\x00" in source:
        raise UnableToState(_("A source has a name of 1 to 40 characters."))
    version = KINDS[kind].version if kind in KINDS else 1
    moment = recording_time_ms(now) if recorded_at_ms is None else recorded_at_ms
    frame = Frame(
        segment=time_ordered_id()[:_ID_DIGITS],
        kind=kind,
        version=version,
        source=source,
        recorded_at_ms=moment,
    )
    return seal(frame, columns)


def append_sealed(sealed: SealedSegment) -> str:
    """Record a sealed segment, and the index by which its rows are found."""
    if not connection.in_atomic_block:
        raise UnableToAppend(
            _("Facts are recorded inside a transaction only."),
            next_step=_("Open transaction.atomic() around the action and its facts."),
        )
    frame = sealed.frame
    with transaction.atomic(savepoint=False):
        create(
            [
                Segment(
                    id=frame.segment,
                    kind=frame.kind,
                    source=frame.source,
                    rows=sealed.rows,
                    first_happened_at_ms=sealed.first_happened_at_ms,
                    last_happened_at_ms=sealed.last_happened_at_ms,
                    recorded_at_ms=frame.recorded_at_ms,
                    leaf_hash=sealed.leaf,
                    canonical=sealed.header,
                    chunks=sealed.chunks,
                )
            ]
        )
        create(
            SegmentPart(
                id=part_id(frame.segment, number * PART_ROWS),
                segment_id=frame.segment,
                sha256=sha256(part).digest(),
                columns=part,
            )
            for number, part in enumerate(sealed.parts)
        )
        insert_index(index_rows(frame.segment, sealed.columns))
    return frame.segment


def insert_index(rows: Sequence[IndexRow]) -> None:
    """Write rows of the index."""
    insert(SegmentIndex, dict(zip(_INDEX, zip(*rows, strict=True), strict=False)))


def index_rows(segment: str, columns: Any) -> list[IndexRow]:
    """The index of a segment: its blocks by subscriber and by subject, as rows of the table."""
    return [
        (by_subject, bucket, segment, block)
        for by_subject, name in ((False, "subscriber"), (True, "subject"))
        for bucket, block in blocks(columns[name]).items()
    ]
