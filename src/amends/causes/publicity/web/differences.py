"""What changed between two versions of a text."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby

_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]+|\d+(?:[.,]\d+)*|\s+|.", re.S)
_SENTENCE = re.compile(r"(?:[^.!?。！？\n]|\.(?=\d))*[.!?。！？\n]?", re.S)
_MOST_SENTENCES = 500
"""Longer texts are compared in lines: comparing takes the square of the number of pieces."""
_ALIKE = 0.5
"""Share of common text from which two sentences are one sentence that was changed."""


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The pieces of both texts in order, each with "same", "removed" or "added".

    Texts are compared by sentence, a sentence that was changed by word.

    >>> differences("59 yuan a month", "69 yuan a month")
    [('removed', '59'), ('added', '69'), ('same', ' yuan a month')]
    >>> differences("Free for you. Ask us.", "Ten yuan a month. Ask us.")
    [('removed', 'Free for you.'), ('added', 'Ten yuan a month.'), ('same', ' Ask us.')]
    """
    old, new = _pieces(before), _pieces(after)
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += [("same", sentence) for sentence in old[a:b]]
        elif kind == "replace" and b - a == d - c:
            for pair in zip(old[a:b], new[c:d], strict=True):
                pieces += _by_word(*pair)
        else:
            pieces += [("removed", sentence) for sentence in old[a:b]]
            pieces += [("added", sentence) for sentence in new[c:d]]
    return [
        (kind, "".join(text for _kind, text in group))
        for kind, group in groupby(pieces, key=lambda piece: piece[0])
    ]


def _by_word(before: str, after: str) -> list[tuple[str, str]]:
    """Changes within a sentence; both sentences as they are where few words stayed."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > _MOST_SENTENCES or matcher.ratio() < _ALIKE:
        return [("removed", before), ("added", after)]
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[a:b])))
        else:
            pieces += [("removed", word) for word in old[a:b]]
            pieces += [("added", word) for word in new[c:d]]
    return pieces


def _pieces(text: str) -> list[str]:
    """Sentences; of texts that have too many of them, lines of 80 characters."""
    sentences = [match for match in _SENTENCE.findall(text) if match]
    if len(sentences) > _MOST_SENTENCES:
        return [text[at : at + 80] for at in range(0, len(text), 80)]
    return sentences
