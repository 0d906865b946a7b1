"""Bind a value into the log without putting it there, and erase it later."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from amends.kit.periods import to_ms
from amends.ledger.models import Commitment
from amends.ledger.rules import commitments


def commit(value: bytes, *, subscriber: str, seal: Callable[[bytes], bytes], now: datetime) -> str:
    """The commitment to `value`, for a fact's payload: 64 hexadecimal digits.

    seal   encrypts the commitment's own random key under the subscriber's data key

    Made in the caller's transaction, so key and fact are kept together or not at all.
    """
    key = secrets.token_bytes(commitments.KEY_BYTES)
    made = commitments.commit(value, key)
    Commitment.objects.create(
        commitment=made,
        subscriber=subscriber,
        sealed_key=seal(key),
        made_at_ms=to_ms(now),
    )
    return made


def erase_commitments(subscriber: str) -> int:
    """Destroy the keys of a subscriber's commitments; how many. The log verifies as before."""
    erased, _ = Commitment.objects.filter(subscriber=subscriber).delete()
    return erased
