"""Hot issues: what they consist of, who belongs to them, what raised and may have caused them.

Everything here but the issues themselves (their owner, level, joins and leaves by hand) can be
computed again from the complaints.
"""

from __future__ import annotations

from amends.problems.hotissues.models.counts import BesideAlarm, CubeDay, CubeMark, Doubt, Post
from amends.problems.hotissues.models.issues import (
    Alarm,
    Cause,
    Cell,
    Happening,
    HotIssue,
    IssueOverview,
    Membership,
)

__all__ = [
    "Alarm",
    "BesideAlarm",
    "Cause",
    "Cell",
    "CubeDay",
    "CubeMark",
    "Doubt",
    "Happening",
    "HotIssue",
    "IssueOverview",
    "Membership",
    "Post",
]
