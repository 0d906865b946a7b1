"""On the page of a complaint: the hot issue it belongs to, at a glance."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from amends.cases.complaints.queries.casefile import find
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of
from amends.problems.hotissues.queries import issue
from amends.problems.hotissues.web.board import card


def panel(request: HttpRequest, complaint: str) -> str:
    """How many complain and are affected, since when, and the likely cause; "" for no issue."""
    actor = actor_of(request)
    number = find(complaint, brand=actor.brand).hot_issue
    if number is None or not may(actor.roles, "hotissues.read"):
        return ""
    hot_issue = issue(str(number), brand=actor.brand)
    if hot_issue is None:
        return ""
    issue_card = card(hot_issue, timezone.now(), with_chart=False)
    return render_to_string("hotissues/complaint_panel.html", {"card": issue_card}, request)
