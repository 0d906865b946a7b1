"""Reading facts back, from single rows and from segments alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

import orjson
from django.db.models import QuerySet

from amends.facts.stored import StoredFact
from amends.ledger.models import SingleFact

# SQLite takes 999 parameters in one statement by default; kinds and times need a few of them.
_AT_ONCE = 500


def read(
    keys: Collection[str],
    *,
    by_subject: bool,
    kinds: Collection[str] | None,
    start_ms: int | None,
    end_ms: int | None,
) -> list[StoredFact]:
    """The facts of these subscribers (or subjects), in order of happening, then of id."""
    found = list(_singles(keys, by_subject, kinds, start_ms, end_ms))
    return sorted(found, key=lambda fact: (fact.happened_at_ms, fact.id))


def _singles(
    keys: Collection[str],
    by_subject: bool,
    kinds: Collection[str] | None,
    start_ms: int | None,
    end_ms: int | None,
) -> Iterator[StoredFact]:
    column = "subject__in" if by_subject else "subscriber__in"
    rows = _within(SingleFact.objects.all(), kinds, start_ms, end_ms)
    remaining = iter(keys)
    while batch := list(islice(remaining, _AT_ONCE)):
        for canonical, leaf, seq in rows.filter(**{column: batch}).values_list(
            "canonical", "leaf_hash", "seq"
        ):
            yield stored(bytes(canonical), bytes(leaf), seq)


def _within(
    rows: QuerySet[SingleFact],
    kinds: Collection[str] | None,
    start_ms: int | None,
    end_ms: int | None,
) -> QuerySet[SingleFact]:
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    if start_ms is not None:
        rows = rows.filter(happened_at_ms__gte=start_ms)
    if end_ms is not None:
        rows = rows.filter(happened_at_ms__lt=end_ms)
    return rows


def stored(canonical: bytes, leaf: bytes, seq: int | None) -> StoredFact:
    """The fact its canonical bytes state; the columns beside them are not believed."""
    stated = orjson.loads(canonical)
    return StoredFact(
        stated["id"],
        stated["kind"],
        stated["version"],
        stated["subscriber"],
        stated["subject"],
        stated["happened_at_ms"],
        stated["recorded_at_ms"],
        stated["source"],
        stated["payload"],
        leaf,
        seq,
    )
