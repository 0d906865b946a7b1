"""Give segments indexed together indexes of their own again: a version before knows no other."""

from __future__ import annotations

from django.db import transaction

from amends.kit.slices import slices
from amends.ledger.actions.append_segment import insert_index
from amends.ledger.actions.index_together import Stretch, stretches
from amends.ledger.models import Segment, SegmentIndex
from amends.ledger.rules.lookup import BUCKETS
from amends.ledger.rules.stretches import MARK, PLACES, unfolded

_SEGMENTS_AT_ONCE = 100


def index_apart() -> int:
    """Index every segment apart from the others; how many stretches there were.

    One transaction a stretch. Nothing may index together meanwhile. Raises ValueError for a stretch
    that is not one (`amends ledger verify --deep` names its segments).
    """
    found = stretches()
    for stretch in found:
        with transaction.atomic():
            _apart(stretch)
    return len(found)


def _apart(stretch: Stretch) -> None:
    inside = Segment.objects.filter(seq__range=(stretch.seq, stretch.last_seq))
    by_offset = {seq - stretch.seq: segment for segment, seq in inside.values_list("id", "seq")}
    both = SegmentIndex.objects.filter(by_subject__in=[False, True])
    shared = both.filter(bucket__range=(PLACES, MARK), segment=stretch.segment)
    for some in slices(list(by_offset.values()), _SEGMENTS_AT_ONCE):
        # Of a stretch that did not stand alone yet some have their own still.
        both.filter(bucket__in=range(BUCKETS), segment__in=some).delete()
    for by_subject in (False, True):
        rows = shared.filter(by_subject__in=[by_subject], bucket__lt=MARK)
        blocks = [(place, bytes(block)) for place, block in rows.values_list("bucket", "block")]
        for offset, own in unfolded(blocks).items():
            insert_index([(by_subject, at, by_offset[offset], one) for at, one in own.items()])
    shared.delete()
