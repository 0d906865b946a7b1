"""What the ledger holds and how well it is covered, in a few cheap queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from amends.facts.coverage import EVERYONE, Statement, coverage_of
from amends.kit.periods import from_ms, to_ms
from amends.ledger.models import Checkpoint, CoverageStatement, Segment, SingleFact

COUNTED = 999


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
    """The newest checkpoint."""

    size: int
    root: str
    signed_at: datetime
    witnesses: int
    note: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of fact of one source in a period.

    covered_share   0 to 1 of the period for everyone; gaps are moments
    last_at         until when the source has stated anything
    """

    source: str
    kind: str
    covered_share: float
    gaps: tuple[tuple[datetime, datetime], ...]
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


def newest_checkpoint() -> Signed | None:
    """The newest checkpoint, None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    return Signed(
        row.size,
        bytes(row.root).hex(),
        from_ms(row.signed_at_ms),
        row.cosignature_set.count(),
        row.note,
    )


def feeds(*, start: datetime, end: datetime) -> list[Feed]:
    """How each source covers each of its kinds in `[start, end)`, the worst first."""
    start_ms, end_ms = to_ms(start), to_ms(end)
    rows = CoverageStatement.objects.filter(from_ms__lt=end_ms, to_ms__gt=start_ms).values_list(
        "fact_id", "source", "kind", "scope", "from_ms", "to_ms", "complete", "recorded_at_ms"
    )
    grouped: dict[tuple[str, str], list[Statement]] = {}
    for row in rows.order_by("recorded_at_ms", "fact_id"):
        statement = Statement(*row)
        grouped.setdefault((statement.source, statement.kind), []).append(statement)
    found = []
    for (source, kind), statements in grouped.items():
        answer = coverage_of(kind, statements, scopes={EVERYONE}, start_ms=start_ms, end_ms=end_ms)
        missing = sum(last - first for first, last in answer.gaps)
        found.append(
            Feed(
                source,
                kind,
                1 - missing / (end_ms - start_ms),
                answer.gap_periods,
                from_ms(min(max(one.to_ms for one in statements), end_ms)),
            )
        )
    return sorted(found, key=lambda feed: (feed.covered_share, feed.source, feed.kind))


def sample(count: int) -> list[str]:
    """Ids of some numbered facts, spread over the log: for checking it on a page."""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    if not newest:
        return []
    steps = range(0, newest, max(newest // count, 1))
    rows = SingleFact.objects.filter(seq__in=list(steps)[:count]).order_by("seq")
    return list(rows.values_list("id", flat=True))
