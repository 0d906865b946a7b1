"""On the page of a complaint: what is found in the adverts its orders cite."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from amends.causes.publicity.queries import CitedCopy, cited_copies
from amends.causes.publicity.web.words import line_of, marked
from amends.people.access.queries import cases_for


def panel(request: HttpRequest, complaint: str) -> str:
    """Each cited advert in which something is found; "" for none.

    The page of the complaint has stated its look at the case before panels are drawn.
    """
    case = next(
        (
            granted_case
            for granted_case in reversed(cases_for(complaint))
            if granted_case.purpose == "complaint"
        ),
        None,
    )
    if case is None:
        return ""
    copies = cited_copies(case.subscriber, service=case.service, now=timezone.now())
    cards = [_card(copy) for copy in copies if copy.findings]
    return render_to_string("publicity/panel.html", {"cards": cards}, request) if cards else ""


def _card(copy: CitedCopy) -> dict[str, object]:
    lines = [line_of(copy.rulebook, finding) for finding in copy.findings]
    parts = marked(copy.text, [(line.start, line.end) for line in lines])
    return {"copy": copy, "lines": lines, "parts": parts}
