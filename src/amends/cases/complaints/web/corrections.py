"""Corrections: classes people set right, and how often each rule was overruled."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from amends.cases.complaints.queries import corrections as corrected
from amends.cases.complaints.texts.rules import rule_words
from amends.cases.complaints.web.words import class_words
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires

PERIOD = timedelta(weeks=26)
SHOWN = 100


@requires("complaints.read")
def corrections(request: HttpRequest) -> HttpResponse:
    """The last corrections, the pairs most often confused, and overrules by rule."""
    now = timezone.now()
    correction_rows = corrected.corrections(limit=500, brand=actor_of(request).brand)
    names = people({row[1] for row in correction_rows})
    pairs: dict[tuple[str, str], int] = {}
    for _at, _by, _ref, before, after, _text in correction_rows:
        pairs[before, after] = pairs.get((before, after), 0) + 1
    context = {
        "now": now,
        "corrections": [
            {
                "at": at,
                "by": names.get(by, by),
                "complaint": ref,
                "before": class_words(before),
                "after": class_words(after),
                "words": text,
            }
            for at, by, ref, before, after, text in correction_rows[:SHOWN]
        ],
        "pairs": sorted(
            ((class_words(a), class_words(b), n) for (a, b), n in pairs.items()),
            key=lambda pair: -pair[2],
        )[:8],
        "overrules": [
            (overrule, rule_words(overrule.rule))
            for overrule in corrected.overrules(since=now - PERIOD, brand=actor_of(request).brand)
        ],
    }
    return render(request, "desk/corrections.html", context)
