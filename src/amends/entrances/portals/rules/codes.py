"""Tracking codes as people type them."""

from __future__ import annotations

import unicodedata

_LENGTH = 12
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def tidy_code(typed: str) -> str:
    """The code meant: case, spaces, dashes and letters that look like digits do not matter.

    What cannot be a code is given back as "".

    >>> tidy_code(" abcd efgh-jk2O ")
    'ABCD-EFGH-JK20'
    >>> tidy_code("not a code")
    ''
    """
    folded = unicodedata.normalize("NFKC", typed[:100]).upper()
    body = "".join(char for char in folded if char.isalnum()).translate(_ALIKE)
    if len(body) != _LENGTH or not body.isascii() or "U" in body:
        return ""
    return f"{body[:4]}-{body[4:8]}-{body[8:]}"
