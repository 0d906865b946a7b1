"""Commitments: a value is bound into the log without being in it.

The commitment is an HMAC-SHA256 under a random key of its own. Whoever has the key can show the
value; when the key is erased, the commitment says nothing about the value any more, not even to
someone who guesses it, and the log verifies as before.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

KEY_BYTES = 32


def commit(value: bytes, key: bytes) -> str:
    """64 hexadecimal digits that bind `value` under `key` (32 random bytes).

    >>> len(commit(b"yes", bytes(32)))
    64
    """
    if len(key) != KEY_BYTES:
        raise ValueError("A commitment's key has 32 bytes.")
    return hmac.new(key, value, sha256).hexdigest()


def opens(commitment: str, value: bytes, key: bytes) -> bool:
    """Whether `value` under `key` is what was committed to.

    >>> opens(commit(b"yes", bytes(32)), b"no", bytes(32))
    False
    """
    return hmac.compare_digest(commit(value, key), commitment)
