"""Facts by their numbers in the log: for readers that continue where they ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Max

from amends.record.facts.stored import StoredFact
from amends.record.ledger.models import Segment, SegmentPart, SingleFact
from amends.record.ledger.queries.reading import facts_in, single
from amends.record.ledger.rules.parts import PART_ROWS, unpack_whole

_WINDOW = 5_000


def newest_entry() -> int:
    """The number of the newest entry of the log, a fact or a segment; -1 for none."""
    newest = [
        model.objects.aggregate(newest=Max("seq"))["newest"] for model in (SingleFact, Segment)
    ]
    return max(-1 if number is None else int(number) for number in newest)


def facts_numbered(after: int, last: int, *, kinds: Collection[str]) -> Iterator[StoredFact]:
    """All facts of some kinds with numbers from `after` (exclusive) to `last` (inclusive).

    Facts of a segment have its number. Read in windows of 5,000 numbers, in the order of windows;
    within one, single facts come before segments.
    """
    for first in range(after, last, _WINDOW):
        span = {"seq__gt": first, "seq__lte": min(first + _WINDOW, last), "kind__in": kinds}
        rows = SingleFact.objects.filter(**span).order_by("seq")
        for canonical, leaf, seq in rows.values_list("canonical", "leaf_hash", "seq"):
            yield single(bytes(canonical), bytes(leaf), seq)
        segments = Segment.objects.filter(**span).order_by("seq")
        for segment, canonical, seq, count in list(
            segments.values_list("id", "canonical", "seq", "rows")
        ):
            parts = SegmentPart.objects.filter(segment_id=segment).order_by("id")
            for place, (columns, digest) in enumerate(parts.values_list("columns", "sha256")):
                row_numbers = range(place * PART_ROWS, min((place + 1) * PART_ROWS, count))
                unpacked = unpack_whole(bytes(columns), bytes(digest))
                yield from facts_in(unpacked, bytes(canonical), seq, row_numbers)
