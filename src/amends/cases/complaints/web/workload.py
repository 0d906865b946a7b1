"""Who works on how much, for the lead of a team."""

from __future__ import annotations

from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from amends.cases.complaints.queries.workload import (
    AGES_DAYS,
    unassigned_workload,
    workload_by_owner,
)
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.work.casework.queries.staff import teams


def age_titles() -> list[str]:
    """The heading of each age group."""
    first, *_between, last = AGES_DAYS
    titles = [ngettext("up to %(n)s day", "up to %(n)s days", first) % {"n": first}]
    for younger, older in pairwise(AGES_DAYS):
        titles.append(_("%(younger)s–%(older)s days") % {"younger": younger, "older": older})
    return [*titles, _("over %(n)s days") % {"n": last}]


@requires("casework.lead")
@refusals_as_pages
@require_safe
def workload(request: HttpRequest) -> HttpResponse:
    """Open complaints of each person and in each queue, with their ages; of one team (`team`)."""
    actor, team = actor_of(request), request.GET.get("team", "")
    now = timezone.now()
    workload_found = workload_by_owner(now=now, brand=actor.brand, team=team)
    unassigned = None if team else unassigned_workload(now=now, brand=actor.brand)
    ages = age_titles()
    context = {
        "found": workload_found,
        "unassigned": unassigned,
        "groups": [
            (heading, [(row, list(zip(ages, row.ages, strict=True))) for row in rows])
            for heading, rows in (
                (pgettext("workload", "Unassigned"), [unassigned] if unassigned else []),
                (pgettext("workload", "People"), workload_found.people),
                (_("Queues of teams"), workload_found.queues),
            )
        ],
        "ages": ages,
        "teams": teams(brand=actor.brand),
        "team": team,
        "now": now,
    }
    return render(request, "desk/workload.html", context)
