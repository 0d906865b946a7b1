"""Speed tests at the desk: all of them, and those of a complaint."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.access.web.permission import requires
from amends.quality.models import SpeedTest
from amends.quality.queries import tests_of_complaint
from amends.quality.rules.validity import REASONS

_NEWEST = 200


@requires("quality.read")
@require_safe
def tests(request: HttpRequest) -> HttpResponse:
    """Tests, newest first, with the reasons of those that do not count."""
    total = SpeedTest.objects.count()
    counted = SpeedTest.objects.filter(invalid_because=[]).count()
    rows = _rows(SpeedTest.objects.all()[:_NEWEST])
    context = {"rows": rows, "total": total, "counted": counted}
    return render(request, "desk/quality/tests.html", context)


def panel(request: HttpRequest, complaint: str) -> str:
    """The tests attached to a complaint, for its page."""
    if not (rows := _rows(tests_of_complaint(complaint))):
        return ""
    return render_to_string("desk/quality/panel.html", {"rows": rows}, request)


def _rows(some: Iterable[SpeedTest]) -> list[tuple[SpeedTest, list[str]]]:
    return [
        (test, [_(REASONS[code]) for code in test.invalid_because if code in REASONS])
        for test in some
    ]
