"""Watch the looks at personal data."""

from __future__ import annotations

from datetime import datetime

from amends.privacy.actions.watch_looks import watch_looks


def watch(now: datetime) -> int:
    """Store what is new; how many alerts."""
    return watch_looks(now=now)
