"""Import the files that were confirmed on the page of imports."""

from __future__ import annotations

from datetime import datetime

from amends.entrances.feeds.actions.uploads import import_confirmed, tidy


def import_uploads(*, now: datetime) -> int:
    """How many files ended."""
    return import_confirmed(now=now)


def tidy_uploads(*, now: datetime) -> int:
    """How many files nobody confirmed in time."""
    return tidy(now=now)
