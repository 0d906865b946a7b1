"""The index of segments, made again from their rows and compared with the stored one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from amends.platform.kit.errors import gettext_noop as _
from amends.record.ledger.actions.append_segment import index_rows
from amends.record.ledger.actions.verification.findings import Findings
from amends.record.ledger.models import Segment, SegmentIndex, SegmentPart
from amends.record.ledger.rules.lookup import BUCKETS
from amends.record.ledger.rules.parts import UnableToUnpack, unpack
from amends.record.ledger.rules.segment_groups import MARK, PLACES, Reach, blocks_together

Blocks = dict[tuple[bool, int], bytes]
"""Blocks by (by subject, bucket)."""
_DIFFERS = _("the index by which the segment's rows are found is not the one its rows give")


def verify_indexes(findings: Findings) -> None:
    """Compare every row of the index: of segments alone, of stretches, and of one being filled."""
    rows, last_covered = 0, -1
    of_stretches = SegmentIndex.objects.filter(
        by_subject__in=[False, True], bucket__range=(PLACES, MARK)
    )
    anchors = set(of_stretches.values_list("segment_id", flat=True).distinct())
    for segment in Segment.objects.order_by("seq", "id").iterator(chunk_size=100):
        own = _own(segment.id)
        shared = _shared(segment.id) if segment.id in anchors else {}
        rows += len(own) + len(shared)
        seq = -1 if segment.seq is None else segment.seq
        if shared:
            last_covered = max(last_covered, _verify_stretch(segment, shared, findings))
        if not own and 0 <= seq <= last_covered:
            continue  # its stretch stands for it
        expected = _expected(segment)
        if expected is not None and expected != own:
            findings.add(_DIFFERS, entry=segment.seq, fact=segment.id)
    if (stored := SegmentIndex.objects.count()) != rows:
        findings.add(
            _("%(count)s rows of the index belong to no segment or to no block"),
            count=stored - rows,
        )


def _verify_stretch(anchor: Segment, stored: Blocks, findings: Findings) -> int:
    """Compare a stretch with the segments it begins at `anchor`; the last number it reaches.

    One without a mark is still being filled: what there is of it must be right so far.
    """
    seq = anchor.seq or 0
    mark = stored.pop((False, MARK), None)
    try:
        reach = None if mark is None else Reach.of(mark)
    except ValueError:
        findings.add(
            _("the index does not say how far the segments reach that it stands for"),
            entry=anchor.seq,
            fact=anchor.id,
        )
        return -1
    last = _last_offset(stored) if reach is None else reach.last
    parts: dict[bool, list[tuple[int, bytes]]] = {False: [], True: []}
    inside = Segment.objects.filter(seq__range=(seq, seq + last)).order_by("seq")
    alone, numbers = True, []
    for segment in inside.iterator(chunk_size=100):
        numbers.append(segment.seq)
        alone = alone and not _own(segment.id)
        for (by_subject, _bucket), block in (_expected(segment) or {}).items():
            parts[by_subject].append((segment.seq - seq, block))
    expected = {
        (by_subject, block_key): block
        for by_subject, own in parts.items()
        for block_key, block in blocks_together(own).items()
    }
    if reach is None:
        is_right = all(expected.get(block_key) == block for block_key, block in stored.items())
    else:
        is_right = (
            stored == expected
            and reach.alone == alone
            and mark == reach.stored()
            and numbers[-1:] == [seq + last]
        )
    if not is_right or anchor.seq is None:
        findings.add(_DIFFERS, entry=anchor.seq, fact=anchor.id)
    return -1 if reach is None else seq + last


def _last_offset(stored: Blocks) -> int:
    """The furthest segment that blocks of a stretch speak of."""
    return max((offset for block in stored.values() for offset in _offsets(block)), default=0)


def _offsets(block: bytes) -> Iterator[int]:
    count = len(block) // 10
    for at in range(4 * count, 8 * count, 4):
        yield int.from_bytes(block[at : at + 4], "little")


def _expected(segment: Segment) -> Blocks | None:
    """What the rows of a segment give; None where they cannot be read, which is told elsewhere."""
    parts = SegmentPart.objects.filter(segment=segment).order_by("id")
    try:
        columns = unpack([bytes(part) for part in parts.values_list("columns", flat=True)])
        return {row[:2]: row[3] for row in index_rows(segment.id, columns)}
    except (UnableToUnpack, KeyError):
        return None


def _own(segment: str) -> Blocks:
    return _blocks(segment, bucket__in=range(BUCKETS))


def _shared(segment: str) -> Blocks:
    return _blocks(segment, bucket__range=(PLACES, MARK))


def _blocks(segment: str, **buckets: Any) -> Blocks:
    rows = SegmentIndex.objects.filter(by_subject__in=[False, True], segment=segment, **buckets)
    return {
        (bool(by_subject), bucket): bytes(block)
        for by_subject, bucket, block in rows.values_list("by_subject", "bucket", "block")
    }
