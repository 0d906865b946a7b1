"""An open issue at a glance, and the response to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.platform import registry
from amends.problems.hotissues.models import HotIssue, IssueOverview
from amends.problems.hotissues.queries.issue_summary import curve, hit


@dataclass(frozen=True, slots=True)
class IssueResponse:
    """What is being done about an issue, as the app that responds to issues states it.

    level     of the emergency, in words; "" for none
    reaches   a higher level that it reaches, in words; "" for none
    step      the next step that is due, in words; "" for none
    late      steps whose time has passed
    silent    people affected who have not complained; None before a declaration
    """

    level: str = ""
    reaches: str = ""
    step: str = ""
    due_at: datetime | None = None
    is_late: bool = False
    late: int = 0
    silent: int | None = None


def overview_of(issue: HotIssue, *, now: datetime) -> IssueOverview:
    """The overview of an issue, not saved. Reads the complaints of its weeks."""
    days = curve(issue)
    seen = hit(issue, now=now)
    return IssueOverview(
        issue=issue,
        first_day=days[0].day,
        days=[day.persons for day in days],
        affected=seen.hit,
        affected_by=seen.by,
        reaches=next(iter(filter(None, registry.about_issue("reaches", issue, now=now))), ""),
        computed_at=now,
    )
