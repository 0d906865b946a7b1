"""What the ledger holds and how well it is covered, in a few cheap queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Sum

from amends.platform.kit.periods import from_ms, to_ms
from amends.record.facts.coverage import EVERYONE, CoverageClaim, coverage_of
from amends.record.ledger.models import Checkpoint, CoverageStatement, Segment, SingleFact
from amends.record.ledger.queries.cosignatures import newest_witnessed

COUNTED = 999
_FRESH_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much is on record.

    entries     leaves of the tree under the newest checkpoint
    rows        facts in segments
    waiting     facts recorded and not numbered yet, counted no further than `COUNTED` + 1
    """

    entries: int
    rows: int
    segments: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint, and the size of the newest one that a witness signed."""

    size: int
    root: str
    signed_at: datetime
    witnessed_size: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Kinds of facts of one source that are covered alike in a period.

    scopes          whom the statements are about: "all", or areas and brands
    covered_share   0 to 1 of the period, the mean over the scopes
    gaps            (scope, start, end)
    last_at         until when the source has stated anything
    """

    source: str
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    covered_share: float
    gaps: tuple[tuple[str, datetime, datetime], ...]
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RunningFeed:
    """A source that states its coverage as time goes on, and until when it has stated anything."""

    source: str
    kind: str
    last_at: datetime


def size() -> Size:
    """What the ledger holds."""
    sums = Segment.objects.aggregate(rows=Sum("rows"))
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return Size(
        entries=newest or 0,
        rows=sums["rows"] or 0,
        segments=Segment.objects.count(),
        waiting=SingleFact.objects.filter(seq__isnull=True)[: COUNTED + 1].count(),
    )


def oldest_waiting() -> datetime | None:
    """When the oldest fact that has no number yet was recorded; None where none waits.

    Ids are ordered by time, so the first of the few that wait stands for all of them.
    """
    waiting = SingleFact.objects.filter(seq__isnull=True).order_by("id")
    recorded_ms = list(waiting.values_list("recorded_at_ms", flat=True)[: COUNTED + 1])
    return from_ms(min(recorded_ms)) if recorded_ms else None


def newest_checkpoint() -> Signed | None:
    """The newest checkpoint, None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    return Signed(
        size=row.size,
        root=bytes(row.root).hex(),
        signed_at=from_ms(row.signed_at_ms),
        witnessed_size=newest_witnessed(),
        note=row.note,
    )


def feeds(*, start: datetime, end: datetime) -> list[Feed]:
    """How each source covers its kinds in `[start, end)`, the worst first."""
    start_ms, end_ms = to_ms(start), to_ms(end)
    rows = CoverageStatement.objects.filter(from_ms__lt=end_ms, to_ms__gt=start_ms).values_list(
        "fact_id", "source", "kind", "scope", "from_ms", "to_ms", "complete", "recorded_at_ms"
    )
    grouped: dict[tuple[str, str], list[CoverageClaim]] = {}
    for row in rows.order_by("recorded_at_ms", "fact_id"):
        statement = CoverageClaim(*row)
        grouped.setdefault((statement.source, statement.kind), []).append(statement)
    kinds_by_coverage: dict[tuple[Any, ...], list[str]] = {}
    for (source, kind), statements in grouped.items():
        covered = _covered(source, kind, statements, start_ms, end_ms)
        kinds_by_coverage.setdefault(covered, []).append(kind)
    source_feeds = [
        Feed(
            source=source,
            kinds=tuple(sorted(kinds)),
            scopes=scopes,
            covered_share=covered_share,
            gaps=gaps,
            last_at=last_at,
        )
        for (source, scopes, covered_share, gaps, last_at), kinds in kinds_by_coverage.items()
    ]
    return sorted(source_feeds, key=lambda feed: (feed.covered_share, feed.source, feed.kinds))


def running_feeds(*, start: datetime, end: datetime) -> list[RunningFeed]:
    """Feeds that stated something about `[start, end)` within a week of it, silent or not since.

    A past that was brought in once, long after, makes no feed: nobody waits for its next word.
    """
    end_ms = to_ms(end)
    rows = (
        CoverageStatement.objects.filter(
            to_ms__gt=to_ms(start),
            from_ms__lt=end_ms,
            recorded_at_ms__lt=F("to_ms") + _FRESH_MS,
        )
        .values_list("source", "kind")
        .annotate(last_ms=Max("to_ms"))
        .order_by("source", "kind")
    )
    return [
        RunningFeed(source, kind, from_ms(min(last_ms, end_ms))) for source, kind, last_ms in rows
    ]


def _covered(
    source: str, kind: str, statements: list[CoverageClaim], start_ms: int, end_ms: int
) -> tuple[Any, ...]:
    stated = {statement.scope for statement in statements if statement.complete}
    scopes = (EVERYONE,) if EVERYONE in stated or not stated else tuple(sorted(stated))
    gaps: list[tuple[str, datetime, datetime]] = []
    missing = 0
    for scope in scopes:
        answer = coverage_of(kind, statements, scopes={scope}, start_ms=start_ms, end_ms=end_ms)
        missing += sum(last - first for first, last in answer.gaps)
        gaps += [(scope, first, last) for first, last in answer.gap_periods]
    until = from_ms(min(max(statement.to_ms for statement in statements), end_ms))
    covered_share = 1 - missing / (end_ms - start_ms) / len(scopes)
    return source, scopes, round(covered_share, 6), tuple(gaps), until


def sample(count: int) -> list[str]:
    """Ids of some numbered facts, spread over the log: for checking it on a page."""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    if not newest:
        return []
    steps = range(0, newest, max(newest // count, 1))
    rows = SingleFact.objects.filter(seq__in=list(steps)[:count]).order_by("seq")
    return list(rows.values_list("id", flat=True))
