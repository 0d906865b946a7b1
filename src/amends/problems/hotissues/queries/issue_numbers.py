"""An issue by the number that people use."""

from __future__ import annotations

from amends.problems.hotissues import refusals
from amends.problems.hotissues.queries import issue
from amends.problems.hotissues.queries.records import HotIssue


def issue_numbered(number: int, *, brand: str = "") -> HotIssue:
    """The issue with a number; UnableToShowIssue where there is none, or it is another brand's."""
    hot_issue = issue(str(number), brand=brand)
    if hot_issue is None:
        raise refusals.unknown_issue_number(number=number)
    return hot_issue
