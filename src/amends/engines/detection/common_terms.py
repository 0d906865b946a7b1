"""Why complaints belong together: what they share far more often than others of the same days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy.sparse import csr_array

from amends.engines.detection.terms import grown, written
from amends.engines.detection.vocabulary import LEAST_TEXTS, Ints, Vocabulary

LEAST_SHARE = 0.25
PRIOR_WORDS = 50.0
MOST_WORDS, MOST_QUOTED = 6, 5
MOST_COMPARED = 500
"""Of more members than this every second, third … is looked at for those to quote."""
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
    members: Mapping[str, Sequence[str]], other_members: Mapping[str, Sequence[str]]
) -> list[Shared]:
    """The values that set the members apart, the most telling first, at most one a dimension and
    a second where two together hold them.

    members, others  dimension → the value of each complaint, "" where it has none

    >>> found = shared({"area": ["a", "a", "a", "b"]}, {"area": ["a", "b", "c", "b", "e", "b"]})
    >>> [(one.value, one.share, round(one.share_of_others, 2)) for one in found]
    [('a', 0.75, 0.17)]
    """
    shared_values: list[Shared] = []
    for dimension, values in members.items():
        counted = Counter(value for value in values if value)
        other_counts = Counter(other_members.get(dimension, ()))
        size, other_total = max(len(values), 1), max(sum(other_counts.values()), 1)
        for value, number in counted.most_common(2):
            share, usual = number / size, other_counts[value] / other_total
            if share >= LEAST_SHARE and share >= 1.5 * usual:
                shared_values.append(
                    Shared(
                        dimension=dimension,
                        value=value,
                        members=number,
                        share=share,
                        share_of_others=usual,
                    )
                )
    return sorted(
        shared_values,
        key=lambda shared_value: (
            shared_value.share_of_others - shared_value.share,
            shared_value.dimension,
        ),
    )


def telling(
    members: Sequence[str], other_texts: Sequence[str]
) -> tuple[list[tuple[str, int]], list[int]]:
    """The phrases that set the members apart with how many say them, and five members that
    together stand for all.

    Log-odds with an informative Dirichlet prior over the complaints that say a term (Monroe,
    Colaresi, Quinn 2008, Political Analysis 16:372-403, doi:10.1093/pan/mpn018).

    >>> words, typical = telling(["ringtone pack charged", "charged ringtone pack"] * 4,
    ...                          ["slow line at home", "no signal at work"] * 9)
    >>> words[0], len(typical)
    (('ringtone pack', 8), 5)
    """
    read = Vocabulary.of([*members, *other_texts])
    own = range(len(members))
    return telling_words(read, own), _standing_for_all(read, own)


def _standing_for_all(read: Vocabulary, members: Sequence[int]) -> list[int]:
    """The members to quote: each next one is that which, beside those chosen, brings all members
    nearest to one chosen, by the terms they share. The most typical ones would repeat each other.

    The greedy maximum of a facility location (Nemhauser, Wolsey, Fisher 1978, Mathematical
    Programming 14:265-294, doi:10.1007/BF01588971).
    """
    sample = members[:: max(1, -(-len(members) // MOST_COMPARED))]
    term_rows = [read.said[at] for at in sample]
    sizes = np.array([own.size for own in term_rows], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    weights = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes)
    shape = (len(sample), len(read.terms))
    each = csr_array(
        (weights, np.concatenate([np.zeros(0, np.int64), *term_rows]), ends), shape=shape
    )
    similarity = (each @ each.T).toarray()
    nearest, chosen = np.zeros(len(sample)), list[int]()
    while len(chosen) < min(MOST_QUOTED, len(sample)):
        covered = np.maximum(similarity, nearest[:, None]).sum(axis=0).round(9)
        covered[chosen] = -1.0
        chosen.append(int(covered.argmax()))
        nearest = np.maximum(nearest, similarity[:, chosen[-1]])
    return [sample[at] for at in chosen]


def telling_words(read: Vocabulary, members: Sequence[int]) -> list[tuple[str, int]]:
    """The phrases that set some of the texts apart from the rest, as in `telling`."""
    return _phrases(read, members, _scored(read, members))


def _scored(read: Vocabulary, members: Sequence[int]) -> list[tuple[float, int, int]]:
    """The terms enough members say: log-odds, number, how many say it; the most telling first."""
    here = read.counts(members)
    all_here = int(read.sizes[list(members)].sum())
    all_there = int(read.sizes.sum()) - all_here
    min_texts = max(LEAST_TEXTS, len(members) // 10)
    return sorted(
        (
            (
                _log_odds(int(here[n]), all_here, int(read.whole[n] - here[n]), all_there),
                n,
                int(here[n]),
            )
            for n in np.flatnonzero(here >= min_texts).tolist()
        ),
        reverse=True,
    )


def _phrases(
    read: Vocabulary, members: Sequence[int], scored: Sequence[tuple[float, int, int]]
) -> list[tuple[str, int]]:
    phrase_list: list[tuple[str, int]] = []
    for z, n, number in scored:
        if z < SURE or len(phrase_list) == MOST_WORDS:
            break
        saying = [read.tokens[at] for at in members if _has(read.said[at], n)]
        phrase = written(grown(read.terms[n], saying, share=0.8))
        if any(_alike(phrase, other_phrase) for other_phrase, _ in phrase_list):
            continue
        phrase_list.append((phrase, number))
    return phrase_list


def _has(term_numbers: Ints, n: int) -> bool:
    insert_at = int(np.searchsorted(term_numbers, n))
    return insert_at < term_numbers.size and int(term_numbers[insert_at]) == n


def _alike(phrase: str, other_phrase: str) -> bool:
    """Whether two phrases are one, or parts of a longer one that overlap by most of the shorter.

    >>> _alike("楚谁看过我的资料", "清楚谁看过我的资"), _alike("data cap", "cap reached")
    (True, False)
    """
    if phrase in other_phrase or other_phrase in phrase:
        return True
    min_length = max(2, min(len(phrase), len(other_phrase)) // 2 + 1)
    return any(
        first.endswith(second[:size])
        for first, second in ((phrase, other_phrase), (other_phrase, phrase))
        for size in range(min_length, min(len(phrase), len(other_phrase)) + 1)
    )


def _log_odds(here: int, all_here: int, elsewhere: int, all_there: int) -> float:
    prior = PRIOR_WORDS * (here + elsewhere) / max(all_here + all_there, 1)
    first_mass, two = here + prior, elsewhere + prior
    apart = log(first_mass / (all_here + PRIOR_WORDS - first_mass)) - log(
        two / (all_there + PRIOR_WORDS - two)
    )
    return apart / sqrt(1.0 / first_mass + 1.0 / two)
