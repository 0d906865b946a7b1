"""Speed tests at the desk: all of them, and those of a complaint."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.network.quality.queries import newest_tests, tests_of_complaint
from amends.network.quality.queries.products import peak_speeds
from amends.network.quality.queries.verdicts import line_tests, line_verdict
from amends.network.quality.texts.verdicts import shown
from amends.network.quality.web.results import rows
from amends.people.access.web.permission import actor_of, requires
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import areas, offer_name

_NEWEST = 200


@requires("quality.read")
@require_safe
def tests(request: HttpRequest) -> HttpResponse:
    """Tests, newest first, with the reasons of those that do not count."""
    test_list = newest_tests(_NEWEST, brand=actor_of(request).brand)
    context = {
        "rows": rows(test_list.newest),
        "total": test_list.total,
        "counted": test_list.counted,
        "products": _products(),
    }
    return render(request, "desk/quality/tests.html", context)


def panel(request: HttpRequest, complaint: str) -> str:
    """The tests attached to a complaint, for its page."""
    if not tests_of_complaint(complaint):
        return ""
    line = line_tests(complaint)
    rules_and_verdict = line_verdict(line, timezone.now())
    context = {"rows": rows(line), **(shown(*rules_and_verdict) if rules_and_verdict else {})}
    return render_to_string("desk/quality/panel.html", context, request)


def _products() -> list[dict[str, Any]]:
    now, chinese = timezone.now(), is_chinese(get_language() or "")
    area_titles = {area.code: area.name_zh if chinese else area.name_en for area in areas()}
    return [
        {
            "offer": offer_name(offer, now, chinese=chinese) if offer else _("not known"),
            "area": area_titles.get(area, area) if area else _("not known"),
            "promised": promised,
            "peak": peak,
        }
        for (offer, area, promised), peak in peak_speeds(now)
    ]
