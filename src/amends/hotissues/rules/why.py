"""Why complaints belong together: what they share far more often than others of the same days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from amends.hotissues.rules.terms import grown, terms, tokens, written

LEAST_SHARE = 0.25
PRIOR_WORDS = 50.0
MOST_WORDS, MOST_QUOTED = 6, 5
SURE = 2.0


@dataclass(frozen=True, slots=True)
class Shared:
    """A value of a dimension that members share; shares are 0 to 1."""

    dimension: str
    value: str
    members: int
    share: float
    share_of_others: float


def shared(
    members: Mapping[str, Sequence[str]], others: Mapping[str, Sequence[str]]
) -> list[Shared]:
    """The values that set the members apart, the most telling first, at most one a dimension and
    a second where two together hold them.

    members, others  dimension → the value of each complaint, "" where it has none

    >>> found = shared({"area": ["a", "a", "a", "b"]}, {"area": ["a", "b", "c", "b", "e", "b"]})
    >>> [(one.value, one.share, round(one.share_of_others, 2)) for one in found]
    [('a', 0.75, 0.17)]
    """
    found: list[Shared] = []
    for dimension, values in members.items():
        counted = Counter(value for value in values if value)
        beside = Counter(others.get(dimension, ()))
        size, rest = max(len(values), 1), max(sum(beside.values()), 1)
        for value, number in counted.most_common(2):
            share, usual = number / size, beside[value] / rest
            if share >= LEAST_SHARE and share >= 1.5 * usual:
                found.append(Shared(dimension, value, number, share, usual))
    return sorted(found, key=lambda one: (one.share_of_others - one.share, one.dimension))


def telling(
    members: Sequence[str], others: Sequence[str]
) -> tuple[list[tuple[str, int]], list[int]]:
    """The phrases that set the members apart with how many say them, and five typical members.

    Log-odds with an informative Dirichlet prior over the complaints that say a term (Monroe,
    Colaresi, Quinn 2008, Political Analysis 16:372-403, doi:10.1093/pan/mpn018).

    >>> words, typical = telling(["ringtone pack charged", "charged ringtone pack"] * 4,
    ...                          ["slow line at home", "no signal at work"] * 9)
    >>> words[0], len(typical)
    (('ringtone pack', 8), 5)
    """
    spoken = [tokens(text) for text in members]
    said = [terms(each) for each in spoken]
    here = Counter(term for each in said for term in each)
    there = Counter(term for text in others for term in terms(tokens(text)))
    all_here, all_there = sum(here.values()), sum(there.values())
    least = max(3, len(members) // 10)
    scored = sorted(
        (
            (_log_odds(number, all_here, there[term], all_there), term)
            for term, number in here.items()
            if number >= least
        ),
        reverse=True,
    )
    words: list[tuple[str, int]] = []
    for z, term in scored:
        if z < SURE or len(words) == MOST_WORDS:
            break
        whole = written(grown(term, [each for each in spoken if term in terms(each)], share=0.8))
        if any(_alike(whole, other) for other, _ in words):
            continue
        words.append((whole, here[term]))
    weight = {term: z for z, term in scored if z > 0.0}
    by_typical = sorted(
        range(len(members)),
        key=lambda at: -sum(weight.get(term, 0.0) for term in said[at]) / sqrt(len(said[at]) + 4.0),
    )
    return words, by_typical[:MOST_QUOTED]


def _alike(one: str, other: str) -> bool:
    """Whether two phrases are one, or parts of a longer one that overlap by most of the shorter.

    >>> _alike("楚谁看过我的资料", "清楚谁看过我的资"), _alike("data cap", "cap reached")
    (True, False)
    """
    if one in other or other in one:
        return True
    least = max(2, min(len(one), len(other)) // 2 + 1)
    return any(
        first.endswith(second[:size])
        for first, second in ((one, other), (other, one))
        for size in range(least, min(len(one), len(other)) + 1)
    )


def _log_odds(here: int, all_here: int, there: int, all_there: int) -> float:
    prior = PRIOR_WORDS * (here + there) / max(all_here + all_there, 1)
    one, two = here + prior, there + prior
    apart = log(one / (all_here + PRIOR_WORDS - one)) - log(two / (all_there + PRIOR_WORDS - two))
    return apart / sqrt(1.0 / one + 1.0 / two)
