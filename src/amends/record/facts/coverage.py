"""When is absence evidence? Only where a source states that its records are complete.

A source states coverage with `SourceCovered` facts: kinds, scope, from, to, complete or not. Of one
source's statements on a moment the latest recorded holds; of two recorded at once, the gap holds.
A moment is covered if some source says so and no source's last word on it is a gap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from amends.platform.kit.periods import from_ms

EVERYONE = "all"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CoverageClaim:
    """One source's word on one kind: complete, or not, in `[from_ms, to_ms)` for a scope."""

    fact: str
    source: str
    kind: str
    scope: str
    from_ms: int
    to_ms: int
    complete: bool
    recorded_at_ms: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a missing fact of `kind` is evidence in `[start_ms, end_ms)`, and where it is not.

    gaps        the spans, in milliseconds since 1970, in which absence proves nothing
    sources     who stated coverage that counts here
    statements  ids of the `SourceCovered` facts the answer rests on; `spans` what each speaks for
    """

    kind: str
    scopes: tuple[str, ...]
    start_ms: int
    end_ms: int
    gaps: tuple[Span, ...]
    sources: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the whole period is covered: absence is evidence."""
        return not self.gaps

    @property
    def gap_periods(self) -> tuple[tuple[datetime, datetime], ...]:
        """The gaps as moments in UTC."""
        return tuple((from_ms(start), from_ms(end)) for start, end in self.gaps)


def statements_of(
    fact: str, source: str, payload: Mapping[str, str | int], recorded_at_ms: int
) -> list[CoverageClaim]:
    """What a `SourceCovered` fact states, one statement for each of its kinds.

    >>> covered = {"kinds": "ChargeMade,RefundMade", "scope": "all", "from_ms": 0, "to_ms": 9,
    ...            "complete": 1}
    >>> [one.kind for one in statements_of("f1", "billing", covered, 10)]
    ['ChargeMade', 'RefundMade']
    """
    kinds = dict.fromkeys(part.strip() for part in str(payload["kinds"]).split(","))
    return [
        CoverageClaim(
            fact=fact,
            source=source,
            kind=kind,
            scope=str(payload["scope"]),
            from_ms=int(payload["from_ms"]),
            to_ms=int(payload["to_ms"]),
            complete=payload["complete"] == 1,
            recorded_at_ms=recorded_at_ms,
        )
        for kind in kinds
        if kind
    ]


def coverage_of(
    kind: str,
    statements: Iterable[CoverageClaim],
    *,
    scopes: Collection[str],
    start_ms: int,
    end_ms: int,
) -> Coverage:
    """Whether absence of `kind` is evidence for someone within all of `scopes`, and the gaps.

    scopes  what the question concerns: `{"all"}`, or e.g. `{"area:north", "brand:plum"}`. A
            statement of completeness counts if made for everyone or for one of these; a gap also
            counts against a question about everyone, whatever its scope.

    >>> day = CoverageClaim("f1", "crm", "ServiceOrdered", "all", 0, 100, True, 5)
    >>> hole = CoverageClaim("f2", "crm", "ServiceOrdered", "area:north", 40, 50, False, 6)
    >>> asked = {"start_ms": 0, "end_ms": 100}
    >>> coverage_of("ServiceOrdered", [day, hole], scopes={"area:north"}, **asked).gaps
    ((40, 50),)
    >>> coverage_of("ServiceOrdered", [day, hole], scopes={"area:south"}, **asked).complete
    True
    """
    wanted = set(scopes) | {EVERYONE}
    relevant = [
        statement
        for statement in statements
        if statement.kind == kind
        and statement.from_ms < end_ms
        and statement.to_ms > start_ms
        and (statement.scope in wanted or (not statement.complete and EVERYONE in scopes))
    ]
    covered: dict[str, list[Span]] = {}
    missing: dict[str, list[Span]] = {}
    for coverage_statement in sorted(
        relevant, key=lambda each: (each.recorded_at_ms, not each.complete)
    ):
        span = (coverage_statement.from_ms, coverage_statement.to_ms)
        theirs = covered.setdefault(coverage_statement.source, [])
        holes = missing.setdefault(coverage_statement.source, [])
        if coverage_statement.complete:
            covered[coverage_statement.source], missing[coverage_statement.source] = (
                union(theirs, span),
                without(holes, span),
            )
        else:
            covered[coverage_statement.source], missing[coverage_statement.source] = (
                without(theirs, span),
                union(holes, span),
            )
    gaps = [(start_ms, end_ms)] if end_ms > start_ms else []
    for spans in covered.values():
        for span in spans:
            gaps = without(gaps, span)
    for spans in missing.values():
        for start, end in spans:
            gaps = union(gaps, (max(start, start_ms), min(end, end_ms)))
    return Coverage(
        kind=kind,
        scopes=tuple(sorted(scopes)),
        start_ms=start_ms,
        end_ms=end_ms,
        gaps=tuple(gaps),
        sources=tuple(sorted(source for source, spans in covered.items() if spans)),
        statements=tuple(coverage_statement.fact for coverage_statement in relevant),
        spans=tuple(
            (coverage_statement.from_ms, coverage_statement.to_ms)
            for coverage_statement in relevant
        ),
    )


def union(spans: list[Span], added: Span) -> list[Span]:
    """Ordered, disjoint spans together with one more; touching spans join.

    >>> union([(0, 10), (20, 30)], (10, 15))
    [(0, 15), (20, 30)]
    """
    start, end = added
    if end <= start:
        return spans
    # Statements mostly come in the order of the time they speak of.
    if not spans or spans[-1][1] < start:
        return [*spans, added]
    if spans[-1][0] <= start:
        return [*spans[:-1], (spans[-1][0], max(spans[-1][1], end))]
    apart = [span for span in spans if span[1] < start or span[0] > end]
    joined = [span for span in spans if span[1] >= start and span[0] <= end]
    first = min([start, *(span[0] for span in joined)])
    last = max([end, *(span[1] for span in joined)])
    return sorted([*apart, (first, last)])


def without(spans: list[Span], removed: Span) -> list[Span]:
    """Ordered, disjoint spans less one.

    >>> without([(0, 10), (20, 30)], (5, 25))
    [(0, 5), (25, 30)]
    """
    start, end = removed
    if end <= start or not spans:
        return spans
    uncovered: list[Span] = []
    for first, last in spans:
        if last <= start or first >= end:
            uncovered.append((first, last))
            continue
        if first < start:
            uncovered.append((first, start))
        if last > end:
            uncovered.append((end, last))
    return uncovered
