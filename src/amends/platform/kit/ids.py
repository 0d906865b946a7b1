"""Identifiers: random, never derived from a person's data.

Alphabet: Crockford's base 32 in lower case (no i, l, o, u), so an identifier can be read aloud.
"""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_last = 0
_one_at_a_time = threading.Lock()


def random_id(prefix: str = "", *, length: int = 20) -> str:
    """A random identifier of `length` characters of five bits each, after `prefix` and a dash.

    >>> len(random_id("svc"))
    24
    """
    bits = secrets.randbits(5 * length)
    body = "".join(_ALPHABET[(bits >> (5 * position)) & 31] for position in range(length))
    return f"{prefix}-{body}" if prefix else body


def tracking_code() -> str:
    """A code a complainant keeps: twelve characters (60 random bits) in three groups.

    At least one is a digit: that is how a code in somebody's words is told from three plain words.

    >>> len(tracking_code())
    14
    """
    body = random_id(length=12).upper()
    while not any(letter.isdigit() for letter in body):
        body = random_id(length=12).upper()
    return f"{body[:4]}-{body[4:8]}-{body[8:]}"


def time_ordered_id(*, now_ms: int | None = None) -> str:
    """32 hexadecimal digits: 48 bits of milliseconds, then 80 random bits; sorts by time.

    Those a process makes of its own clock sort in the order they were made, also within one
    millisecond and when the clock is set back, as RFC 9562 (6.2, method 2) has it for UUIDs.

    >>> time_ordered_id(now_ms=1) < time_ordered_id(now_ms=2)
    True
    >>> made = [time_ordered_id() for _ in range(1000)]
    >>> made == sorted(made)
    True
    """
    if now_ms is not None:
        return f"{now_ms:012x}{secrets.randbits(80):020x}"
    global _last
    moment = int(time.time() * 1000)
    with _one_at_a_time:
        if moment > _last >> 80:
            _last = (moment << 80) | secrets.randbits(80)
        else:
            _last += (1 + secrets.randbits(32)) << 24  # their first 26 digits differ too
        return f"{_last:032x}"
