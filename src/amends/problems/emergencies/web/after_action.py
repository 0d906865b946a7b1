"""What was due, what was done, what was late, what was learnt: for the meeting, and for print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.problems.emergencies.actions.end_emergency import UnableToEnd
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.web.emergency import step_rows
from amends.problems.hotissues.queries import found_issue
from amends.problems.hotissues.texts.names import name_of
from amends.problems.hotissues.texts.reasons import reason_words
from amends.problems.hotissues.texts.words import VERBS, details_of


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    words: object
    details: str
    by: str
    reason: str
    bad: bool


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def after_action(request: HttpRequest, ref: str) -> HttpResponse:
    """The page at this moment: it is complete once the issue is closed."""
    actor, now = actor_of(request), timezone.now()
    issue = found_issue(ref, actor)
    it = Emergency.objects.filter(issue=issue).first()
    if it is None:
        raise UnableToEnd(
            _("No emergency was declared on this issue."), next_step=_("Declare it first.")
        )
    plan = plan_of(it)
    happenings = list(issue.happenings.order_by("at", "id"))
    names = people(
        {happening.actor for happening in happenings}
        | {it.declared_by, it.reviewed_by, issue.owner} - {""}
    )
    steps = [row for row in step_rows(it, plan, now) if row.step_state != "dropped"]
    context = {
        "issue": issue,
        "it": it,
        "called": name_of(issue),
        "level": plan.level(issue.level),
        "steps": steps,
        "late": [row for row in steps if row.step_state in ("late", "done_late")],
        "in_time": sum(row.step_state == "done" for row in steps),
        "moments": [
            Moment(
                at=happening.at,
                words=VERBS.get(happening.verb, happening.verb),
                details=details_of(issue, happening.details),
                by=names.get(happening.actor, ""),
                reason=reason_words(happening.reason),
                bad=happening.verb in ("step_missed", "nobody_to_tell"),
            )
            for happening in happenings
        ],
        "owner": names.get(issue.owner, ""),
        "reviewed_by": names.get(it.reviewed_by, ""),
        "statements": list(issue.statements.order_by("version")),
        "affected": issue.affected.count(),
        "told": issue.affected.filter(told_at__isnull=False).count(),
        "answered": sum(issue.answer_rounds.values_list("answered", flat=True)),
        "measures": list(issue.measures.order_by("number")),
        "now": now,
    }
    return render(request, "emergencies/after_action.html", context)
