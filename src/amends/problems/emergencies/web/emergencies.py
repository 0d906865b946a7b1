"""Every issue that is open, the gravest first: its level, its owner, what is due next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.declared import emergencies_of
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.web.emergency import step_rows
from amends.problems.emergencies.web.words import reached_shown
from amends.problems.hotissues.queries import issues
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import name_of
from amends.problems.hotissues.texts.words import in_tongue

_BELOW_ALL = 99


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """The list, by the level given or reached; an issue that reaches none comes last."""
    actor, now = actor_of(request), timezone.now()
    open_issues = issues(state="open", brand=actor.brand)
    declared = emergencies_of(open_issues)
    names = people({issue.owner for issue in open_issues} - {""})
    rows = [_row(issue, declared.get(issue.id), names, now) for issue in open_issues]
    rows.sort(key=lambda row: row["grade"])
    context = {"rows": rows, "may_lead": may(actor.roles, "hotissues.lead"), "now": now}
    return render(request, "emergencies/emergencies.html", context)


def _row(
    issue: HotIssue, emergency: Emergency | None, names: dict[str, str], now: datetime
) -> dict[str, Any]:
    reached_level = reached_shown(issue, now)
    row: dict[str, Any] = {
        "issue": issue,
        "called": name_of(issue),
        "owner": names.get(issue.owner, ""),
        "hit": issue.persons + (emergency.silent if emergency else 0),
        "grade": _BELOW_ALL,
        "level": "",
        "next": None,
        "late": 0,
        "reached": reached_level,
    }
    if emergency is None:
        return row | (
            {"grade": reached_level.grade, "hit": reached_level.persons} if reached_level else {}
        )
    plan = plan_of(emergency)
    level = plan.level(issue.level)
    steps = step_rows(emergency, plan, now)
    waiting = [step for step in steps if step.step_state in ("due", "late")]
    return row | {
        "grade": min(level.grade, reached_level.grade if reached_level else level.grade),
        "level": in_tongue(level.zh, level.en),
        "next": waiting[0] if waiting else None,
        "late": sum(step.step_state == "late" for step in steps),
    }
