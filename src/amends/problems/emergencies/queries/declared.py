"""The emergencies of issues, read once for each page."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from amends.platform.database.once_per_request import answers_of_request
from amends.problems.emergencies.models import Emergency
from amends.problems.hotissues.queries.records import HotIssue


def emergencies_of(issues: Iterable[HotIssue]) -> dict[str, Emergency]:
    """Issue → its emergency; an issue without one is absent."""
    return emergencies_of_refs([issue.id for issue in issues])


def emergencies_of_refs(refs: Collection[str]) -> dict[str, Emergency]:
    """The same, of issues by their references."""
    answers = answers_of_request("emergencies_of")
    missing = [ref for ref in refs if ref not in answers]
    if missing:
        answers |= dict.fromkeys(missing)
        for emergency in Emergency.objects.filter(issue__in=missing):
            answers[emergency.issue_id] = emergency
    return {ref: answers[ref] for ref in refs if answers[ref] is not None}


def emergency_of(issue: HotIssue) -> Emergency | None:
    """The emergency of one issue; None where none was declared."""
    return emergencies_of([issue]).get(issue.id)
