"""Text that a terminal shows and does not obey."""

from __future__ import annotations

import re

# Control characters but tab and line feed, marks that turn the direction of writing, and what
# is left of bytes that are no UTF-8.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object) -> str:
    r"""The text with its control characters escaped, as in `b\x07.csv`.

    >>> print(printable("b\x07.csv"))
    b\x07.csv
    """
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], str(text))
