"""Signatures by Standard Webhooks, version v1: HMAC-SHA256 of id, timestamp and body."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signatures(secret_texts: Iterable[str], event: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret, separated by spaces.

    timestamp  seconds since 1970-01-01 UTC

    >>> signatures(["whsec_AAAA"], "msg_1", 0, b"{}")
    'v1,2GF8lg2r21anFV6A2lgzCfWiGl1i1KlH7anAuH8//Xk='
    """
    signed = b".".join((event.encode(), str(timestamp).encode(), body))
    keys = [b64decode(text.removeprefix(PREFIX)) for text in secret_texts]
    return " ".join(f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys)
