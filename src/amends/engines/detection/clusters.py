"""Which places that ran hot at once are one issue, and which rises are only moves.

Places overlap: a batch in one class and area is also in the class, the area and the whole. The
strongest of them names the issue; those that are mostly the same persons are not shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import special

from amends.engines.detection.cube import is_part

SAME = 0.5
"""The share of the smaller one's persons from which on two places are one issue."""
MOVED = 0.6
"""The share of a rise that its siblings must have lost for it to be a move."""
SURELY_LESS, BY_CHANCE = 0.01, 0.1
"""A sibling has lost something if so few come by chance in one of a hundred; of hundreds,
if one so low is seen by chance in one of ten looks at all of them."""
MORE, ALMOST = 1.3, 0.5
"""A wider town names an issue with so much more excess, at so much of the strength."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that ran hot since a day.

    since     the period in which its rise began, a row number
    persons   who complained there since then; `expected` is how many were to be expected
    score     log likelihood ratio of the rise, less the logarithm of the places of its kind
    """

    place: str
    since: int
    persons: AbstractSet[str]
    expected: float
    score: float


def strength(counted: float, expected: float, *, same_kind: int = 1) -> float:
    """Log likelihood ratio of a Poisson rise, less that of having looked at `alike` places.

    >>> round(strength(30, 10), 2), strength(5, 10)
    (12.96, 0.0)
    """
    if counted <= expected:
        return 0.0
    base = max(expected, 1e-3)
    return counted * log(counted / base) - (counted - base) - log(max(same_kind, 1))


def began(counts: NDArray[np.int32], mean: float, *, back: int) -> int:
    """How many periods ago a rise began, at most `back`: where it is surest.

    counts  the newest last

    >>> began(np.array([1, 0, 1, 6, 5, 7]), 1.0, back=5)
    2
    """
    best, periods_ago = 0.0, 0
    total = 0.0
    for ago in range(min(back, counts.size)):
        total += float(max(counts[-1 - ago], 0))
        if (score := strength(total, mean * (ago + 1))) > best:
            best, periods_ago = score, ago
    return periods_ago


def clusters(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """The candidates as issues, the strongest first, in each the one that names it first.

    >>> a, b = frozenset("abcdef"), frozenset("uvwxyz")
    >>> found = clusters([Candidate("", 0, a | b, 2.0, 3.0), Candidate("x", 0, a, 0.1, 9.0),
    ...                   Candidate("y", 0, b, 0.1, 8.0)])
    >>> [[one.place for one in some] for some in found]
    [['x', ''], ['y']]
    """
    cluster_list: list[list[Candidate]] = []
    for candidate in sorted(candidates, key=lambda each: (-each.score, each.place)):
        for cluster in cluster_list:
            if overlap(candidate.persons, cluster[0].persons) >= SAME:
                cluster.append(candidate)
                break
        else:
            cluster_list.append([candidate])
    return cluster_list


def named_by(cluster: Sequence[Candidate], elsewhere: AbstractSet[str] = frozenset()) -> Candidate:
    """The place that names a cluster: the strongest, or a wider one that explains clearly more.

    elsewhere  persons of what ran hot at the same time and is another cluster: what a wider place
               holds of them it does not explain of this one

    >>> one = Candidate("area=a|product=x", 0, frozenset("abcdef"), 0.1, 20.0)
    >>> named_by([one, Candidate("product=x", 0, frozenset("abcdefghij"), 0.5, 18.0)]).place
    'product=x'
    >>> named_by([one, Candidate("product=x", 0, frozenset("abcdefghij"), 0.5, 18.0)],
    ...          frozenset("ghij")).place
    'area=a|product=x'
    """
    main_candidate = cluster[0]
    other_persons = elsewhere - main_candidate.persons
    for candidate in cluster[1:]:
        wider = bool(candidate.place) and is_part(main_candidate.place, candidate.place)
        gain = len(candidate.persons - other_persons) - candidate.expected >= MORE * (
            len(main_candidate.persons) - main_candidate.expected
        )
        if wider and gain and candidate.score >= ALMOST * main_candidate.score:
            main_candidate = candidate
    return main_candidate


def overlap(first: AbstractSet[str], second: AbstractSet[str]) -> float:
    """The share of the smaller set that is in both.

    >>> overlap({"a", "b"}, {"b", "c", "d"})
    0.5
    """
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def moved(excess: float, seen: NDArray[np.float64], expected: NDArray[np.float64]) -> bool:
    """Whether the siblings of a cell lost about what it gained: a class that was split or renamed,
    an area that was drawn anew, a classifier that sorts otherwise. Then nothing rose.

    excess          persons more than expected in the cell
    seen, expected  of its siblings, over the same periods

    >>> moved(20.0, np.array([1.0, 9.0]), np.array([22.0, 10.0]))
    True
    >>> moved(20.0, np.array([18.0, 9.0]), np.array([22.0, 10.0]))
    False
    """
    p_limit = min(SURELY_LESS, BY_CHANCE / max(seen.size, 1))
    surely = special.pdtr(seen, np.maximum(expected, 1e-9)) < p_limit
    lost = float(np.maximum(expected - seen, 0.0)[surely].sum())
    return lost >= MOVED * excess
