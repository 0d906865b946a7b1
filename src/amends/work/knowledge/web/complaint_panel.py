"""On the page of a complaint: what its writer read in the help centre before."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language

from amends.work.knowledge.queries.help_centre import read_before


def panel(request: HttpRequest, complaint: str) -> str:
    """The articles with the time of each, "" where nothing was read."""
    rows = read_before(complaint, (get_language() or "zh")[:2])
    return render_to_string("knowledge/read_before.html", {"rows": rows}, request) if rows else ""
