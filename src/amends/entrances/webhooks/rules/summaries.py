"""How an endpoint stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSummary:
    """An endpoint and its deliveries in numbers; its secret is never shown again.

    state            on, off or disabled (after days of failures)
    waiting, failed  events that are not delivered yet, and that were given up
    failing_since    since when no event arrives; None where the last one did
    """

    name: str
    url: str
    event_types: tuple[str, ...]
    envelope: str
    state: str
    waiting: int
    failed: int
    failing_since: datetime | None
