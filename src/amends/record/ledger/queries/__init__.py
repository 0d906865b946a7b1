"""What other apps may ask the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import Max

from amends.platform.database.prepared_queries import PreparedQuery
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import to_ms
from amends.record.facts.coverage import EVERYONE, Coverage, CoverageClaim, coverage_of
from amends.record.facts.stored import StoredFact
from amends.record.ledger.models import CoverageStatement, SingleFact
from amends.record.ledger.queries.columns import columns_of
from amends.record.ledger.queries.proofs import (
    checkpoint_chain,
    checkpoint_note,
    consistency_proof,
    inclusion_proof,
    proof_bundle,
    signed_document,
)
from amends.record.ledger.queries.reading import FactSearch, read, single
from amends.record.ledger.refusals import UnableToProve

__all__ = [
    "Coverage",
    "StoredFact",
    "UnableToProve",
    "checkpoint_chain",
    "checkpoint_note",
    "columns_of",
    "consistency_proof",
    "coverage",
    "coverage_many",
    "facts_about",
    "facts_about_many",
    "facts_on",
    "inclusion_proof",
    "known_ids",
    "newest_number",
    "numbered_after",
    "proof_bundle",
    "signed_document",
    "single_facts",
    "stated_since",
]


def facts_about(
    subscriber: str,
    *,
    kinds: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[StoredFact]:
    """The facts about one subscriber that happened in `[start, end)`, in order of happening."""
    return facts_about_many([subscriber], kinds=kinds, start=start, end=end)[subscriber]


def facts_about_many(
    subscribers: Iterable[str],
    *,
    kinds: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> dict[str, list[StoredFact]]:
    """The facts about each of `subscribers`; one with none has an empty list.

    The pseudonym "" concerns nobody and finds nothing.
    """
    wanted = set(subscribers)
    stored_facts = read(
        FactSearch(
            keys=wanted - {""}, by_subject=False, kinds=kinds, start_ms=_ms(start), end_ms=_ms(end)
        )
    )
    grouped: dict[str, list[StoredFact]] = defaultdict(
        list, {subject_key: [] for subject_key in wanted}
    )
    for fact in stored_facts:
        grouped[fact.subscriber].append(fact)
    return dict(grouped)


def facts_on(
    subjects: str | Iterable[str],
    *,
    kinds: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[StoredFact]:
    """The facts on services, offers, areas or cases in `[start, end)`, in order of happening."""
    wanted = {subjects} if isinstance(subjects, str) else set(subjects)
    return read(
        FactSearch(
            keys=wanted - {""}, by_subject=True, kinds=kinds, start_ms=_ms(start), end_ms=_ms(end)
        )
    )


def coverage(
    kinds: Iterable[str],
    *,
    scope: str | Collection[str] = EVERYONE,
    start: datetime,
    end: datetime,
) -> list[Coverage]:
    """For each kind: is its absence in `[start, end)` evidence, and where are the gaps?

    scope   what the question concerns: "all", or every scope the person is within, e.g.
            `{"area:north", "brand:plum"}`
    """
    scopes = frozenset({scope} if isinstance(scope, str) else scope)
    return coverage_many(kinds, {scopes: (start, end)})[scopes]


def coverage_many(
    kinds: Iterable[str], periods: Mapping[frozenset[str], tuple[datetime, datetime]]
) -> dict[frozenset[str], list[Coverage]]:
    """`coverage` for several sets of scopes, each with its own start and end, in one statement."""
    wanted = list(dict.fromkeys(kinds))
    spans = {
        scopes: {"start_ms": to_ms(start), "end_ms": to_ms(end)}
        for scopes, (start, end) in periods.items()
    }
    if not spans:
        return {}
    stated: dict[str, list[CoverageClaim]] = defaultdict(list)
    for row in _statements(tuple(sorted(wanted))).rows(
        max(span["end_ms"] for span in spans.values()),
        min(span["start_ms"] for span in spans.values()),
    ):
        stated[row[2]].append(CoverageClaim(*row))
    return {
        scopes: [coverage_of(kind, stated[kind], scopes=scopes, **span) for kind in wanted]
        for scopes, span in spans.items()
    }


def stated_since(moment: datetime) -> list[tuple[int, int, int]]:
    """What sources stated since a moment of how complete their records are.

    When it was recorded, and from when to when the records it speaks of reach; milliseconds UTC.
    """
    rows = CoverageStatement.objects.filter(recorded_at_ms__gt=to_ms(moment))
    return list(
        rows.order_by("recorded_at_ms", "from_ms", "to_ms")
        .values_list("recorded_at_ms", "from_ms", "to_ms")
        .distinct()
    )


def any_coverage() -> bool:
    """Whether any source has stated how complete its records are."""
    return CoverageStatement.objects.exists()


@lru_cache(maxsize=64)
def _statements(kinds: tuple[str, ...]) -> PreparedQuery:
    """The statements on these kinds that begin before a time and end after another."""
    return PreparedQuery(
        lambda end_ms, start_ms: (
            CoverageStatement.objects.filter(kind__in=kinds, from_ms__lt=end_ms, to_ms__gt=start_ms)
            .order_by("recorded_at_ms", "fact_id")
            .values_list(
                "fact_id",
                "source",
                "kind",
                "scope",
                "from_ms",
                "to_ms",
                "complete",
                "recorded_at_ms",
            )
        ),
        texts=0,
        numbers=2,
    )


def known_ids(ids: Iterable[str]) -> set[str]:
    """Those of `ids` under which a single fact is on record."""
    wanted = list(ids)
    existing_ids: set[str] = set()
    for part in slices(wanted):
        fact_rows = SingleFact.objects.filter(id__in=part)
        existing_ids.update(fact_rows.values_list("id", flat=True))
    return existing_ids


def single_facts(ids: Iterable[str]) -> list[StoredFact]:
    """The single facts with these ids, in order of happening; ids of no fact are passed over."""
    wanted = list(ids)
    stored_facts: list[StoredFact] = []
    for part in slices(wanted):
        fact_rows = SingleFact.objects.filter(id__in=part)
        stored_facts += [
            single(bytes(canonical), bytes(leaf), seq)
            for canonical, leaf, seq in fact_rows.values_list("canonical", "leaf_hash", "seq")
        ]
    return sorted(stored_facts, key=lambda fact: (fact.happened_at_ms, fact.id))


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def newest_number() -> int:
    """The number of the newest single fact that has one; -1 for none."""
    newest = SingleFact.objects.aggregate(newest=Max("seq"))["newest"]
    return -1 if newest is None else int(newest)


def numbered_after(
    number: int, *, kinds: Collection[str], window: int = 5_000
) -> tuple[list[StoredFact], int]:
    """Single facts of some kinds whose numbers follow `number`, and up to which number they reach.

    Reads at most `window` numbers on: whoever wants all calls again with the number returned.
    Numbers are given in one order and never back, so that a reader of numbers misses nothing.
    """
    last = min(newest_number(), number + window)
    if last <= number:
        return [], number
    rows = SingleFact.objects.filter(seq__gt=number, seq__lte=last, kind__in=kinds)
    stored_facts = [
        single(bytes(canonical), bytes(leaf), seq)
        for canonical, leaf, seq in rows.order_by("seq").values_list(
            "canonical", "leaf_hash", "seq"
        )
    ]
    return stored_facts, last
