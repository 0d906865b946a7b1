"""Hot issues whose likely cause is look-ups: what the privacy officer looks into."""

from __future__ import annotations

from datetime import datetime

from amends.cases.complaints.queries.analytics import received_and_whose
from amends.platform.registry import Concern
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries import members


def concerns(since: datetime, now: datetime) -> list[Concern]:
    """The people of issues, detected in `[since, now]`, that somebody's looks explain best."""
    issues = HotIssue.objects.filter(drill=False, detected_at__gte=since, detected_at__lte=now)
    likely = Cause.objects.filter(issue__in=issues, kind="lookups", rank=1).exclude(
        judged="ruled_out"
    )
    issue_concerns = []
    for cause in likely.select_related("issue").order_by("issue_id"):
        issue = cause.issue
        received = received_and_whose([member.complaint for member in members(issue.id)])
        issue_concerns += [
            Concern(
                subscriber=subscriber,
                at=at,
                reference=f"#{issue.number}",
                path=f"/desk/hotissues/{issue.id}/",
            )
            for at, subscriber in received.values()
            if subscriber
        ]
    return issue_concerns
