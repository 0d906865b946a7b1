"""What this app holds about one person, for a subject access request."""

from __future__ import annotations

from typing import Any

from amends.cases.audits.models import MissedNotice
from amends.platform.database.subject_access_export import rows_about


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; the caller decides whether they may be disclosed."""
    return rows_about(subscriber, MissedNotice)
