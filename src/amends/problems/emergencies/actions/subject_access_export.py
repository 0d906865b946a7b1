"""What this app holds about one person, for an export: the hot issues that hit them."""

from __future__ import annotations

from typing import Any

from amends.platform.database.subject_access_export import rows_about
from amends.problems.emergencies.models import Affected

TABLES = (Affected,)


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be handed out is for the caller to know."""
    return rows_about(subscriber, *TABLES)
