"""Speed tests at the desk: all of them, and those of a complaint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.access.web.permission import requires
from amends.kit.formats import is_chinese
from amends.kit.translatable import translated
from amends.quality.models import SpeedTest
from amends.quality.queries import tests_of_complaint
from amends.quality.rules.validity import REASONS
from amends.quality.rules.verdict import IN_WORDS
from amends.quality.verdicts import line_tests, line_verdict, peak_speeds

_NEWEST = 200


@requires("quality.read")
@require_safe
def tests(request: HttpRequest) -> HttpResponse:
    """Tests, newest first, with the reasons of those that do not count."""
    total = SpeedTest.objects.count()
    counted = SpeedTest.objects.filter(invalid_because=[]).count()
    rows = _rows(SpeedTest.objects.all()[:_NEWEST])
    products = peak_speeds(SpeedTest.objects.exclude(promised_down_kbps=None).iterator())
    context = {"rows": rows, "total": total, "counted": counted, "products": products}
    return render(request, "desk/quality/tests.html", context)


def panel(request: HttpRequest, complaint: str) -> str:
    """The tests attached to a complaint, for its page."""
    if not tests_of_complaint(complaint):
        return ""
    line = line_tests(complaint)
    context = {"rows": _rows(line), **_verdict(line)}
    return render_to_string("desk/quality/panel.html", context, request)


def _verdict(line: list[SpeedTest]) -> dict[str, Any]:
    """What the template of a verdict shows; empty where no rule or no promise is known."""
    if (found := line_verdict(line, timezone.now())) is None:
        return {}
    rules, verdict = found
    chinese = is_chinese(get_language() or "")
    titles = {row["id"]: row["zh" if chinese else "en"] for row in rules.rules}
    clauses = [
        {
            "title": titles[clause.id.partition("-")[2]],
            "met": clause.met,
            "why": translated(clause.why, _),
            "strength": clause.strength,
            "share": f"{clause.strength.share:.0%}" if clause.strength else "",
            "low": f"{clause.strength.low:.0%}" if clause.strength else "",
            "high": f"{clause.strength.high:.0%}" if clause.strength else "",
        }
        for clause in verdict.clauses
    ]
    return {
        "verdict": verdict,
        "missing": [translated(one, _) for one in verdict.missing],
        "clauses": clauses,
        "sentence": _(IN_WORDS[verdict.verdict]),
        "rule": rules,
        "title": rules.zh if chinese else rules.en,
    }


def _rows(some: Iterable[SpeedTest]) -> list[tuple[SpeedTest, list[str]]]:
    return [
        (test, [_(REASONS[code]) for code in test.invalid_because if code in REASONS])
        for test in some
    ]
