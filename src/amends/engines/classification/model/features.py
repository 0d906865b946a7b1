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
from functools import cache

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.phrases import (
    Hits,
    Phrases,
    blank,
    find,
    may_occur,
)
from amends.engines.classification.model.reading import ENGLISH, OTHERS, customer_words
from amends.engines.classification.model.texts import (
    SEPARATOR,
    SPACE,
    Folded,
    Places,
    Windows,
    fold,
    is_kana_or_hangul,
    mix,
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
class TextUnits:
    """The words and Han characters of a batch, to tell known from foreign ones.

    Figures and single letters say nothing and are left out.
    """

    text: NDArray[np.int32]
    key: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Features:
    """A batch as the model sees it; `other_language`: neither Chinese nor English."""

    folded: Folded
    families: tuple[Family, ...]
    hits: Hits
    han_share: NDArray[np.float64]
    units: TextUnits
    other_language: NDArray[np.bool_]


def rows(concepts: int) -> int:
    """How many rows a weight table for `concepts` concepts has."""
    return CONCEPT_ROW + concepts


def features(texts: Sequence[str], *, names: Phrases, phrases: Phrases) -> Features:
    """The features of what complainants say in `texts`; names of operators are blanked first."""
    folded = fold([customer_words(text) for text in texts])
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
    units = _units(folded, windows)
    return Features(
        folded=folded,
        families=_by_group(families) if few and len(texts) > 1 else families,
        hits=hits,
        han_share=_han_share(folded),
        units=units,
        other_language=_other_language(folded, units),
    )


def _by_group(families: tuple[Family, ...]) -> tuple[Family, ...]:
    """One family for each group: for a few texts, each family costs more than what is in it."""
    grouped: list[Family] = []
    for group in range(GROUPS):
        group_families = [family for family in families if family.group == group]
        if len(group_families) < 2:
            grouped += group_families
            continue
        text = np.concatenate([family.text for family in group_families])
        order = text.argsort(kind="stable")
        row, start, end = (
            np.concatenate([getattr(family, name) for family in group_families])[order]
            for name in ("row", "start", "end")
        )
        grouped.append(Family(group=group, text=text[order], row=row, start=start, end=end))
    return tuple(grouped)


def norms(features_found: Features) -> NDArray[np.float32]:
    """For each text and group, one over the square root of the number of its features."""
    counts = np.zeros((GROUPS, features_found.folded.texts))
    for family in features_found.families:
        counts[family.group] += np.bincount(family.text, minlength=features_found.folded.texts)
    return (1.0 / np.sqrt(np.maximum(counts, 1.0))).astype(np.float32)


def _han_share(folded: Folded) -> NDArray[np.float64]:
    """Share of Han characters among all written characters of each text."""
    han = np.bincount(folded.text[folded.han], minlength=folded.texts)
    letters = np.bincount(folded.text[folded.letter], minlength=folded.texts)
    return np.asarray(han / np.maximum(han + letters, 1), dtype=np.float64)


def _units(folded: Folded, windows: Windows) -> TextUnits:
    starts, ends = folded.words
    long = ends - starts > 1
    han = folded.han.nonzero()[0]
    starts = np.concatenate([starts[long], han])
    ends = np.concatenate([ends[long], han + 1])
    key = windows.hashes(starts, ends, salt=20) >> _KNOWN_SHIFT
    return TextUnits(text=folded.text[starts], key=key.astype(np.int32))


FIRST_OF_OTHER_SCRIPTS = 0x250
"""From this character on, letters that are not Han belong to neither English nor Chinese."""

STRANGE_SHARE = 0.2


def _other_language(folded: Folded, units: TextUnits) -> NDArray[np.bool_]:
    """Whether each text is in another language, by its letters or by its small words."""
    texts = folded.texts
    strange = (folded.letter & (folded.codes >= FIRST_OF_OTHER_SCRIPTS)) | is_kana_or_hangul(
        folded.codes
    )
    written = np.bincount(folded.text[folded.letter | folded.han], minlength=texts)
    letters = np.bincount(folded.text[strange], minlength=texts)
    votes = _small_words()[units.key]
    foreign = np.bincount(units.text[votes > 0], minlength=texts)
    english = np.bincount(units.text[votes < 0], minlength=texts)
    is_foreign = (foreign >= 2) & (foreign > english) & (_han_share(folded) < STRANGE_SHARE)
    return np.asarray(is_foreign | (letters > STRANGE_SHARE * np.maximum(written, 1)))


@cache
def _small_words() -> NDArray[np.int8]:
    """By the key of a word: 1 for a small word of another language, -1 for an English one."""
    votes = np.zeros(1 << KNOWN_BITS, dtype=np.int8)
    for small_words, vote in ((OTHERS, 1), (ENGLISH, -1)):
        folded = fold([" ".join(small_words)])
        votes[_units(folded, Windows(folded.codes)).key] = vote
    return votes


def known_share(features_found: Features, is_known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The share of each text's words and Han characters that are known; 0 where it has none."""
    texts = features_found.folded.texts
    every = np.bincount(features_found.units.text, minlength=texts)
    known_units = np.bincount(
        features_found.units.text[is_known[features_found.units.key]], minlength=texts
    )
    return (known_units / np.maximum(every, 1)).astype(np.float32)


def words_known(features_found: Features, fewest: int) -> NDArray[np.bool_]:
    """Which words and Han characters stand in at least `fewest` of the texts, by their keys."""
    units = features_found.units
    both = np.unique(units.key.astype(np.int64) << 32 | units.text.astype(np.int64))
    return np.asarray(np.bincount(both >> 32, minlength=1 << KNOWN_BITS) >= fewest)


def _character_families(folded: Folded, windows: Windows) -> Iterator[Family]:
    sorts = [(salt, length, start) for salt, length, start in _windows(folded) if start.size]
    if not sorts:
        return
    sizes = [start.size for _, _, start in sorts]
    start = np.concatenate([start for _, _, start in sorts])
    end = start + np.repeat([length for _, length, _ in sorts], sizes)
    mixed = mix(windows.plain(start, end), salt=[salt for salt, _, _ in sorts], sizes=sizes)
    row = (mixed >> _CHARACTER_SHIFT).astype(np.int32)
    yield from _families(CHARACTERS, folded, row, start, end, sizes)


def _windows(folded: Folded) -> Iterator[tuple[int, int, Places]]:
    """Windows inside words, and those with Han characters: salt, length, where they begin."""
    size = folded.codes.size
    letters = _counts(folded.letter)
    if letters[-1]:
        edges = _counts(folded.codes == SPACE)
        for length in LETTER_WINDOWS:
            if size >= length:
                inner = _between(letters, length, 1)
                at_ends = _between(letters, length, 0) - inner
                at_ends += _between(edges, length, 0) - _between(edges, length, 1)
                yield length, length, ((inner == length - 2) & (at_ends == 2)).nonzero()[0]
    hans = _counts(folded.han)
    if hans[-1]:
        for length in HAN_WINDOWS:
            if size >= length:
                han = _between(hans, length, 0)
                written = han + _between(letters, length, 0)
                yield 10 + length, length, ((han > 0) & (written == length)).nonzero()[0]


def _word_families(folded: Folded, windows: Windows) -> Iterator[Family]:
    starts, ends = folded.words
    if not starts.size:
        return
    word_hashes = windows.hashes(starts, ends, salt=20)
    text = folded.text[starts]
    second = mix(word_hashes, salt=30)
    near = [(text[:-reach] == text[reach:]).nonzero()[0] for reach in (1, 2)]
    sizes = [adjacent.size for adjacent in near]
    pairs = [
        word_hashes[adjacent] ^ second[adjacent + reach]
        for reach, adjacent in enumerate(near, start=1)
    ]
    hashes = np.concatenate([word_hashes, mix(np.concatenate(pairs), salt=(31, 32), sizes=sizes)])
    row = (hashes >> _WORD_SHIFT).astype(np.int32) + CHARACTER_ROWS
    start = np.concatenate([starts, *(starts[adjacent] for adjacent in near)])
    last = [ends, *(ends[adjacent + reach] for reach, adjacent in enumerate(near, start=1))]
    yield from _families(WORDS, folded, row, start, np.concatenate(last), [starts.size, *sizes])


def _phrase_families(folded: Folded, hits: Hits) -> Iterator[Family]:
    if not hits.start.size:
        return
    text, concept = folded.text[hits.start], hits.concept.astype(np.uint64)
    near = [
        ((text[:-reach] == text[reach:]) & (concept[:-reach] != concept[reach:])).nonzero()[0]
        for reach in range(1, PAIR_REACH + 1)
    ]
    sizes = [adjacent.size for adjacent in near]
    first = np.concatenate(near)
    second = first + np.repeat(range(1, PAIR_REACH + 1), sizes)
    first_concept, second_concept = concept[first], concept[second]
    pair = mix(
        np.minimum(first_concept, second_concept) * _CONCEPTS
        + np.maximum(first_concept, second_concept),
        salt=40,
    )
    row = np.concatenate(
        [
            CONCEPT_ROW + hits.concept.astype(np.int32),
            (pair >> _PAIR_SHIFT).astype(np.int32) + (CHARACTER_ROWS + WORD_ROWS),
        ]
    )
    start = np.concatenate([hits.start, hits.start[first]])
    end = np.concatenate([hits.end, hits.end[second]])
    yield from _families(PHRASES, folded, row, start, end, [hits.start.size, *sizes])


_CHARACTER_SHIFT, _WORD_SHIFT, _PAIR_SHIFT, _KNOWN_SHIFT = (
    np.uint64(64 - bits) for bits in (CHARACTER_BITS, WORD_BITS, PAIR_BITS, KNOWN_BITS)
)
_CONCEPTS = np.uint64(4_096)


def _families(
    group: int,
    folded: Folded,
    row: NDArray[np.int32],
    start: Places,
    end: Places,
    sizes: Sequence[int],
) -> Iterator[Family]:
    """One family of one text; of several, one for each sort, in which the texts are in order."""
    text = folded.text[start]
    if folded.texts == 1:
        yield Family(group=group, text=text, row=row, start=start, end=end)
        return
    begin = 0
    for size in sizes:
        part = slice(begin, begin := begin + size)
        if size:
            yield Family(
                group=group, text=text[part], row=row[part], start=start[part], end=end[part]
            )


def _counts(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    before = np.zeros(flags.size + 1, dtype=np.int32)
    np.cumsum(flags, out=before[1:])
    return before


def _between(before: NDArray[np.int32], length: int, margin: int) -> NDArray[np.int32]:
    """For each window of `length`, the count inside it without `margin` places at both ends."""
    window_count = before.size - length
    high = before[length - margin : length - margin + window_count]
    return high - before[margin : margin + window_count]


__all__ = [
    "SEPARATOR",
    "Family",
    "Features",
    "TextUnits",
    "features",
    "known_share",
    "norms",
    "rows",
]
