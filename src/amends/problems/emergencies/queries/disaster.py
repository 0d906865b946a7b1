"""Whether an issue is marked as a natural disaster: by whom, when and why."""

from __future__ import annotations

from amends.platform.database.once_per_request import once_per_request
from amends.problems.hotissues.queries.records import Happening, HotIssue

DECLARED, WITHDRAWN = "disaster_declared", "disaster_withdrawn"


@once_per_request
def disaster_of(issue: HotIssue) -> Happening | None:
    """The current mark; None where there is none, or it was removed."""
    last = issue.happenings.filter(verb__in=(DECLARED, WITHDRAWN)).order_by("-at", "-id").first()
    return last if last is not None and last.verb == DECLARED else None
