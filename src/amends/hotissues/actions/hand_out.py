"""What this room holds about one person, for an export: the hot issues that hit them."""

from __future__ import annotations

from typing import Any

from amends.database.handing_out import rows_about
from amends.hotissues.models import Affected

TABLES = (Affected,)


def hand_out(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be handed out is for the caller to know."""
    return rows_about(subscriber, *TABLES)
