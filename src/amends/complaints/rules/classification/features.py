"""What the model looks at: characters, words and phrases of a batch, as rows of one weight table.

Three groups, each of length one for every text, so that a title of two words and a letter of two
pages weigh alike:

- characters: windows of 3 to 5 letters inside words, of 1 to 3 Han characters (robust to
  misspelling, and Chinese needs no segmentation);
- words: single words, neighbours, and neighbours over one word;
- phrases: the concepts of the rule file, and pairs of concepts close to each other ("cancel"
  near "fee"), which is what carries a plain sentence nobody has written before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.folding import (
    SEPARATOR,
    SPACE,
    Folded,
    fold,
)
from amends.complaints.rules.classification.hashing import Hashes, Places, Windows, mix
from amends.complaints.rules.classification.phrases import (
    Hits,
    Phrases,
    blank,
    find,
    may_occur,
)

CHARACTERS, WORDS, PHRASES = 0, 1, 2
GROUPS = 3

CHARACTER_BITS = 16
WORD_BITS = 15
PAIR_BITS = 13
CHARACTER_ROWS = 1 << CHARACTER_BITS
WORD_ROWS = 1 << WORD_BITS
PAIR_ROWS = 1 << PAIR_BITS
CONCEPT_ROW = CHARACTER_ROWS + WORD_ROWS + PAIR_ROWS
"""Rows before this one are hashed; from here on there is one row for each concept."""

LETTER_WINDOWS = (3, 4, 5)
HAN_WINDOWS = (1, 2, 3)
PAIR_REACH = 3
FEW_CHARACTERS = 2_048
KNOWN_BITS = 18
"""A word or Han character is looked up among the known ones by this many bits of its hash."""


@dataclass(frozen=True, slots=True)
class Family:
    """Features of one sort in the order of the text: weight row, and the characters they cover."""

    group: int
    text: NDArray[np.int32]
    row: NDArray[np.int32]
    start: Places
    end: Places


@dataclass(frozen=True, slots=True)
class Units:
    """The words and Han characters of a batch, to tell known from foreign ones.

    Figures and single letters say nothing and are left out.
    """

    text: NDArray[np.int32]
    key: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Features:
    """A batch as the model sees it."""

    folded: Folded
    families: tuple[Family, ...]
    hits: Hits
    han_share: NDArray[np.float64]
    units: Units


def rows(concepts: int) -> int:
    """How many rows a weight table for `concepts` concepts has."""
    return CONCEPT_ROW + concepts


def features(texts: Sequence[str], *, names: Phrases, phrases: Phrases) -> Features:
    """The features of `texts`; names of operators are blanked first."""
    folded = fold(texts)
    windows = Windows(folded.codes)
    few = folded.codes.size <= FEW_CHARACTERS
    if not few or may_occur(names, folded):
        folded = blank(folded, find(names, folded, windows))
        windows = Windows(folded.codes)
    hits = find(phrases, folded, windows)
    families = (
        *_character_families(folded, windows),
        *_word_families(folded, windows),
        *_phrase_families(folded, hits),
    )
    families = tuple(family for family in families if family.row.size)
    return Features(
        folded=folded,
        families=_by_group(families) if few else families,
        hits=hits,
        han_share=_han_share(folded),
        units=_units(folded, windows),
    )


def _by_group(families: tuple[Family, ...]) -> tuple[Family, ...]:
    """One family for each group: for a few texts, each family costs more than what is in it."""
    found: list[Family] = []
    for group in range(GROUPS):
        some = [family for family in families if family.group == group]
        if len(some) < 2:
            found += some
            continue
        text = np.concatenate([family.text for family in some])
        order = text.argsort(kind="stable")
        row, start, end = (
            np.concatenate([getattr(family, name) for family in some])[order]
            for name in ("row", "start", "end")
        )
        found.append(Family(group=group, text=text[order], row=row, start=start, end=end))
    return tuple(found)


def norms(found: Features) -> NDArray[np.float32]:
    """For each text and group, one over the square root of the number of its features."""
    counts = np.zeros((GROUPS, found.folded.texts))
    for family in found.families:
        counts[family.group] += np.bincount(family.text, minlength=found.folded.texts)
    return (1.0 / np.sqrt(np.maximum(counts, 1.0))).astype(np.float32)


def _han_share(folded: Folded) -> NDArray[np.float64]:
    """Share of Han characters among all written characters of each text."""
    han = np.bincount(folded.text[folded.han], minlength=folded.texts)
    letters = np.bincount(folded.text[folded.letter], minlength=folded.texts)
    return np.asarray(han / np.maximum(han + letters, 1), dtype=np.float64)


def _units(folded: Folded, windows: Windows) -> Units:
    starts, ends = _words(folded)
    long = ends - starts > 1
    han = np.flatnonzero(folded.han)
    starts = np.concatenate([starts[long], han])
    ends = np.concatenate([ends[long], han + 1])
    key = windows.hashes(starts, ends, salt=20) >> np.uint64(64 - KNOWN_BITS)
    return Units(text=folded.text[starts], key=key.astype(np.int32))


def known_share(found: Features, known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The share of each text's words and Han characters that are known; 0 where it has none."""
    texts = found.folded.texts
    every = np.bincount(found.units.text, minlength=texts)
    heard = np.bincount(found.units.text[known[found.units.key]], minlength=texts)
    return (heard / np.maximum(every, 1)).astype(np.float32)


def words_known(found: Features, fewest: int) -> NDArray[np.bool_]:
    """Which words and Han characters stand in at least `fewest` of the texts, by their keys."""
    units = found.units
    both = np.unique(units.key.astype(np.int64) << 32 | units.text.astype(np.int64))
    return np.asarray(np.bincount(both >> 32, minlength=1 << KNOWN_BITS) >= fewest)


def _words(folded: Folded) -> tuple[Places, Places]:
    """Where each word begins and ends."""
    letter = folded.letter
    change = np.flatnonzero(np.diff(np.concatenate(([False], letter, [False])).astype(np.int8)))
    return change[::2], change[1::2]


def _character_families(folded: Folded, windows: Windows) -> Iterator[Family]:
    codes = folded.codes
    letter_before = _counts(folded.letter)
    edge_before = _counts(codes == SPACE)
    for length in LETTER_WINDOWS if letter_before[-1] else ():
        if codes.size < length:
            continue
        inner = _between(letter_before, length, 1)
        edges = _between(edge_before, length, 0) - _between(edge_before, length, 1)
        ends = _between(letter_before, length, 0) - inner
        keep = np.flatnonzero((inner == length - 2) & (edges + ends == 2))
        yield _hashed(CHARACTERS, folded, keep, length, windows.every(length, salt=length)[keep])
    han_before = _counts(folded.han)
    for length in HAN_WINDOWS if han_before[-1] else ():
        if codes.size < length:
            continue
        in_han = _between(han_before, length, 0)
        keep = np.flatnonzero(
            (in_han > 0) & (in_han + _between(letter_before, length, 0) == length)
        )
        yield _hashed(
            CHARACTERS, folded, keep, length, windows.every(length, salt=10 + length)[keep]
        )


def _word_families(folded: Folded, windows: Windows) -> Iterator[Family]:
    starts, ends = _words(folded)
    if not starts.size:
        return
    one = windows.hashes(starts, ends, salt=20)
    text = folded.text[starts]
    yield _family(WORDS, text, _word_row(one), starts, ends)
    for reach in (1, 2):
        if starts.size <= reach:
            continue
        together = np.flatnonzero(text[:-reach] == text[reach:])
        both = mix(one[together] ^ mix(one[together + reach], salt=30), salt=30 + reach)
        yield _family(
            WORDS, text[together], _word_row(both), starts[together], ends[together + reach]
        )


def _phrase_families(folded: Folded, hits: Hits) -> Iterator[Family]:
    if not hits.start.size:
        return
    text = folded.text[hits.start]
    yield _family(PHRASES, text, CONCEPT_ROW + hits.concept.astype(np.int32), hits.start, hits.end)
    for reach in range(1, PAIR_REACH + 1):
        if hits.start.size <= reach:
            continue
        first, second = hits.concept[:-reach], hits.concept[reach:]
        together = np.flatnonzero((text[:-reach] == text[reach:]) & (first != second))
        low = np.minimum(first, second)[together].astype(np.uint64)
        high = np.maximum(first, second)[together].astype(np.uint64)
        pair = mix(low * np.uint64(4_096) + high, salt=40)
        row = (pair >> np.uint64(64 - PAIR_BITS)).astype(np.int32) + CHARACTER_ROWS + WORD_ROWS
        yield _family(
            PHRASES, text[together], row, hits.start[together], hits.end[together + reach]
        )


def _hashed(group: int, folded: Folded, starts: Places, length: int, hashes: Hashes) -> Family:
    row = (hashes >> np.uint64(64 - CHARACTER_BITS)).astype(np.int32)
    return _family(group, folded.text[starts], row, starts, starts + length)


def _word_row(hashes: Hashes) -> NDArray[np.int32]:
    return (hashes >> np.uint64(64 - WORD_BITS)).astype(np.int32) + CHARACTER_ROWS


def _family(
    group: int, text: NDArray[np.int32], row: NDArray[np.int32], start: Places, end: Places
) -> Family:
    return Family(group=group, text=text, row=row.astype(np.int32), start=start, end=end)


def _counts(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    before = np.zeros(flags.size + 1, dtype=np.int32)
    np.cumsum(flags, out=before[1:])
    return before


def _between(before: NDArray[np.int32], length: int, margin: int) -> NDArray[np.int32]:
    """For each window of `length`, the count inside it without `margin` places at both ends."""
    places = before.size - length
    high = before[length - margin : length - margin + places]
    return high - before[margin : margin + places]


__all__ = ["SEPARATOR", "Family", "Features", "Units", "features", "known_share", "norms", "rows"]
