"""Titles of hot issues in lists of what waits."""

from __future__ import annotations

from collections.abc import Collection

from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.texts.names import name_of


def issue_titles(refs: Collection[str]) -> dict[str, str]:
    """Id of an issue → its name."""
    return {issue.id: name_of(issue) for issue in HotIssue.objects.filter(id__in=refs)}
