"""Where an issue is, and which complaints belong to it now."""

from __future__ import annotations

from amends.platform.database.once_per_request import once_per_request
from amends.problems.hotissues.models import HotIssue, Membership


@once_per_request
def main_place(issue: HotIssue) -> str:
    """The place an issue is named after; "" is everything, and an issue without a place."""
    return issue.cells.filter(main=True).values_list("place", flat=True).first() or ""


def goes_on_as(issue: HotIssue) -> HotIssue:
    """The issue that stands for it: itself, or the one it was merged into."""
    while issue.merged_into is not None:
        issue = issue.merged_into
    return issue


@once_per_request
def complaints_in(issue: HotIssue) -> list[str]:
    """The complaints that belong to an issue now, in the order they joined."""
    rows = Membership.objects.filter(issue=issue, left_at__isnull=True)
    return list(rows.order_by("joined_at", "id").values_list("complaint", flat=True))
