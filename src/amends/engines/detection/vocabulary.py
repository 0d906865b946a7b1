"""The words of many complaints, read once and numbered, however often they are counted.

A look at the words counts them for all complaints, for each class and each area, and again for each
open issue. Reading a text takes a thousand times as long as adding up its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from sys import intern
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.terms import Term, terms, tokens

Ints = NDArray[np.int64]

LEAST_TEXTS = 3
"""A term of fewer texts says nothing of anybody, and has no number."""
MOST_KEPT, MOST_TERMS = 30_000, 500_000
"""Texts and terms a process keeps from look to look, a hundred megabytes; then it begins anew."""


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
        spoken, term_rows, known_terms = _READER.read(texts)
        sizes = np.array([own.size for own in term_rows], dtype=np.int64)
        counts = np.bincount(_joined(term_rows), minlength=len(known_terms))
        often = sorted(
            (known_terms[at], at) for at in np.flatnonzero(counts >= LEAST_TEXTS).tolist()
        )
        kept_terms = [term for term, _ in often]
        renamed = np.full(len(known_terms), -1, dtype=np.int64)
        renamed[[at for _, at in often]] = np.arange(len(often))
        placed = [np.sort(renamed[own]) for own in term_rows]
        return cls(spoken, kept_terms, [own[np.searchsorted(own, 0) :] for own in placed], sizes)

    def counts(self, texts: Iterable[int]) -> Ints:
        """[term] in how many of these texts it stands."""
        chosen = _joined([self.said[n] for n in texts])
        return np.bincount(chosen, minlength=len(self.terms)).astype(np.int64)

    @cached_property
    def whole(self) -> Ints:
        """[term] in how many texts it stands."""
        return self.counts(range(len(self.said)))


@dataclass
class _Reader:
    """What this process has read already: every look reads the texts of weeks, mostly the same.

    terms    each with the number it got when it was first read, its place here
    numbers  term → that number
    texts    text → its tokens and the numbers of its terms
    """

    terms: list[Term] = field(default_factory=list)
    numbers: dict[Term, int] = field(default_factory=dict)
    texts: dict[str, tuple[list[str], Ints]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def read(self, texts: Iterable[str]) -> tuple[list[list[str]], list[Ints], list[Term]]:
        """The tokens of each text, the numbers of its terms, and the terms by these numbers."""
        with self.lock:
            if len(self.texts) > MOST_KEPT or len(self.terms) > MOST_TERMS:
                self.terms, self.numbers, self.texts = [], {}, {}
            text_entries = [self.texts.get(text) or self._new(text) for text in texts]
            return (
                [entry_text for entry_text, _ in text_entries],
                [own for _, own in text_entries],
                self.terms,
            )

    def _new(self, text: str) -> tuple[list[str], Ints]:
        spoken = [intern(token) for token in tokens(text)]
        own = terms(spoken)
        for term in own:
            if term not in self.numbers:
                self.numbers[term] = len(self.terms)
                self.terms.append(term)
        term_numbers = np.fromiter((self.numbers[term] for term in own), np.int64, len(own))
        self.texts[text] = spoken, term_numbers
        return spoken, term_numbers


_READER = _Reader()


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
