"""Drills: those that were held, when the next is due, and the form to start one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.problems.emergencies.actions.start_drill import UnableToDrill, start_drill
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.rules.emergency import plan_on
from amends.problems.emergencies.web.drill_words import detections_words
from amends.problems.emergencies.web.emergency import step_rows
from amends.problems.emergencies.web.forms import DrillForm
from amends.problems.hotissues.actions.authority import demand
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import name_of
from amends.problems.hotissues.texts.words import in_tongue


@requires("hotissues.read")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def drills(request: HttpRequest) -> HttpResponse:
    """The list; posted, a drill starts."""
    actor, now = actor_of(request), timezone.now()
    plan = plan_on(timezone.localdate(now))
    form = DrillForm(initial={"persons": plan.drill_persons})
    status = 200
    if request.method == "POST":
        demand(actor, "hotissues.lead", now)
        status = 400
        form = DrillForm(request.POST)
        if form.is_valid():
            cleaned = form.cleaned_data
            try:
                issue = start_drill(
                    title=cleaned["title"],
                    kind=cleaned["kind"],
                    persons=cleaned["persons"] or 0,
                    by_hours=cleaned["over"] == "hours",
                    actor=actor,
                    now=now,
                )
            except UnableToDrill as error:
                form.add_error("persons", str(refusal_text(error)))
            else:
                messages.success(request, _("The drill has begun. Nothing of it is sent outside."))
                return redirect("issue_emergency", issue.id)
    drill_issues = HotIssue.objects.filter(drill=True).order_by("-detected_at", "-id")
    drill_issues = drill_issues.filter(brand__in=("", actor.brand)) if actor.brand else drill_issues
    rows = [_row(drill_issue, now) for drill_issue in drill_issues[:50]]
    last = drill_issues.first()
    context = {
        "rows": rows,
        "plan": plan,
        "next_at": last.detected_at + plan.drill_every if last else None,
        "form": form,
        "may_lead": may(actor.roles, "hotissues.lead"),
        "now": now,
    }
    return render(request, "emergencies/drills.html", context, status=status)


def _row(issue: HotIssue, now: datetime) -> dict[str, Any]:
    emergency = issue.emergency
    plan = plan_of(emergency)
    steps = [row for row in step_rows(emergency, plan, now) if row.step_state != "dropped"]
    level = plan.level(issue.level)
    return {
        "issue": issue,
        "called": name_of(issue),
        "level": in_tongue(level.zh, level.en),
        "detection": detections_words(issue),
        "hit": issue.persons + emergency.silent,
        "done": sum(row.step_state in ("done", "done_late") for row in steps),
        "late": sum(row.step_state in ("late", "done_late") for row in steps),
        "steps": len(steps),
    }
