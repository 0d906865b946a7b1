"""Segments: do the columns still give the root in the header?"""

from __future__ import annotations

from hashlib import sha256

import orjson
import pyarrow as pa

from amends.platform.kit.errors import AmendsError
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable
from amends.record.ledger.actions.verification.findings import Findings, Progress
from amends.record.ledger.models import Segment, SegmentPart
from amends.record.ledger.queries.reading import frame_of
from amends.record.ledger.rules.columns import MAX_ROWS
from amends.record.ledger.rules.merkle import root_of
from amends.record.ledger.rules.parts import PART_ROWS, part_id, unpack
from amends.record.ledger.rules.rows import row_digests
from amends.record.ledger.rules.segments import CHUNK_ROWS, chunk_roots
from amends.record.ledger.rules.tile_sizes import HASH_BYTES


def verify_segments(
    findings: Findings, progress: Progress, *, verified_count: int, total: int
) -> None:
    """Compare every segment's rows with its header."""
    last, count = "", 0
    while segment := Segment.objects.filter(id__gt=last).order_by("id").first():
        verify_segment(segment, findings)
        last, count = segment.id, count + 1
        progress(verified_count + count, total)


def verify_segment(segment: Segment, findings: Findings) -> None:
    """Recompute a segment's rows, chunk roots and root."""
    try:
        header = orjson.loads(bytes(segment.canonical))
        root, rows = header["root"], header["rows"]
        if not 0 < rows <= MAX_ROWS:
            raise ValueError(Translatable(_("its header speaks of %(rows)s rows"), rows=rows))
        columns = unpack(_whole_parts(segment, rows, findings))
        hashes = row_digests(frame_of(bytes(segment.canonical)), columns)
    except (pa.ArrowException, AmendsError, KeyError, TypeError, ValueError) as error:
        findings.add(
            _("the segment cannot be read (%(why)s)"),
            entry=segment.seq,
            fact=segment.id,
            why=_why(error),
        )
        return
    chunks = chunk_roots(hashes)
    stored = bytes(segment.chunks)
    if b"".join(chunks) != stored:
        _name_rows(segment, chunks, stored, findings)
    if root_of(chunks).hex() != root or len(hashes) != rows:
        findings.add(
            _("the rows do not give the root in the segment's header"),
            entry=segment.seq,
            fact=segment.id,
        )


def _why(error: Exception) -> object:
    if isinstance(error, AmendsError):
        return error
    return next((reason for reason in error.args if isinstance(reason, Translatable)), str(error))


def _whole_parts(segment: Segment, rows: int, findings: Findings) -> list[bytes]:
    """The segment's parts in order; those missing, too many or changed are told."""
    parts = {part.id: part for part in SegmentPart.objects.filter(segment=segment)}
    expected = [part_id(segment.id, row) for row in range(0, rows, PART_ROWS)]
    for name in sorted(parts.keys() ^ set(expected)):
        findings.add(
            _("rows of the segment are too many (part %(part)s)")
            if name in parts
            else _("rows of the segment are missing (part %(part)s)"),
            entry=segment.seq,
            fact=segment.id,
            part=name,
        )
    part_columns = []
    for name in expected:
        if name not in parts:
            continue
        columns = bytes(parts[name].columns)
        if sha256(columns).digest() != bytes(parts[name].sha256):
            findings.add(
                _("the packed rows and their hash differ (part %(part)s)"),
                entry=segment.seq,
                fact=segment.id,
                part=name,
            )
        part_columns.append(columns)
    return part_columns


def _name_rows(segment: Segment, chunks: list[bytes], stored: bytes, findings: Findings) -> None:
    for number, computed in enumerate(chunks[: -(-segment.rows // CHUNK_ROWS)]):
        if stored[number * HASH_BYTES : (number + 1) * HASH_BYTES] != computed:
            first = number * CHUNK_ROWS
            last = min(first + CHUNK_ROWS, segment.rows) - 1
            findings.add(
                _("rows %(first)s to %(last)s of the segment and their hash differ"),
                entry=segment.seq,
                fact=segment.id,
                first=first,
                last=last,
            )
    if len(stored) > len(chunks) * HASH_BYTES:
        findings.add(_("rows of the segment are missing"), entry=segment.seq, fact=segment.id)
