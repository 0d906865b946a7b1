"""A fact as the ledger gives it back, whether it stood alone or in a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from amends.platform.kit.periods import from_ms


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact on record: what was stated, when it was recorded, and where it stands in the log.

    happened_at_ms, recorded_at_ms  milliseconds since 1970-01-01 UTC
    leaf_hash   32 bytes: SHA-256 over a zero byte and the fact's canonical bytes
    seq         number of its entry in the log (its own, or its segment's); None until sequenced
    segment     the segment it stands in, or "" if it stands alone
    row         its row in the segment, or -1

    >>> StoredFact("0" * 32, "ServiceStopped", 1, "p1", "svc-1", 1000, 2000, "crm",
    ...            {"initiator": "subscriber"}, b"").happened_at.isoformat()
    '1970-01-01T00:00:01+00:00'
    """

    id: str
    kind: str
    version: int
    subscriber: str
    subject: str
    happened_at_ms: int
    recorded_at_ms: int
    source: str
    payload: Mapping[str, str | int]
    leaf_hash: bytes
    seq: int | None = None
    segment: str = ""
    row: int = -1

    @property
    def happened_at(self) -> datetime:
        """When it happened, in UTC."""
        return from_ms(self.happened_at_ms)

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded, in UTC."""
        return from_ms(self.recorded_at_ms)
