"""What the first page after sign-in shows of emergencies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow
from amends.problems.emergencies.web.issue_parts import responses
from amends.problems.hotissues.queries import issues
from amends.problems.hotissues.texts.names import name_of


def next_steps(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The next step of each emergency, the soonest first."""
    open_issues = issues(state="open", brand=actor.brand)
    stated = responses(open_issues, reaches={}, now=now)
    rows = [
        HomeRow(
            title=stated[issue.id].step,
            path=reverse("issue_emergency", args=[issue.id]),
            note=name_of(issue),
            due_at=stated[issue.id].due_at,
        )
        for issue in open_issues
        if stated[issue.id].step
    ]
    return sorted(rows, key=lambda row: row.due_at or now)
