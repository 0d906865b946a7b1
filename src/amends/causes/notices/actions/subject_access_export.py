"""What this app holds about one person, for a subject access request: notices, choices, events,
caps."""

from __future__ import annotations

from typing import Any

from amends.causes.notices.models import Hold, LifeEvent, Notice, Preference
from amends.platform.database.subject_access_export import rows_about

TABLES = (
    Hold,
    LifeEvent,
    Notice,
    Preference,
)


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be disclosed is for the caller to decide."""
    return rows_about(subscriber, *TABLES)
