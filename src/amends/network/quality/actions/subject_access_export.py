"""What this app holds about one person: speed tests, campaigns, incidents that affected them."""

from __future__ import annotations

from typing import Any

from amends.network.quality.models import Campaign, IncidentComplaint, IncidentPerson, SpeedTest
from amends.platform.database.subject_access_export import rows_about
from amends.platform.registry import Erasure

TABLES = (SpeedTest, Campaign, IncidentPerson, IncidentComplaint)


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; whether they may be handed out is for the caller to know."""
    return rows_about(subscriber, *TABLES)


def erase(erasure: Erasure) -> int:
    """Detach the person's tests: what was measured stays, of whose line goes; how many."""
    Campaign.objects.filter(subscriber=erasure.pseudonym).update(
        subscriber="", channel="", recipient=b"", confirmed_at=None
    )
    IncidentPerson.objects.filter(subscriber=erasure.pseudonym).delete()
    IncidentComplaint.objects.filter(subscriber=erasure.pseudonym).update(subscriber="")
    own = SpeedTest.objects.filter(subscriber=erasure.pseudonym)
    return own.update(subscriber="", service="", complaint="", campaign=None)
