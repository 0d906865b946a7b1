"""Titles of emergency steps in lists of what waits."""

from __future__ import annotations

from collections.abc import Collection

from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.queries.waiting import next_steps
from amends.problems.hotissues.texts.names import name_of
from amends.problems.hotissues.texts.words import in_tongue


def step_titles(issues: Collection[str]) -> dict[str, str]:
    """Id of an issue → its next step and the name of the issue."""
    rows = next_steps().filter(emergency__in=issues).select_related("emergency__issue")
    titles = {}
    for row in rows:
        rule = plan_of(row.emergency).step(row.step)
        name = name_of(row.emergency.issue)
        titles[row.emergency_id] = f"{in_tongue(rule.zh, rule.en)} · {name}"
    return titles
