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
    found = tuple(own.union(one.values) if len(own) < 2 else Part(one.values) for one in carried)
    return found or ((own,) if own else ())


def explained(told: Sequence[RedundantIssue]) -> list[int | None]:
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
    found: list[int | None] = [None] * len(told)
    order = sorted(range(len(told)), key=lambda at: (len(told[at].own), at))
    roots: list[int] = []
    for at in order:
        by = next((root for root in roots if _explains(told[root], told[at])), None)
        found[at] = by
        if by is None:
            roots.append(at)
    return found


def _explains(one: RedundantIssue, other: RedundantIssue) -> bool:
    together = one.issue.first <= other.issue.last and other.issue.first <= one.issue.last
    return (
        together
        and bool(one.parts)
        and bool(other.parts)
        and all(any(part <= own for part in one.parts) for own in other.parts)
    )
