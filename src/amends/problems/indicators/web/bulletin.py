"""The bulletin of a quarter: read on the desk, taken away in four formats, whole or public."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.problems.indicators.rules.bulletin import Bulletin, quarter_before
from amends.problems.indicators.texts.bulletin import bulletin
from amends.problems.indicators.texts.documents import FORMATS, document
from amends.problems.indicators.texts.documents.page import tables

SHOWN_QUARTERS = 8


@require_safe
@requires("indicators.read")
@refusals_as_pages
def bulletin_page(request: HttpRequest) -> HttpResponse:
    """A quarter as it goes out: for the regulator, or for the public with what is hidden."""
    built_bulletin = _made(request)
    return render(
        request,
        "indicators/bulletin.html",
        {
            "made": built_bulletin,
            "tables": tables(built_bulletin),
            "quarters": _quarters(timezone.localdate(), built_bulletin.quarter),
            "formats": list(FORMATS),
            "hidden": sum(section.hidden for section in built_bulletin.sections),
        },
    )


@require_safe
@requires("indicators.read")
@refusals_as_pages
def download_bulletin(request: HttpRequest) -> HttpResponse:
    """The bulletin of the same address as PDF, XLSX, CSV or HTML."""
    data, media_type, name = document(_made(request), request.GET.get("format", "pdf"))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media_type, headers=headers)


def _made(request: HttpRequest) -> Bulletin:
    today = timezone.localdate()
    return bulletin(
        request.GET.get("quarter") or quarter_before(today),
        zone=settings.TIME_ZONE,
        now=timezone.now(),
        language=get_language() or settings.LANGUAGE_CODE,
        is_public=request.GET.get("version") == "public",
        brand=actor_of(request).brand,
    )


def _quarters(today: date, chosen: str) -> list[str]:
    """The last quarters, the running one first, and the chosen one where it is older."""
    year, quarter = today.year, (today.month - 1) // 3
    last = year * 4 + quarter
    listed_quarters = [f"{n // 4}-Q{n % 4 + 1}" for n in range(last, last - SHOWN_QUARTERS, -1)]
    return listed_quarters if chosen in listed_quarters else [*listed_quarters, chosen]
