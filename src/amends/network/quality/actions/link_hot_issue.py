"""Link an incident to the hot issue that describes the same event."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.network.quality.actions.incident_records import record_event
from amends.network.quality.models import NetworkIncident
from amends.platform.kit.actors import Actor


def link_hot_issue(number: int, hot_issue: str, *, by: Actor, now: datetime) -> bool:
    """Link them, unless the incident is linked already; whether it is linked now."""
    with transaction.atomic():
        row = NetworkIncident.objects.select_for_update().filter(number=number).first()
        if row is None or row.hot_issue:
            return False
        row.hot_issue = hot_issue
        row.save(update_fields=["hot_issue"])
        record_event(row, "hot_issue", by=by.ref, at=now, hot_issue=hot_issue)
    return True
