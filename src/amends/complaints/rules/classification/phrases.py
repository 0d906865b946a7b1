"""Phrases people use, grouped into concepts, and where they occur in a batch of texts.

The rule file `seed-phrases@DATE.toml` lists concepts with their Chinese and English phrases. A
trailing `*` lets the last word go on ("cancel*" also finds "cancelled"). Longer phrases win over
the shorter ones inside them: "data cap" is not also "data".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.folding import (
    SEPARATOR,
    SPACE,
    fold_phrase,
    is_han,
    is_letter,
)
from amends.complaints.rules.classification.hashing import Hashes, Places, Windows, salted
from amends.kit.errors import BadInput

OPERATOR = "operator"
"""The concept whose phrases are names of operators: they are blanked, whoever is complained of."""

_SALT = 1_000
_SIEVE_BITS = 18
_AT_ONCE = 1 << 12


class UnableToReadPhrases(BadInput):
    """The rule file of phrases contradicts itself."""

    code = "unable_to_read_phrases"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases ready for look-up: sorted hashes of each length, longest first."""

    concepts: tuple[str, ...]
    lengths: tuple[int, ...]
    salts: Hashes
    keys: Hashes
    concept: NDArray[np.int16]
    open_ended: NDArray[np.bool_]
    sieve: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hits:
    """Where phrases were found, in the order of the text."""

    start: Places
    end: Places
    concept: NDArray[np.int16]


def read_phrases(data: Mapping[str, Any]) -> tuple[Phrases, Phrases]:
    """The phrases of a rule file: (names of operators, everything else).

    Raises UnableToReadPhrases if one phrase stands in two concepts.

    >>> names, words = read_phrases({"concept": [{"name": "cancel", "en": ["cancel*"]}]})
    >>> words.concepts
    ('cancel',)
    """
    concepts = list(data["concept"])
    names = [entry for entry in concepts if entry["name"] == OPERATOR]
    words = [entry for entry in concepts if entry["name"] != OPERATOR]
    return _table(names), _table(words)


def find(phrases: Phrases, codes: NDArray[np.uint16], windows: Windows) -> Hits:
    """Every phrase of `codes`, longest first, none inside another."""
    letter = is_letter(codes)
    han = is_han(codes)
    begins = letter.copy()
    begins[1:] &= ~letter[:-1]
    starts = np.flatnonzero(begins | han)
    word_end = _word_ends(letter)
    covered = np.zeros(codes.size, dtype=bool)
    found: list[tuple[Places, Places, NDArray[np.int16]]] = []
    for length, here, place in _standing(phrases, starts, windows, codes.size):
        ends = here + length
        last = ends - 1
        whole = ~letter[last] | phrases.open_ended[place] | (word_end[last] == ends)
        free = ~covered[here] & ~covered[last]
        here, place, ends, last = (part[whole & free] for part in (here, place, ends, last))
        if not here.size:
            continue
        ends = np.where(letter[last], word_end[last], ends)
        for begin, end in zip(here.tolist(), ends.tolist(), strict=True):
            covered[begin:end] = True
        found.append((here, ends, phrases.concept[place]))
    return _in_order(found)


def _standing(
    phrases: Phrases, starts: Places, windows: Windows, size: int
) -> Iterator[tuple[int, Places, Places]]:
    """For each length, longest first: where phrases stand, and which row each has.

    A few characters are looked up for all lengths at once: for one short text, asking NumPy forty
    times would cost more than the answer.
    """
    lengths = np.array(phrases.lengths, dtype=np.int64)
    step = max(1, _AT_ONCE // max(1, starts.size))
    for low in range(0, lengths.size, step):
        some = lengths[low : low + step]
        which, at = np.nonzero(starts + some[:, None] <= size)
        here = starts[at]
        salts = phrases.salts[low + which] if some.size > 1 else phrases.salts[low : low + 1]
        hashes = windows.hashes(here, here + some[which], salt=salts)
        maybe = phrases.sieve[(hashes >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)]
        here, hashes, which = here[maybe], hashes[maybe], which[maybe]
        place = np.minimum(np.searchsorted(phrases.keys, hashes), max(phrases.keys.size - 1, 0))
        same = phrases.keys[place] == hashes
        here, place, which = here[same], place[same], which[same]
        for one in sorted(set(which.tolist())):
            yield int(some[one]), here[which == one], place[which == one]


def _in_order(found: list[tuple[Places, Places, NDArray[np.int16]]]) -> Hits:
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return Hits(start=none, end=none, concept=np.zeros(0, dtype=np.int16))
    start, end, concept = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(start, kind="stable")
    return Hits(start=start[order], end=end[order], concept=concept[order])


def _word_ends(letter: NDArray[np.bool_]) -> Places:
    """For each character of a word, where the word ends; elsewhere the place after it."""
    ends = np.arange(1, letter.size + 1, dtype=np.int64)
    goes_on = np.zeros(letter.size, dtype=bool)
    goes_on[:-1] = letter[:-1] & letter[1:]
    ends[goes_on] = letter.size + 1
    return np.minimum.accumulate(ends[::-1])[::-1]


def _table(entries: Iterable[Mapping[str, Any]]) -> Phrases:
    concepts: list[str] = []
    chosen: dict[str, tuple[int, bool, str]] = {}
    for entry in entries:
        concepts.append(entry["name"])
        for phrase in [*entry.get("en", ()), *entry.get("zh", ())]:
            folded = fold_phrase(phrase.removesuffix("*"))
            if not folded:
                raise UnableToReadPhrases(f"The phrase {phrase!r} of {entry['name']!r} is empty.")
            earlier = chosen.get(folded)
            if earlier and earlier[2] != entry["name"]:
                raise UnableToReadPhrases(
                    f"The phrase {phrase!r} stands in {earlier[2]!r} and in {entry['name']!r}.",
                    next_step="Keep it in one of the two.",
                )
            open_ended = phrase.endswith("*") or bool(earlier and earlier[1])
            chosen[folded] = (len(concepts) - 1, open_ended, entry["name"])
    rows = sorted((_hash(folded), row) for folded, row in chosen.items())
    keys = np.array([key for key, _ in rows], dtype=np.uint64)
    sieve = np.zeros(1 << _SIEVE_BITS, dtype=bool)
    sieve[(keys >> np.uint64(64 - _SIEVE_BITS)).astype(np.int64)] = True
    lengths = tuple(sorted({len(folded) for folded in chosen}, reverse=True))
    return Phrases(
        concepts=tuple(concepts),
        lengths=lengths,
        salts=np.array([salted(_SALT + length) for length in lengths], dtype=np.uint64),
        keys=keys if keys.size else np.zeros(1, dtype=np.uint64),
        concept=np.array([row[0] for _, row in rows] or [0], dtype=np.int16),
        open_ended=np.array([row[1] for _, row in rows] or [False], dtype=bool),
        sieve=sieve,
    )


def _hash(folded: str) -> int:
    codes = np.array([ord(character) for character in folded], dtype=np.uint16)
    one = np.array([0]), np.array([codes.size])
    return int(Windows(codes).hashes(*one, salt=_SALT + codes.size)[0])


def blank(codes: NDArray[np.uint16], hits: Hits) -> NDArray[np.uint16]:
    """`codes` with every hit replaced by spaces."""
    if not hits.start.size:
        return codes
    inside = np.zeros(codes.size + 1, dtype=np.int32)
    np.add.at(inside, hits.start, 1)
    np.add.at(inside, hits.end, -1)
    return np.where((np.cumsum(inside[:-1]) > 0) & (codes != SEPARATOR), SPACE, codes).astype(
        np.uint16
    )
