"""Report to `quality` the faults that complaints point to and no system has named."""

from __future__ import annotations

from datetime import datetime

from amends.network.quality.actions.link_hot_issue import link_hot_issue
from amends.network.quality.actions.take_signs import suspect
from amends.platform.kit.actors import system
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries.linked_events import incidents_of

JOB = system("hotissues")
_LEAST_FIT = 0.5
UNRECORDED = "unrecorded"


def suspect_faults(*, now: datetime) -> list[int]:
    """One pass over open issues: link the incidents of the same event, and suspect a fault where
    the likeliest cause is an unrecorded one in an area.

    Returns the numbers of the incidents suspected now. Each issue suspects one; a cause that a
    colleague ruled out suspects none.
    """
    for open_issue in HotIssue.objects.filter(state="open", drill=False).order_by("number"):
        for linked in incidents_of(open_issue, now=now):
            link_hot_issue(linked, open_issue.subject, by=JOB, now=now)
    rows = Cause.objects.filter(
        kind=UNRECORDED, rank=1, issue__state="open", issue__drill=False, fit__gte=_LEAST_FIT
    ).exclude(judged="ruled_out")
    issue_numbers = []
    for cause in rows.select_related("issue").order_by("issue__number"):
        issue: HotIssue = cause.issue
        number = suspect(
            area=cause.reference,
            since=min(cause.from_at, issue.started_at),
            kind="outage",
            hot_issue=issue.subject,
            by=JOB,
            now=now,
        )
        if number is not None:
            issue_numbers.append(number)
    return issue_numbers
