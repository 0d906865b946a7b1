"""Index a stretch of the log's segments together, so that a fact is found in as little as ever.

A stretch is filled beside the indexes its segments have of their own, and these go only when it is
whole: whoever seeks a fact in between finds it twice and counts it once. A process that dies leaves
a stretch half filled, which is begun anew, or indexes not yet gone, which go the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from django.db import transaction

from amends.platform.database import lease
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions.append_segment import insert_index
from amends.record.ledger.models import Segment, SegmentIndex
from amends.record.ledger.rules.lookup import BUCKETS
from amends.record.ledger.rules.segment_groups import MARK, PLACES, Reach, blocks_together

LEASE_NAME = "index"
FEWEST_ROWS, MOST_ROWS = 500_000, 1_000_000
"""A stretch is begun once so many rows are numbered and not in one, and ends with so many."""
_SEGMENTS_AT_ONCE = 100
# On SQLite others wait for each of these: about ten milliseconds.
_BLOCKS_AT_ONCE, _GOING_AT_ONCE = 500, 8
_OWN = range(BUCKETS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch as it is stored: its first segment, that segment's number in the log, its reach."""

    segment: str
    seq: int
    reach: Reach

    @property
    def last_seq(self) -> int:
        """The number of its last segment."""
        return self.seq + self.reach.last


def index_together(
    *, now: datetime, holder: str, fewest: int = FEWEST_ROWS, max_rows: int = MOST_ROWS
) -> int:
    """Index the oldest segments that are numbered and in no stretch; how many, 0 if too few.

    now      the present, for the lease
    holder   a name no other process uses
    fewest   rows that make a stretch; `most`, with which it ends

    Works in short transactions, each of which leaves every fact findable. Call it outside one.
    """
    started, now_ms = monotonic(), to_ms(now)
    if not lease.take(LEASE_NAME, holder, now_ms):
        return 0

    def held() -> None:
        until_ms = now_ms + lease.LEASE_MS + round((monotonic() - started) * 1000)
        lease.renew(LEASE_NAME, holder, until_ms)

    try:
        newest = newest_stretch()
        if newest is not None and not newest.reach.alone:
            _let_go(newest, held)
        chosen = _chosen(newest.last_seq + 1 if newest else 0, max_rows)
        if sum(rows for _, _, rows in chosen) < fewest:
            return 0
        _let_go(_fill([(segment, seq) for segment, seq, _ in chosen], held), held)
        return len(chosen)
    except lease.LeaseLost:
        return 0
    finally:
        lease.give_back(LEASE_NAME, holder)


def stretches() -> list[Stretch]:
    """Every whole stretch, in the order of the log."""
    return list(_stretches())


def newest_stretch() -> Stretch | None:
    """The whole stretch that reaches furthest."""
    return next(_stretches(newest=True), None)


def _stretches(*, newest: bool = False) -> Iterator[Stretch]:
    marks = SegmentIndex.objects.filter(by_subject__in=[False], bucket=MARK)
    rows = marks.order_by("-segment__seq" if newest else "segment__seq")
    for segment, seq, block in rows.values_list("segment_id", "segment__seq", "block"):
        yield Stretch(segment, seq, Reach.of(bytes(block)))


def _chosen(first_seq: int, max_rows: int) -> list[tuple[str, int, int]]:
    """Segments from a number on: id, number, rows, until there are rows enough."""
    chosen_segments, total = [], 0
    numbered = Segment.objects.filter(seq__gte=first_seq).order_by("seq")
    for segment_row in numbered.values_list("id", "seq", "rows").iterator(chunk_size=1000):
        chosen_segments.append(segment_row)
        total += segment_row[2]
        if total >= max_rows:
            break
    return chosen_segments


def _fill(segments: Sequence[tuple[str, int]], ensure_lease: Callable[[], None]) -> Stretch:
    """Write the blocks of a stretch, then that it is whole."""
    anchor, first = segments[0]
    offsets = {segment: seq - first for segment, seq in segments}
    begun = SegmentIndex.objects.filter(
        by_subject__in=[False, True], bucket__gte=PLACES, segment=anchor
    )
    _step(ensure_lease, begun.delete)
    for by_subject in (False, True):
        blocks = blocks_together(list(_own_blocks(offsets, by_subject)))
        rows = [(by_subject, bucket, anchor, block) for bucket, block in blocks.items()]
        for batch in slices(rows, _BLOCKS_AT_ONCE):
            _step(ensure_lease, partial(insert_index, batch))
    reach = Reach(offsets[segments[-1][0]], alone=False)
    _step(ensure_lease, partial(insert_index, [(False, MARK, anchor, reach.stored())]))
    return Stretch(anchor, first, reach)


def _own_blocks(offsets: dict[str, int], by_subject: bool) -> Iterator[tuple[int, bytes]]:
    for batch in slices(list(offsets), _SEGMENTS_AT_ONCE):
        own = SegmentIndex.objects.filter(
            by_subject__in=[by_subject], bucket__in=_OWN, segment__in=batch
        )
        for segment, block in own.values_list("segment_id", "block"):
            yield offsets[segment], bytes(block)


def _let_go(stretch: Stretch, ensure_lease: Callable[[], None]) -> None:
    """Delete the indexes a whole stretch stands for, then say that it stands alone."""
    inside = Segment.objects.filter(seq__range=(stretch.seq, stretch.last_seq)).order_by("seq")
    mark = SegmentIndex.objects.filter(by_subject__in=[False], bucket=MARK, segment=stretch.segment)
    *other_blocks, last = [
        SegmentIndex.objects.filter(
            by_subject__in=[False, True], bucket__in=_OWN, segment__in=batch
        )
        for batch in slices(list(inside.values_list("id", flat=True)), _GOING_AT_ONCE)
    ]
    for own in other_blocks:
        _step(ensure_lease, own.delete)

    def finish() -> None:
        last.delete()
        mark.update(block=Reach(stretch.reach.last, alone=True).stored())

    _step(ensure_lease, finish)


def _step(ensure_lease: Callable[[], None], do: Callable[[], Any]) -> None:
    with transaction.atomic():
        ensure_lease()
        do()
