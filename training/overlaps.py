"""Could a title somebody else wrote be read off our templates? Exact readings and near ones.

A template is a small grammar; whether it can say a title is decided, not sampled: both are
compared without case, punctuation, spaces and names of companies. "Near" is a title of five words or
more with one taken out, or any five words in a row. `written` compares with the texts training really writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from training.grammar import Grammar, Node

FEWEST_WORDS = 3
"""Titles of one or two words ("data cap") are the trade's own terms."""

WORDS_IN_A_ROW = 5
COMPANIES = frozenset({"op", "they"})
ALIKE = 0.9
DONE = -2
NOT_BEGUN = -1

_NAMES = re.compile(r"\b(comcasts?|com?cas?t|xfinitys?|verizon|at t|att)\b")


@dataclass(frozen=True, slots=True)
class Overlap:
    """A title, how it overlaps, and with what."""

    title: str
    how: str
    where: str


def bare_words(text: str) -> list[str]:
    """The words of a text, small, without punctuation and without names of companies.

    >>> bare_words("Comcast's data-cap")
    ['data', 'cap']
    """
    plain = re.sub(r"[^a-z0-9]+", " ", re.sub(r"['’`]", "", text.lower()))
    return _NAMES.sub(" ", plain).split()


def _whole_title(title: str) -> list[str]:
    """The words of a title; not the one that led to the company's name ("service from Comcast")."""
    words = bare_words(title)
    return words[:-1] if words and words[-1] in {"by", "from", "with"} else words


def read_off(titles: Iterable[str], grammar: Grammar) -> Iterator[Overlap]:
    """Every title that templates of `grammar` can say, wholly, all but a word, or five words of."""
    templates = [
        (f"{section} {number}", template, _vocabulary(template, grammar))
        for section, lines in grammar.sections.items()
        for number, template in enumerate(lines, 1)
    ]
    for title in titles:
        words = _whole_title(title)
        for where, template, vocabulary in templates:
            if sum(word not in vocabulary for word in words) > len(words) - FEWEST_WORDS:
                continue
            if how := _said(words, template, vocabulary, grammar):
                yield Overlap(title, how, where)


def written(titles: Sequence[str], texts: Iterable[str]) -> Iterator[Overlap]:
    """Every title that equals one of `texts`, or is at least nine tenths the same by edits."""
    by_words: dict[tuple[str, ...], str] = {}
    by_pair: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for text in texts:
        words = tuple(bare_words(text))
        if len(words) <= 30 and words not in by_words:
            by_words[words] = text
            for pair in pairwise(words):
                by_pair.setdefault(pair, []).append(words)
    for title in titles:
        words = tuple(bare_words(title))
        if words and words in by_words:
            yield Overlap(title, "written", by_words[words])
        if len(words) <= FEWEST_WORDS:
            continue
        shared: dict[tuple[str, ...], int] = {}
        for pair in set(pairwise(words)):
            for other in by_pair.get(pair, ()):
                shared[other] = shared.get(other, 0) + 1
        for other, pairs in shared.items():
            if pairs >= len(words) // 2 and abs(len(other) - len(words)) <= 1 and words != other:
                alike = SequenceMatcher(None, " ".join(words), " ".join(other), autojunk=False)
                if alike.real_quick_ratio() >= ALIKE and alike.ratio() >= ALIKE:
                    yield Overlap(title, "written nearly", by_words[other])


def _said(words: list[str], template: list[Node], vocabulary: set[str], grammar: Grammar) -> str:
    """How a template says the title: "whole", "but a word", "five words", or ""."""
    if len(words) < FEWEST_WORDS:
        return ""
    if _ends(template, "".join(words), {0}, grammar, anywhere=False):
        return "whole"
    if len(words) >= WORDS_IN_A_ROW:
        for place in range(len(words)):
            rest = "".join(words[:place] + words[place + 1 :])
            if _ends(template, rest, {0}, grammar, anywhere=False):
                return "but a word"
    for place in range(len(words) - WORDS_IN_A_ROW + 1):
        row = words[place : place + WORDS_IN_A_ROW]
        if all(word in vocabulary for word in row) and _ends(
            template, "".join(row), {NOT_BEGUN}, grammar, anywhere=True
        ):
            return "five words"
    return ""


def _ends(
    nodes: list[Node], text: str, places: set[int], grammar: Grammar, *, anywhere: bool
) -> bool:
    """Whether a reading of `nodes` is `text`, or has it inside where it may begin `anywhere`."""
    found = _follow(nodes, text, places, grammar, anywhere=anywhere)
    return DONE in found or len(text) in found


def _follow(
    nodes: list[Node], text: str, places: set[int], grammar: Grammar, *, anywhere: bool
) -> set[int]:
    """How far into `text` each reading of `nodes` gets from `places`."""
    for node in nodes:
        if DONE in places or not places:
            break
        if isinstance(node, str):
            places = _follow_text(node, text, places, anywhere=anywhere)
            continue
        skipped = places if isinstance(node, tuple) and node[0] in COMPANIES else set()
        if isinstance(node, tuple):
            options = [] if node[0] == "op" else grammar.slots[node[0]]
        else:
            options = node
        places = skipped.union(
            *(_follow(option, text, places, grammar, anywhere=anywhere) for option in options)
        )
    return places


def _follow_text(said: str, text: str, places: set[int], *, anywhere: bool) -> set[int]:
    words = bare_words(said)
    joined = "".join(words)
    found: set[int] = set()
    for place in places:
        if place == NOT_BEGUN:
            found.add(NOT_BEGUN)
            for begin in range(len(words)):
                tail = "".join(words[begin:])
                if tail.startswith(text):
                    return {DONE}
                if text.startswith(tail):
                    found.add(len(tail))
        elif text.startswith(joined, place):
            found.add(place + len(joined))
        elif anywhere and joined.startswith(text[place:]):
            return {DONE}
    return found


def _vocabulary(nodes: list[Node], grammar: Grammar) -> set[str]:
    """The words of all readings; halves of words ("cap" and "s") also joined."""
    words: set[str] = set()
    for node in nodes:
        if isinstance(node, str):
            found = bare_words(node)
            words.update(found, (f"{word}s" for word in found))
        elif isinstance(node, tuple):
            if node[0] not in COMPANIES:
                words.update(*(_vocabulary(option, grammar) for option in grammar.slots[node[0]]))
        else:
            words.update(*(_vocabulary(option, grammar) for option in node))
    return words
