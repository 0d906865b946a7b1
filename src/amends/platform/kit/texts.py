"""Text from outside, made safe to store and show without changing what it says."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Control characters no text needs, and the marks that reorder what follows them: a name or a file
# could show itself as something else. Plain direction marks (U+200E, U+200F) stay.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_LONE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without control characters, reordering marks and halves of characters.

    >>> clean("a\\x00b\\u202egpj.exe")
    'abgpj.exe'
    """
    return whole(_UNSAFE.sub("", text)).replace("\r\n", "\n").replace("\r", "\n")


def whole(text: str) -> str:
    """The text with halves of characters replaced, so that it can be encoded at all.

    >>> whole("half \\ud83d") == "half \\ufffd"
    True
    """
    return _LONE.sub("\ufffd", text)


_LEAST_SAID, _LEAST_LETTERS = 6, 3


def says_why(text: str) -> bool:
    """Whether a typed reason can say anything: six letters or figures, of which a Han character or
    another wide one counts two, and at least three different ones.

    >>> [says_why(one) for one in ("用户已确认", "Paid twice", "ok", "aaaa aaaa", "好好好好")]
    [True, True, False, False, False]
    """
    characters = [
        character for character in text.casefold() if unicodedata.category(character)[0] in "LMN"
    ]
    weight = sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in characters)
    return weight >= _LEAST_SAID and len(set(characters)) >= _LEAST_LETTERS


_NOT_IN_WORDS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The words without case, width, space and punctuation.

    >>> plain("Ｎo  SIGNAL!!")
    'nosignal'
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return _NOT_IN_WORDS.sub("", folded)


def fingerprint(text: str) -> int:
    """A signed 64-bit print of the plain words; equal words give equal prints.

    >>> fingerprint("No signal!") == fingerprint("no SIGNAL")
    True
    """
    digest = hashlib.blake2b(plain(text).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
