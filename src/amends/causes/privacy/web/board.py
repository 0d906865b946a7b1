"""The privacy officer's home: what is due, by clock."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from amends.causes.privacy.queries import (
    incidents,
    misuse_cases,
    next_report,
    reviews,
    rights_queue,
)
from amends.causes.privacy.queries.looks import concerns_as_leads
from amends.causes.privacy.queries.statistics import statistics
from amends.causes.privacy.rules.signals import SIGNALS
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.words import chinese

SHOWN = 8
QUARTER = timedelta(days=91)


@requires("privacy.requests")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Reviews to redo, alerts, incidents, requests by clock, and whom complaints point at."""
    now, brand = timezone.now(), actor_of(request).brand
    concerns, leads = concerns_as_leads(now, brand=brand)
    cases = misuse_cases(brand=brand)
    open_incidents = incidents(brand=brand)
    names = people([row.user for row in cases] + [lead.user for lead in leads[:SHOWN]])
    at = 0 if chinese() else 1
    context = {
        "requests": rights_queue(now=now, brand=brand)[:SHOWN],
        "cases": [
            (
                row,
                names.get(row.user, row.user),
                sorted({SIGNALS[alert.signal][at] for alert in row.alerts.all()}),
            )
            for row in cases[:SHOWN]
        ],
        "incidents": [(row, next_report(row)) for row in open_incidents[:SHOWN]],
        "reviews": [row for row in reviews(brand=brand) if row.waits or row.verdict != "pass"][
            :SHOWN
        ],
        "concerns": len({concern.reference for concern in concerns}),
        "leads": [(lead, names.get(lead.user, lead.user)) for lead in leads[:SHOWN]],
        "figures": statistics(now - QUARTER, now, brand=brand),
        "now": now,
    }
    return render(request, "desk/privacy_board.html", context)
