"""Retry: when a message that could not be handed over is tried again."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

WAITS_S = (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 43_200, 43_200)
MAX_ATTEMPTS = len(WAITS_S) + 1


def wait_before_retry(attempts: int, *, message: str) -> timedelta | None:
    """How long to wait after the `attempts`-th try failed; None once it is time to give up.

    attempts  tries made so far, at least 1
    message   id of the message; spreads retries by up to a tenth, the same each time

    A mail server that is down for a night is met; after about two days the message has failed
    (RFC 5321, 4.5.4.1 gives mail servers four to five days; here a person can still act).

    >>> wait_before_retry(1, message="a").total_seconds() <= 66
    True
    >>> wait_before_retry(10, message="a") is None
    True
    """
    if attempts < 1:
        raise ValueError("A retry follows at least one try.")
    if attempts >= MAX_ATTEMPTS:
        return None
    wait_s = WAITS_S[attempts - 1]
    spread = int.from_bytes(sha256(f"{message}:{attempts}".encode()).digest()[:2]) / 65_536
    return timedelta(seconds=wait_s + wait_s * 0.1 * spread)
