"""Text from outside, made safe to store and show without changing what it says."""

from __future__ import annotations

import re

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
