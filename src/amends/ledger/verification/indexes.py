"""What the stored indexes say of a segment: its own blocks, or those of the stretch it is in."""

from __future__ import annotations

from amends.ledger.actions.index_together import Stretch, stretches
from amends.ledger.models import Segment, SegmentIndex
from amends.ledger.rules.lookup import BUCKETS
from amends.ledger.rules.stretches import MARK, PLACES, unfolded

Blocks = dict[tuple[bool, int], bytes]
"""Blocks of a segment by (by subject, bucket)."""


class Indexes:
    """The indexes of segments asked for in any order; the last stretch read is kept."""

    def __init__(self) -> None:
        self._read: Stretch | None = None
        self._blocks: dict[tuple[bool, int], dict[int, bytes]] = {}

    def of(self, segment: Segment) -> Blocks:
        """The blocks of a segment. Raises ValueError where a stretch is not one."""
        own = SegmentIndex.objects.filter(
            by_subject__in=[False, True], bucket__in=range(BUCKETS), segment=segment
        )
        rows = own.values_list("by_subject", "bucket", "block")
        if found := {(by_subject, bucket): bytes(block) for by_subject, bucket, block in rows}:
            return found
        if segment.seq is None or not self._reaches(segment.seq):
            return {}
        offset = segment.seq - (self._read.seq if self._read else 0)
        return {
            (by_subject, bucket): block
            for by_subject in (False, True)
            for bucket, block in self._blocks.get((by_subject, offset), {}).items()
        }

    def _reaches(self, seq: int) -> bool:
        """Whether a stretch reaches over a number; it is read then."""
        if self._read is not None and self._read.seq <= seq <= self._read.last_seq:
            return True
        for one in stretches():
            if one.seq <= seq <= one.last_seq:
                self._blocks = {
                    (by_subject, offset): blocks
                    for by_subject in (False, True)
                    for offset, blocks in unfolded(_stored(one, by_subject)).items()
                }
                self._read = one
                return True
        return False


def _stored(stretch: Stretch, by_subject: bool) -> list[tuple[int, bytes]]:
    rows = SegmentIndex.objects.filter(
        by_subject__in=[by_subject], bucket__range=(PLACES, MARK - 1), segment=stretch.segment
    )
    return [(place, bytes(block)) for place, block in rows.values_list("bucket", "block")]
