"""What the emergency of an issue shows on the issue's card and page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries import steps_of
from amends.problems.emergencies.queries.declared import emergency_of
from amends.problems.emergencies.queries.steps import plan_of, step_status
from amends.problems.emergencies.rules.emergency import EmergencyLevel, plan_on, step_state
from amends.problems.emergencies.web.words import reached_shown
from amends.problems.hotissues.queries.overview import IssueResponse
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.words import in_tongue


def declared_silent(issue: HotIssue) -> int | None:
    """How many of those its declaration says are hit have not complained; None before one."""
    emergency = emergency_of(issue)
    return emergency.silent if emergency else None


def responses(
    issues: Sequence[HotIssue], *, reaches: Mapping[str, str], now: datetime
) -> dict[str, IssueResponse]:
    """Issue → its level, the level it reaches, and its next step, for the table of issues."""
    declared = {
        emergency.issue_id: emergency
        for emergency in Emergency.objects.filter(issue__in=issues).prefetch_related("steps")
    }
    return {
        issue.id: _response(issue, declared.get(issue.id), reaches.get(issue.id, ""), now)
        for issue in issues
    }


def _response(
    issue: HotIssue, emergency: Emergency | None, reaches: str, now: datetime
) -> IssueResponse:
    plan = plan_of(emergency) if emergency else plan_on(timezone.localdate(now))
    levels = {plan_level.id: plan_level for plan_level in plan.levels}
    level, higher = levels.get(issue.level), levels.get(reaches)
    if level and higher and level.grade <= higher.grade:
        higher = None
    rows = sorted(emergency.steps.all(), key=lambda row: (row.due_at, row.id)) if emergency else []
    waiting = [
        (row, state)
        for row in rows
        if (state := step_state(step_status(row), now)) in ("due", "late")
    ]
    response = IssueResponse(
        level=_level_words(level),
        reaches=_level_words(higher),
        late=sum(state == "late" for _row, state in waiting),
        silent=emergency.silent if emergency else None,
    )
    if not waiting:
        return response
    following, state = waiting[0]
    rule = plan.step(following.step)
    return replace(
        response,
        step=in_tongue(rule.zh, rule.en),
        due_at=following.due_at,
        is_late=state == "late",
    )


def _level_words(level: EmergencyLevel | None) -> str:
    return in_tongue(level.zh, level.en) if level else ""


def marks(issue: HotIssue, *, now: datetime) -> SafeString:
    """Badges of its card: the level, late steps, a level that it reaches."""
    late = steps_of(issue.id, now=now).count("late") if issue.level else 0
    return _drawn(
        "marks", issue=issue, level=_level(issue, now), late=late, reached=_reached(issue, now)
    )


def level(issue: HotIssue, *, now: datetime) -> SafeString:
    """The badge of its level on its page."""
    return _drawn("level", level=_level(issue, now))


def notices(issue: HotIssue, *, now: datetime) -> SafeString:
    """What its page says of a level that nobody has given yet."""
    return _drawn("notice", reached=_reached(issue, now))


def buttons(issue: HotIssue, *, roles: tuple[str, ...]) -> SafeString:
    """The way to its emergency."""
    return _drawn("button", issue=issue)


def _level(issue: HotIssue, now: datetime) -> str:
    levels = {plan_level.id: plan_level for plan_level in plan_on(timezone.localdate(now)).levels}
    issue_level = levels.get(issue.level)
    return in_tongue(issue_level.zh, issue_level.en) if issue_level else ""


def _reached(issue: HotIssue, now: datetime) -> object:
    return reached_shown(issue, now) if issue.state == "open" and not issue.drill else None


def _drawn(part: str, **context: object) -> SafeString:
    return render_to_string(f"emergencies/issue_{part}.html", context)
