"""What the measures against an issue show on the issue's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from amends.people.access.queries import may
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.measures.choices import MeasureVerdict
from amends.problems.measures.queries import measures_of


def facts(issue: HotIssue) -> SafeString:
    """The measures against the issue, each with its status."""
    return render_to_string("measures/issue_facts.html", {"measures": measures_of(issue)})


def buttons(issue: HotIssue, *, roles: tuple[str, ...]) -> SafeString:
    """The button that plans a measure, for people who may."""
    if issue.drill or not may(roles, "hotissues.measure"):
        return SafeString()
    return render_to_string("measures/issue_button.html", {"issue": issue})


def details(_issue: HotIssue, event: Mapping[str, Any]) -> list[str]:
    """What an event in the history of an issue says of a measure."""
    texts = []
    if number := event.get("measure"):
        texts.append(_("measure %(n)s") % {"n": number})
    if verdict := event.get("verdict"):
        texts.append(str(MeasureVerdict(verdict).label))
    return texts
