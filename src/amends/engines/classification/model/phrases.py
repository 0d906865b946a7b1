"""Phrases people use, grouped into concepts, and where they occur in a batch of texts.

The rule file `seed-phrases@DATE.toml` lists concepts with their Chinese and English phrases. A
trailing `*` lets the last word go on ("cancel*" also finds "cancelled"). Longer phrases win over
the shorter ones inside them: "data cap" is not also "data".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.texts import (
    SEPARATOR,
    SPACE,
    Folded,
    Hashes,
    Places,
    Windows,
    fold_phrase,
    is_han,
)
from amends.platform.kit.errors import BadInput, gettext_noop

OPERATOR = "operator"
"""The concept whose phrases are names of operators: they are blanked, whoever is complained of."""

_SALT = 1_000
_SIEVE_BITS = 18
_SINGLE = 1 << 16
_SIEVE_SHIFT = np.uint64(64 - _SIEVE_BITS)


class UnableToReadPhrases(BadInput):
    """The rule file of phrases contradicts itself."""

    code = "unable_to_read_phrases"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases ready for look-up: hashes in order, the lengths that occur, and by which two
    characters phrases begin.

    Lengths are kept apart for phrases that begin with a letter and with a Han character: the
    latter are short and may begin anywhere.
    """

    concepts: tuple[str, ...]
    folded: tuple[str, ...]
    letter_lengths: Places
    han_lengths: Places
    keys: Hashes
    concept: NDArray[np.int16]
    open_ended: NDArray[np.bool_]
    sieve: NDArray[np.bool_]
    heads: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hits:
    """Where phrases were found, in the order of the text."""

    start: Places
    end: Places
    concept: NDArray[np.int16]


NO_HITS = Hits(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int16))


def may_occur(phrases: Phrases, folded: Folded) -> bool:
    """Whether `find` can find anything: for a few phrases in a text or two, and quick there."""
    text = folded.codes.tobytes().decode("utf-16-le", "surrogatepass")
    return any(phrase in text for phrase in phrases.folded)


def read_phrases(data: Mapping[str, Any]) -> tuple[Phrases, Phrases]:
    """The phrases of a rule file: (names of operators, everything else).

    Raises UnableToReadPhrases if one phrase stands in two concepts.

    >>> names, words = read_phrases({"concept": [{"name": "cancel", "en": ["cancel*"]}]})
    >>> words.concepts
    ('cancel',)
    """
    concepts = list(data["concept"])
    names = [entry for entry in concepts if entry["name"] == OPERATOR]
    word_entries = [entry for entry in concepts if entry["name"] != OPERATOR]
    return _table(names), _table(word_entries)


def find(phrases: Phrases, folded: Folded, windows: Windows) -> Hits:
    """Every phrase of a batch, the longest first, none inside another."""
    letter = folded.letter
    begins = letter.copy()
    begins[1:] &= ~letter[:-1]
    sorts = (
        (begins.nonzero()[0], phrases.letter_lengths),
        (folded.han.nonzero()[0], phrases.han_lengths),
    )
    heads = _may_begin(phrases, folded.codes)
    parts = [
        _candidates(phrases, windows, starts[heads[starts]], lengths, letter.size)
        for starts, lengths in sorts
        if starts.size and lengths.size
    ]
    if not parts:
        return NO_HITS
    start, length, phrase_index = (np.concatenate(each) for each in zip(*parts, strict=True))
    word_end = _word_ends(letter)
    last = start + length - 1
    at_word_ends = ~letter[last] | phrases.open_ended[phrase_index] | (word_end[last] == last + 1)
    start, length, phrase_index, last = (
        each[at_word_ends] for each in (start, length, phrase_index, last)
    )
    end = np.where(letter[last], word_end[last], last + 1)
    is_longest = _longest(start, length, end, letter.size)
    return Hits(
        start=start[is_longest],
        end=end[is_longest],
        concept=phrases.concept[phrase_index[is_longest]],
    )


def _candidates(
    phrases: Phrases, windows: Windows, starts: Places, lengths: Places, size: int
) -> tuple[Places, Places, Places]:
    """(start, length, place in the table) of every window whose hash is in the table."""
    row, column = (starts[:, None] + lengths[None, :] <= size).nonzero()
    start, length = starts[row], lengths[column]
    hashes = windows.hashes(start, start + length, salt=_SALT)
    maybe = phrases.sieve[(hashes >> _SIEVE_SHIFT).astype(np.int64)].nonzero()[0]
    start, length, hashes = start[maybe], length[maybe], hashes[maybe]
    phrase_index = np.minimum(phrases.keys.searchsorted(hashes), phrases.keys.size - 1)
    same = (phrases.keys[phrase_index] == hashes).nonzero()[0]
    return start[same], length[same], phrase_index[same]


def _longest(start: Places, length: Places, end: Places, size: int) -> Places:
    """Which candidates stay when longer ones take their characters first, in text order."""
    covered = bytearray(size + 1)
    order = np.lexsort((start, -length))
    longest_numbers: list[int] = []
    for number, begin, stop in zip(
        order.tolist(), start[order].tolist(), end[order].tolist(), strict=True
    ):
        if not covered[begin] and not covered[stop - 1]:
            covered[begin:stop] = b"\1" * (stop - begin)
            longest_numbers.append(number)
    chosen = np.array(longest_numbers, dtype=np.int64)
    return chosen[np.argsort(start[chosen], kind="stable")]


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
                raise UnableToReadPhrases(
                    gettext_noop("The phrase “%(phrase)s” of “%(name)s” is empty."),
                    values={"phrase": phrase, "name": entry["name"]},
                )
            earlier = chosen.get(folded)
            if earlier and earlier[2] != entry["name"]:
                raise UnableToReadPhrases(
                    gettext_noop("The phrase “%(phrase)s” is in “%(earlier)s” and in “%(name)s”."),
                    next_step=gettext_noop("Keep it in one of the two."),
                    values={"phrase": phrase, "earlier": earlier[2], "name": entry["name"]},
                )
            open_ended = phrase.endswith("*") or bool(earlier and earlier[1])
            chosen[folded] = (len(concepts) - 1, open_ended, entry["name"])
    rows = sorted((_hash(folded), row) for folded, row in chosen.items())
    keys = np.array([key for key, _ in rows], dtype=np.uint64)
    sieve = np.zeros(1 << _SIEVE_BITS, dtype=bool)
    sieve[(keys >> _SIEVE_SHIFT).astype(np.int64)] = True
    han = {phrase for phrase in chosen if is_han(np.array([ord(phrase[0])], dtype=np.uint16))[0]}
    return Phrases(
        concepts=tuple(concepts),
        folded=tuple(chosen),
        letter_lengths=_lengths(chosen.keys() - han),
        han_lengths=_lengths(han),
        keys=keys if keys.size else np.zeros(1, dtype=np.uint64),
        concept=np.array([row[0] for _, row in rows] or [0], dtype=np.int16),
        open_ended=np.array([row[1] for _, row in rows] or [False], dtype=bool),
        sieve=sieve,
        heads=_heads(chosen),
    )


def _heads(phrases: Iterable[str]) -> NDArray[np.bool_]:
    """For pairs of characters, whether a phrase may begin so; then for single characters."""
    heads = np.zeros(2 << 16, dtype=bool)
    for phrase in phrases:
        codes = np.array([ord(character) for character in phrase[:2]], dtype=np.uint16)
        heads[_pairs(codes) if codes.size == 2 else _SINGLE + codes.astype(np.int32)] = True
    return heads


def _may_begin(phrases: Phrases, codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """For each character but the last, whether a phrase may begin there: a first sieve."""
    return phrases.heads[_pairs(codes)] | phrases.heads[_SINGLE + codes[:-1].astype(np.int32)]


def _pairs(codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    return np.asarray(codes[:-1] * np.uint16(40_503) + codes[1:], dtype=np.uint16)


def _hash(folded: str) -> int:
    codes = np.array([ord(character) for character in folded], dtype=np.uint16)
    whole_range = np.array([0]), np.array([codes.size])
    return int(Windows(codes).hashes(*whole_range, salt=_SALT)[0])


def _lengths(phrases: Iterable[str]) -> Places:
    return np.array(sorted({len(phrase) for phrase in phrases}), dtype=np.int64)


def blank(folded: Folded, hits: Hits) -> Folded:
    """The batch with every hit replaced by spaces."""
    if not hits.start.size:
        return folded
    inside = np.zeros(folded.codes.size + 1, dtype=np.int32)
    np.add.at(inside, hits.start, 1)
    np.add.at(inside, hits.end, -1)
    gone = (np.cumsum(inside[:-1]) > 0) & (folded.codes != SEPARATOR)
    return replace(folded, codes=np.where(gone, SPACE, folded.codes).astype(np.uint16))
