"""What changed between two versions of a text."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby

_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]+|\d+(?:[.,]\d+)*|\s+|.", re.S)
_SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]?", re.S)
_MOST_WORDS = 500
"""Longer texts are compared by sentences: comparing takes the square of the number of pieces."""


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The pieces of both texts in order, each with "same", "removed" or "added".

    >>> differences("59 yuan a month", "69 yuan a month")
    [('removed', '59'), ('added', '69'), ('same', ' yuan a month')]
    """
    word_lists = _WORD.findall(before), _WORD.findall(after)
    if max(map(len, word_lists)) > _MOST_WORDS:
        word_lists = _pieces(before), _pieces(after)
    old, new = word_lists
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += [("same", word) for word in old[a:b]]
        else:
            pieces += [("removed", word) for word in old[a:b]]
            pieces += [("added", word) for word in new[c:d]]
    return [
        (kind, "".join(word for _kind, word in group))
        for kind, group in groupby(pieces, key=lambda piece: piece[0])
    ]


def _pieces(text: str) -> list[str]:
    """Sentences; of texts that have too many of them, lines of 80 characters."""
    sentences = [match for match in _SENTENCE.findall(text) if match]
    if len(sentences) > _MOST_WORDS:
        return [text[at : at + 80] for at in range(0, len(text), 80)]
    return sentences
