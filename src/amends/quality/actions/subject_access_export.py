"""What this app holds about one person: speed tests attached to their complaints, and campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from amends.database.subject_access_export import rows_about
from amends.quality.models import Campaign, SpeedTest

TABLES = (SpeedTest, Campaign)


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be handed out is for the caller to know."""
    return rows_about(subscriber, *TABLES)


def erase(subscriber: str, now: datetime) -> int:
    """Detach the person's tests: what was measured stays, of whose line goes; how many."""
    Campaign.objects.filter(subscriber=subscriber).update(
        subscriber="", channel="", recipient=b"", confirmed_at=None
    )
    own = SpeedTest.objects.filter(subscriber=subscriber)
    return own.update(subscriber="", service="", complaint="", campaign=None)
