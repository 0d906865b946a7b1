"""A text normalised for reading; every character keeps its place."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]{0,2000}>",
    re.S | re.I,
)
_FOLDED = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；：。"},
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff5e~"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    ord("￥"): "¥",
    ord("￡"): "£",
}


def normalise(text: str) -> str:
    """The text in half width and without mark-up, of the same length.

    Characters that would unfold into several (㍿) stay as they are, so that a position in the
    normalised text is the position in the original and the length of the work is that of the text.

    >>> normalise("５９元／月")
    '59元/月'
    """
    if "<" in text:
        text = _MARKUP.sub(lambda markup_match: " " * len(markup_match[0]), text)
    return text if text.isascii() else text.translate(_FOLDED)


def lowered(text: str) -> str:
    """The text in small letters, of the same length."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(
        character if len(character.lower()) != 1 else character.lower() for character in text
    )
