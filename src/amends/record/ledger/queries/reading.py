"""Reading facts back, from single rows and from segments alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from amends.platform.database.prepared_queries import PreparedQuery
from amends.record.facts.stored import StoredFact
from amends.record.ledger.models import Segment, SegmentIndex, SegmentPart, SingleFact
from amends.record.ledger.rules import lookup
from amends.record.ledger.rules.parts import (
    KEPT_PARTS,
    part_id,
    rows_within,
    unpack_cached,
    unpack_whole,
)
from amends.record.ledger.rules.rows import (
    Frame,
    fact_id,
    row_hash,
    row_hashes,
    stated_rows,
)
from amends.record.ledger.rules.segment_groups import PLACES, place_of, rows_together

# SQLite takes 999 parameters in one statement: two for each key, and a few kinds and times.
_AT_ONCE = 450
# A block takes up to a kilobyte a segment: enough of them in one statement to ask seldom, few
# enough for the memory of a service whose ledger has a thousand segments.
_BUCKETS_AT_ONCE = 16
# Up to so many rows are hashed one by one; columns cost more to set up.
_FEW = 100
# Up to so many keys the statement is kept: a page asks about one person, a job about hundreds.
_KEPT = 2


@dataclass(frozen=True, slots=True)
class FactSearch:
    """Whose facts, of which kinds, happening in `[start_ms, end_ms)`."""

    keys: Collection[str]
    by_subject: bool
    kinds: Collection[str] | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def column(self) -> str:
        """The column the keys are sought in."""
        return "subject" if self.by_subject else "subscriber"

    @property
    def shape(self) -> QueryShape:
        """What is the same in every search of this kind."""
        kinds = None if self.kinds is None else tuple(sorted(self.kinds))
        return QueryShape(
            column=self.column,
            kinds=kinds,
            starts=self.start_ms is not None,
            ends=self.end_ms is not None,
        )


@dataclass(frozen=True, slots=True)
class QueryShape:
    """What a search has in common with others, so that their statements read the same."""

    column: str
    kinds: tuple[str, ...] | None
    starts: bool
    ends: bool

    @property
    def times(self) -> int:
        """How many times it names."""
        return self.starts + self.ends


def read(search: FactSearch) -> list[StoredFact]:
    """The facts sought, in order of happening, then of id."""
    if not search.keys:
        return []
    stored_facts = [*_singles(search), *_rows(search)]
    return sorted(stored_facts, key=lambda fact: (fact.happened_at_ms, fact.id))


def _singles(search: FactSearch) -> Iterator[StoredFact]:
    times = [time for time in (search.start_ms, search.end_ms) if time is not None]
    for keys in batches(search.keys):
        stored: list[Any] = [lookup.stored_key(key) for key in keys]
        if len(keys) > _KEPT:
            rows = _asked_of_singles(search.shape, keys, stored, times)
        else:
            rows = _prepared_singles(search.shape, len(keys)).rows(*keys, *stored, *times)
        for canonical, leaf, seq in rows:
            yield single(bytes(canonical), bytes(leaf), seq)


@lru_cache(maxsize=128)
def _prepared_singles(shape: QueryShape, count: int) -> PreparedQuery:
    def ask(*parameters: Any) -> QuerySet[SingleFact, Any]:
        return _asked_of_singles(
            shape, parameters[:count], parameters[count : 2 * count], parameters[2 * count :]
        )

    return PreparedQuery(ask, texts=count, numbers=count + shape.times)


def _asked_of_singles(
    shape: QueryShape, keys: Sequence[str], stored: Sequence[int], times: Sequence[int]
) -> QuerySet[SingleFact, Any]:
    conditions: dict[str, Any] = {f"{shape.column}__in": keys, f"{shape.column}_key__in": stored}
    if shape.kinds is not None:
        conditions["kind__in"] = shape.kinds
    if shape.starts:
        conditions["happened_at_ms__gte"] = times[0]
    if shape.ends:
        conditions["happened_at_ms__lt"] = times[-1]
    return SingleFact.objects.filter(**conditions).values_list("canonical", "leaf_hash", "seq")


def _rows(search: FactSearch) -> Iterator[StoredFact]:
    rows_by_part: dict[str, list[int]] = defaultdict(list)
    for segment, rows in candidates(search).items():
        for row in sorted(set(rows)):
            rows_by_part[part_id(segment, row)].append(row)
    # More parts than are remembered would only push each other out.
    opened = unpack_cached if len(rows_by_part) <= KEPT_PARTS else unpack_whole
    for ids in batches(rows_by_part):
        parts = SegmentPart.objects.filter(id__in=ids).values_list(
            "id", "columns", "sha256", "segment__canonical", "segment__seq"
        )
        for part, packed, digest, header, seq in parts:
            columns = opened(bytes(packed), bytes(digest))
            row_facts = facts_in(columns, bytes(header), seq, rows_by_part[part])
            yield from (fact for fact in row_facts if _is_sought(fact, search))


def candidates(search: FactSearch) -> dict[str, list[int]]:
    """The segments of the right kinds and times, with the rows that may have one of the keys."""
    times = [time for time in (search.start_ms, search.end_ms) if time is not None]
    rows: dict[str, list[int]] = defaultdict(list)
    rows_by_number: dict[int, list[int]] = defaultdict(list)
    for keys, index_rows in _blocks(search, times):
        own = [
            (segment, block) for segment, _, bucket, block in index_rows if bucket < lookup.BUCKETS
        ]
        for segment, hits in lookup.rows_of(keys, own).items():
            rows[segment] += hits
        group_blocks = [
            (seq, bytes(block)) for _, seq, bucket, block in index_rows if bucket >= PLACES
        ]
        for number, hits in rows_together(keys, group_blocks).items():
            rows_by_number[number] += hits
    for numbers in batches(rows_by_number):
        for segment, number in _segments(search.shape, times).filter(seq__in=numbers):
            rows[segment] += rows_by_number[number]
    return rows


def _blocks(search: FactSearch, times: Sequence[int]) -> Iterator[tuple[list[str], list[Any]]]:
    """Rows of the index, with the keys that are to be sought in them.

    A segment has an index of its own or is in a stretch, for a moment both: of many keys the own
    ones are asked for first, so that none is missed that goes in between.
    """
    keys_by_bucket = defaultdict(list)
    for key in search.keys:
        keys_by_bucket[lookup.bucket_of(key)].append(key)
    if len(search.keys) <= _KEPT:
        buckets = {*keys_by_bucket, *(place_of(key) for key in search.keys)}
        prepared = _prepared_segments(search.shape, search.by_subject, len(buckets))
        yield list(search.keys), prepared.rows(*sorted(buckets), *times)
        return
    for batch in batches(sorted(keys_by_bucket), _BUCKETS_AT_ONCE):
        keys = [key for bucket in batch for key in keys_by_bucket[bucket]]
        yield keys, list(_asked_of_segments(search.shape, search.by_subject, batch, times))
    for keys in batches(search.keys):
        group_numbers = sorted({place_of(key) for key in keys})
        yield keys, list(_asked_of_segments(search.shape, search.by_subject, group_numbers, times))


@lru_cache(maxsize=128)
def _prepared_segments(shape: QueryShape, by_subject: bool, count: int) -> PreparedQuery:
    def ask(*parameters: int) -> QuerySet[SegmentIndex, Any]:
        return _asked_of_segments(shape, by_subject, parameters[:count], parameters[count:])

    return PreparedQuery(ask, texts=0, numbers=count + shape.times)


def _asked_of_segments(
    shape: QueryShape, by_subject: bool, buckets: Sequence[int], times: Sequence[int]
) -> QuerySet[SegmentIndex, Any]:
    fitting = {f"segment__{name}": value for name, value in _fits(shape, times).items()}
    # `by_subject=False` would be written NOT by_subject, for which SQLite reads the whole table.
    rows = SegmentIndex.objects.filter(bucket__in=buckets, by_subject__in=[by_subject])
    if fitting:
        # A stretch holds segments of all kinds and times: they are chosen among what is found.
        rows = rows.filter(Q(bucket__gte=PLACES) | Q(**fitting))
    return rows.values_list("segment_id", "segment__seq", "bucket", "block")


def _segments(shape: QueryShape, times: Sequence[int]) -> QuerySet[Segment, Any]:
    return Segment.objects.filter(**_fits(shape, times)).values_list("id", "seq")


def _fits(shape: QueryShape, times: Sequence[int]) -> dict[str, Any]:
    """What a segment must be to hold what is sought."""
    conditions: dict[str, Any] = {}
    if shape.kinds is not None:
        conditions["kind__in"] = shape.kinds
    if shape.starts:
        conditions["last_happened_at_ms__gte"] = times[0]
    if shape.ends:
        conditions["first_happened_at_ms__lt"] = times[-1]
    return conditions


def _is_sought(fact: StoredFact, search: FactSearch) -> bool:
    key = fact.subject if search.by_subject else fact.subscriber
    return (
        key in search.keys
        and (search.start_ms is None or fact.happened_at_ms >= search.start_ms)
        and (search.end_ms is None or fact.happened_at_ms < search.end_ms)
    )


def single(canonical: bytes, leaf: bytes, seq: int | None) -> StoredFact:
    """The fact its canonical bytes state; the columns beside them are not believed."""
    stated = orjson.loads(canonical)
    return StoredFact(
        id=stated["id"],
        kind=stated["kind"],
        version=stated["version"],
        subscriber=stated["subscriber"],
        subject=stated["subject"],
        happened_at_ms=stated["happened_at_ms"],
        recorded_at_ms=stated["recorded_at_ms"],
        source=stated["source"],
        payload=stated["payload"],
        leaf_hash=leaf,
        seq=seq,
    )


def frame_of(header: bytes) -> Frame:
    """What a segment's header says of all its rows."""
    stated = orjson.loads(header)
    return Frame(
        segment=stated["segment"],
        kind=stated["kind"],
        version=stated["version"],
        source=stated["source"],
        recorded_at_ms=stated["recorded_at_ms"],
    )


def facts_in(
    part: Any, header: bytes, seq: int | None, rows: Sequence[int]
) -> Iterator[StoredFact]:
    """The facts in some rows (in order) of a segment's unpacked part."""
    frame = frame_of(header)
    columns = rows_within(part, rows)
    stated = list(stated_rows(columns))
    if len(rows) > _FEW:
        leaves = row_hashes(frame, columns, rows)
    else:
        leaves = [row_hash(frame, *numbered_row) for numbered_row in zip(rows, stated, strict=True)]
    for number, row, leaf in zip(rows, stated, leaves, strict=True):
        happened_at_ms, subject, subscriber, payload = row
        yield StoredFact(
            id=fact_id(frame.segment, number),
            kind=frame.kind,
            version=frame.version,
            subscriber=subscriber,
            subject=subject,
            happened_at_ms=happened_at_ms,
            recorded_at_ms=frame.recorded_at_ms,
            source=frame.source,
            payload=payload,
            leaf_hash=leaf,
            seq=seq,
            segment=frame.segment,
            row=number,
        )


def batches(keys: Iterable[Any], at_once: int = _AT_ONCE) -> Iterator[list[Any]]:
    """Keys in lists short enough for one statement."""
    remaining = iter(keys)
    while batch := list(islice(remaining, at_once)):
        yield batch
