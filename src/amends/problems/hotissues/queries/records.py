"""The rows of issues, for the apps whose own rows extend an issue (emergencies, measures)."""

from __future__ import annotations

from amends.problems.hotissues.models import Cause, Happening, HotIssue, Membership

__all__ = ["Cause", "Happening", "HotIssue", "Membership"]
