"""The header with the idempotency key of a request."""

from __future__ import annotations

from typing import Any

from ninja import Header

from amends.entrances.portals.actions.idempotency import finish, hand_over

__all__ = ["IDEMPOTENCY_KEY", "finish", "hand_over"]

IDEMPOTENCY_KEY: Any = Header(
    ...,
    alias="Idempotency-Key",
    min_length=1,
    max_length=90,
    pattern=r"^[!-~]+$",
    description="Yours, new for every request and the same when you repeat it.",
)
