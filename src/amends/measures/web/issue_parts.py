"""What the measures against an issue show on the issue's page."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from amends.access.queries import may
from amends.hotissues.queries.records import HotIssue
from amends.measures.queries import measures_of
from amends.measures.web.words import MEASURE_STATES, VERDICTS


def facts(issue: HotIssue) -> SafeString:
    """The measures against it, with the state of each."""
    rows = [
        (one, VERDICTS.get(one.verdict) or MEASURE_STATES[one.state]) for one in measures_of(issue)
    ]
    return render_to_string("measures/issue_facts.html", {"measures": rows})


def buttons(issue: HotIssue, *, roles: tuple[str, ...]) -> SafeString:
    """The way to plan a measure, for who may."""
    shown = may(roles, "hotissues.measure") and not issue.drill
    return (
        render_to_string("measures/issue_button.html", {"issue": issue}) if shown else SafeString()
    )
