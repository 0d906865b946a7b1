"""Segments: do the columns still give the root in the header?"""

from __future__ import annotations

from hashlib import sha256

import orjson
import pyarrow as pa

from amends.kit.errors import AmendsError
from amends.ledger.models import Segment, SegmentBody
from amends.ledger.reading import frame_of
from amends.ledger.rules.merkle import HASH_BYTES, root_of
from amends.ledger.rules.segments import CHUNK_ROWS, chunk_roots, row_hashes, unpack
from amends.ledger.verification.findings import Findings, Progress


def verify_segments(findings: Findings, progress: Progress, *, done: int, total: int) -> None:
    """Compare every segment's columns with its header, row by row."""
    ids = list(Segment.objects.order_by("id").values_list("id", flat=True))
    bodies = set(SegmentBody.objects.values_list("segment_id", flat=True))
    for number, name in enumerate(ids):
        if name not in bodies:
            findings.add("the rows of the segment are missing", fact=name)
            continue
        verify_segment(SegmentBody.objects.select_related("segment").get(segment=name), findings)
        progress(done + number + 1, total)


def verify_segment(body: SegmentBody, findings: Findings) -> None:
    """Recompute a segment's rows, chunk roots and root."""
    segment = body.segment
    if sha256(bytes(body.columns)).digest() != bytes(body.sha256):
        findings.add("the packed rows and their hash differ", entry=segment.seq, fact=segment.id)
    try:
        header = orjson.loads(bytes(segment.canonical))
        columns = unpack(bytes(body.columns))
        hashes = row_hashes(frame_of(bytes(segment.canonical)), columns)
    except (pa.ArrowException, AmendsError, KeyError, ValueError, OSError) as error:
        findings.add(f"the segment cannot be read ({error})", entry=segment.seq, fact=segment.id)
        return
    chunks = chunk_roots(hashes)
    stored = bytes(segment.chunks)
    if b"".join(chunks) != stored:
        _name_rows(segment, chunks, stored, findings)
    if root_of(chunks).hex() != header["root"] or len(hashes) != header["rows"]:
        findings.add(
            "the rows do not give the root in the segment's header",
            entry=segment.seq,
            fact=segment.id,
        )


def _name_rows(segment: Segment, chunks: list[bytes], stored: bytes, findings: Findings) -> None:
    for number, computed in enumerate(chunks):
        if stored[number * HASH_BYTES : (number + 1) * HASH_BYTES] != computed:
            first = number * CHUNK_ROWS
            last = min(first + CHUNK_ROWS, segment.rows) - 1
            findings.add(
                f"rows {first} to {last} of the segment and their hash differ",
                entry=segment.seq,
                fact=segment.id,
            )
    if len(stored) > len(chunks) * HASH_BYTES:
        findings.add("rows of the segment are missing", entry=segment.seq, fact=segment.id)
