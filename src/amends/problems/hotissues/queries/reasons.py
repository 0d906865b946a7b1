"""The reasons that the platform itself gives for what happens to an issue: codes with arguments.

They are kept as `code:NAME` or `code:NAME:ARGUMENT`, and told in the reader's language; what a
person wrote is kept, and shown, as it is.
"""

from __future__ import annotations

_SIGN = "code:"


def coded(name: str, n: int | None = None) -> str:
    """A reason of the platform as it is kept.

    >>> coded("no_drop", 3), coded("drill")
    ('code:no_drop:3', 'code:drill')
    """
    return f"{_SIGN}{name}" if n is None else f"{_SIGN}{name}:{n}"


BY_SCAN, HOT_AGAIN, NOT_THERE = coded("no_alarm"), coded("hot_again"), coded("not_there")
ONE_CAUSE, INVENTED, SAYS_SO = coded("one_cause"), coded("invented"), coded("drill")
