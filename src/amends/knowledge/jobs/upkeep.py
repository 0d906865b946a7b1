"""Jobs of the knowledge base."""

from __future__ import annotations

from datetime import datetime

from amends.knowledge.actions import readers


def forget_readings(now: datetime) -> int:
    """Forget what was read a day ago and no complaint followed."""
    return readers.forget_readings(now=now)
