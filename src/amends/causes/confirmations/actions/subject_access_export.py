"""What this app holds about one person, for an export: orders, what runs, bills, findings."""

from __future__ import annotations

from typing import Any

from amends.causes.confirmations.models import (
    AuditFinding,
    BillSent,
    Order,
    Presence,
    RunningService,
)
from amends.platform.database.subject_access_export import rows_about

TABLES = (
    AuditFinding,
    BillSent,
    Order,
    Presence,
    RunningService,
)


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be handed out is for the caller to know."""
    return rows_about(subscriber, *TABLES)
