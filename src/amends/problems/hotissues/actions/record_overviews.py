"""Compute what the table of issues shows, so that opening it computes nothing."""

from __future__ import annotations

from datetime import datetime

from amends.problems.hotissues.models import HotIssue, IssueOverview
from amends.problems.hotissues.queries.overview import overview_of


def record_overviews(*, now: datetime) -> int:
    """Renew the overview of each open issue; how many there are."""
    opened = HotIssue.objects.filter(state="open", drill=False, merged_into__isnull=True)
    overviews = [overview_of(issue, now=now) for issue in opened.order_by("id")]
    IssueOverview.objects.bulk_create(
        overviews,
        update_conflicts=True,
        unique_fields=["issue"],
        update_fields=["first_day", "days", "affected", "affected_by", "reaches", "computed_at"],
    )
    return len(overviews)
