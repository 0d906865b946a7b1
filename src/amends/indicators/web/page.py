"""Indicators: the complaint rate with its interval and its definition, and what was kept."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.channels.files.exports import write_csv
from amends.complaints.web.units import DIMENSIONS as UNITS
from amends.complaints.web.units import unit_names
from amends.indicators.figures import DIMENSIONS, Report, Row, UnableToMeasure, report
from amends.indicators.rules.bulletins import published
from amends.indicators.rules.definitions import breaks, definitions
from amends.indicators.web.chart import chart
from amends.kit.formats import format_date

WEEKS = 13


@dataclass(frozen=True, slots=True)
class Asked:
    """Period and dimension of an address; `end` is the day after the last one."""

    start: date
    end: date
    by: str

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    @property
    def query(self) -> str:
        """The same as part of an address."""
        return f"from={self.start}&to={self.last}&by={self.by}"


@require_safe
@requires("indicators.read")
@refusals_as_pages
def indicators(request: HttpRequest) -> HttpResponse:
    """The page."""
    asked, today = _asked(request), timezone.localdate()
    found = _report(request, asked)
    names = unit_names(asked.by)
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "chart": chart(found.weeks),
        "first_week": _day_words(found.weeks[0].start) if found.weeks else "",
        "last_week": _day_words(found.weeks[-1].start) if found.weeks else "",
        "users": round(found.users),
        "definition": definitions(today)["operator"],
        "chinese": _chinese(),
        "dimensions": [(one, UNITS[one]) for one in DIMENSIONS],
        "dimension": UNITS[asked.by],
        "rows": [(names.get(row.unit, row.unit) or _("not known"), row) for row in found.rows],
        "leagued": any(row.place for row in found.rows),
        "bulletins": _bulletins(today),
    }
    return render(request, "indicators/indicators.html", context)


@require_safe
@requires("indicators.read")
@refusals_as_pages
def download(request: HttpRequest) -> HttpResponse:
    """The rows of the page with their definition, as CSV."""
    asked = _asked(request)
    found, names = _report(request, asked), unit_names(asked.by)
    rule = definitions(timezone.localdate())["operator"]
    out = io.StringIO()
    write_csv(
        out,
        _COLUMNS,
        [
            [
                row.unit, names.get(row.unit, row.unit), row.measure.complaints,
                *_numbers(row), asked.start, asked.last, rule.per, rule.counts_en, rule.users_en,
            ]
            for row in found.rows
        ],
    )  # fmt: skip
    name = f"indicators-{asked.by}-{asked.start}-{asked.last}.csv"
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


_COLUMNS = (
    "unit", "name", "complaints", "rate", "low", "high", "users", "deadlines_kept_share",
    "mean_days", "decided_by_rule", "upheld", "reopened", "from", "to", "per", "counts", "of_users",
)  # fmt: skip


def _numbers(row: Row) -> list[object]:
    figure, measure = row.figure, row.measure
    shown = (figure.rate, figure.low, figure.high, figure.users) if figure else ("", "", "", "")
    days = "" if measure.mean_days is None else round(measure.mean_days, 4)
    kept = round(measure.kept_share, 6)
    return [*shown, kept, days, measure.decided_by_rule, measure.upheld, measure.reopened]


def _report(request: HttpRequest, asked: Asked) -> Report:
    return report(
        start=asked.start,
        end=asked.end,
        by=asked.by,
        zone=settings.TIME_ZONE,
        on=timezone.localdate(),
        brand=actor_of(request).brand,
    )


def _asked(request: HttpRequest) -> Asked:
    today = timezone.localdate()
    end = _day(request.GET.get("to", ""), today) + timedelta(days=1)
    start = _day(request.GET.get("from", ""), end - timedelta(weeks=WEEKS))
    return Asked(start, end, request.GET.get("by", "root"))


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnableToMeasure(
            _("“%(text)s” is not a day.") % {"text": text[:20]},
            next_step=_("Write it like 2026-11-24."),
        ) from error


def _bulletins(today: date) -> list[tuple[Any, Any, Any]]:
    """Each published quarter, the break before it, and what its definition counts."""
    quarters, rules = published(today), definitions(today)
    marks = breaks([quarter.definition for quarter in quarters], today)
    return [
        (quarter, marks.get(place), rules[quarter.definition])
        for place, quarter in enumerate(quarters)
    ]


def _day_words(day: date) -> str:
    return format_date(day, get_language() or "")


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")
