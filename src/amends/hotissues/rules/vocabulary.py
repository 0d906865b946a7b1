"""The words of many complaints, read once and numbered, however often they are counted.

A look at the words counts them for all complaints, for each class and each area, and again for each
open issue. Reading a text takes a thousand times as long as adding up its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from amends.hotissues.rules.terms import Term, terms, tokens

Ints = NDArray[np.int64]

LEAST_TEXTS = 3
"""A term of fewer texts says nothing of anybody, and has no number."""


@dataclass(frozen=True)
class Vocabulary:
    """Texts as their tokens and the numbers of their terms.

    tokens  of each text
    terms   the numbered terms, in order
    said    of each text, the numbers of its terms, ascending
    sizes   of each text, how many terms it has, numbered or not

    >>> read = Vocabulary.of(["ringtone pack", "my ringtone pack", "a ringtone"])
    >>> read.terms, [said.tolist() for said in read.said], read.sizes.tolist()
    ([('ringtone',)], [[0], [0], [0]], [3, 3, 1])
    """

    tokens: list[list[str]]
    terms: list[Term]
    said: list[Ints]
    sizes: Ints

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Read the texts."""
        numbers: dict[Term, int] = {}
        spoken, said = [], []
        for text in texts:
            spoken.append(tokens(text))
            own = terms(spoken[-1])
            found = (numbers.setdefault(term, len(numbers)) for term in own)
            said.append(np.fromiter(found, np.int64, len(own)))
        sizes = np.array([own.size for own in said], dtype=np.int64)
        counts = np.bincount(_joined(said), minlength=len(numbers))
        kept = sorted(term for term, number in numbers.items() if counts[number] >= LEAST_TEXTS)
        renamed = np.full(len(numbers), -1, dtype=np.int64)
        for place, term in enumerate(kept):
            renamed[numbers[term]] = place
        placed = [np.sort(renamed[own]) for own in said]
        return cls(spoken, kept, [own[np.searchsorted(own, 0) :] for own in placed], sizes)

    def counts(self, texts: Iterable[int]) -> Ints:
        """[term] in how many of these texts it stands."""
        chosen = _joined([self.said[n] for n in texts])
        return np.bincount(chosen, minlength=len(self.terms)).astype(np.int64)

    @cached_property
    def whole(self) -> Ints:
        """[term] in how many texts it stands."""
        return self.counts(range(len(self.said)))


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
