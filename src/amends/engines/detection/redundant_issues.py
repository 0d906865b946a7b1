"""Which issues of a list say no more than another of it: a class and an area of the same batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amends.engines.detection.attribution import Carrier
from amends.engines.detection.issues import Issue

Part = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RedundantIssue:
    """An issue, what its series is about (dimension, value), and the parts that carry it."""

    issue: Issue
    own: Part
    parts: tuple[Part, ...]


def parts(own: Part, carried: Sequence[Carrier]) -> tuple[Part, ...]:
    """The parts that carry an issue, each with what its series is about."""
    carried_parts = tuple(
        own.union(carrier.values) if len(own) < 2 else Part(carrier.values) for carrier in carried
    )
    return carried_parts or ((own,) if own else ())


def explained(told_issues: Sequence[RedundantIssue]) -> list[int | None]:
    """Of each issue the place of the one that explains it, None of those that stand by themselves.

    An issue is explained by one of the same time whose parts hold each of its own; of equals the
    wider series explains.

    >>> north, line = ("area", "north"), ("class", "line")
    >>> both = (frozenset({north, line}),)
    >>> explained([RedundantIssue(Issue(2, 5, 6, 2), frozenset({north}), both),
    ...            RedundantIssue(Issue(0, 5, 5, 1), frozenset(), both),
    ...            RedundantIssue(Issue(3, 1, 1, 1), frozenset({north}), (frozenset({north}),))])
    [1, None, None]
    """
    explained_by: list[int | None] = [None] * len(told_issues)
    order = sorted(range(len(told_issues)), key=lambda at: (len(told_issues[at].own), at))
    roots: list[int] = []
    for at in order:
        by = next((root for root in roots if _explains(told_issues[root], told_issues[at])), None)
        explained_by[at] = by
        if by is None:
            roots.append(at)
    return explained_by


def _explains(first: RedundantIssue, second: RedundantIssue) -> bool:
    overlaps = first.issue.first <= second.issue.last and second.issue.first <= first.issue.last
    return (
        overlaps
        and bool(first.parts)
        and bool(second.parts)
        and all(any(part <= own for part in first.parts) for own in second.parts)
    )
