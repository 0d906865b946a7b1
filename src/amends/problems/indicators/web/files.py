"""The rows of the indicators' page as CSV, each with its definition."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.cases.complaints.texts.units import unit_names
from amends.engines.stats.rates import Share
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.tabular.exports import write_csv
from amends.problems.indicators.queries.figures import PeriodReport, UnitRow, lines
from amends.problems.indicators.queries.parts import OF_DUTIES, duty_parts, overruled_parts, used_by
from amends.problems.indicators.rules.definitions import definitions
from amends.problems.indicators.rules.shares import ShareFigure
from amends.problems.indicators.rules.shares import indicators as share_indicators
from amends.problems.indicators.web.page import (
    IndicatorQuery,
    asked_of,
    reads_chinese,
    report_of,
    rule_of,
)

_COUNTED = (
    "late",
    "resolved",
    "reopened",
    "decided",
    "upheld",
    "decided_by_rule",
    "ruled",
    "overruled",
    "granted",
    "paid",
    "answered",
    "solved",
    "rated",
    "content",
    "electronic",
)
_FIRST = (
    "unit",
    "name",
    "complaints",
    "rate",
    "low",
    "high",
    "users",
    "few",
    "standing",
    "deadlines_kept_share",
    "mean_days",
    "mean_days_low",
    "mean_days_high",
    "days_to_solve_80",
    *_COUNTED,
    "granted_minor",
    "paid_minor",
    "currency",
)
_OF_SHARE = ("share", "low", "high", "standing")
_LAST = ("from", "to", "per", "classes", "counts", "of_users")


@require_safe
@requires("indicators.read")
@refusals_as_pages
def download(request: HttpRequest) -> HttpResponse:
    """The rows of the page as CSV; `of=duties` or `of=overruled` those of every duty and rule,
    `of=channels` the contacts and orders."""
    indicator_query = asked_of(request)
    of = request.GET.get("of", "")
    if of in ("duties", "overruled"):
        return _parts(request, indicator_query, of)
    if of == "channels":
        return _channels(request, indicator_query)
    period_report, names = report_of(request, indicator_query), unit_names(indicator_query.by)
    today = timezone.localdate()
    indicators = list(share_indicators(today).values())
    rule = rule_of(period_report, definitions(today))
    chinese = reads_chinese()
    counted = (rule.counts_zh, rule.users_zh) if chinese else (rule.counts_en, rule.users_en)
    last = (indicator_query.start, indicator_query.last, rule.per, period_report.classes, *counted)
    header = [
        *_FIRST,
        *(f"{indicator.id}_{name}" for indicator in indicators for name in _OF_SHARE),
        *_LAST,
    ]
    rows = [
        [
            line.row.unit,
            names.get(line.row.unit, line.row.unit),
            *_numbers(line, period_report),
            *(
                cell
                for indicator in indicators
                for cell in _league_position(line.shares[indicator.id])
            ),
            *last,
        ]
        for line in lines(period_report, indicators)
    ]
    return _csv(
        header,
        rows,
        f"indicators-{indicator_query.by}-{indicator_query.start}-{indicator_query.last}.csv",
    )


def _numbers(line: UnitRow, period_report: PeriodReport) -> list[object]:
    row, measure = line.row, line.row.measure
    figure, days = row.figure, row.days
    rate: tuple[float | str, ...] = ("", "", "", "")
    if figure:
        published = figure.published
        published_rate = "" if published.rate is None else published.rate
        rate = (published_rate, published.low, published.high, figure.users)
    few = int(figure.small) if figure else ""
    spread: tuple[str | float, ...] = ("", "", "")
    if days:
        spread = tuple(
            "" if day_count is None else round(day_count, 4)
            for day_count in (days.mean, days.low, days.high)
        )
    money = (measure.refunded_minor, measure.paid_minor) if period_report.currency else ("", "")
    return [
        measure.complaints,
        *rate,
        few,
        row.place.standing if row.place else "",
        round(measure.in_time_share, 6),
        *spread,
        "" if row.days_to_solve is None else row.days_to_solve,
        *(getattr(measure, name) for name in _COUNTED),
        *money,
        period_report.currency,
    ]


def _league_position(share_figure: ShareFigure) -> list[object]:
    if share_figure.share is None:
        return ["", "", "", ""]
    ends = (share_figure.share.share, share_figure.share.low, share_figure.share.high)
    return [*(round(end, 6) for end in ends), share_figure.word]


_PART_COLUMNS = (
    "id",
    "by",
    "unit",
    "name",
    "standing",
    "count",
    "of",
    "share",
    "low",
    "high",
    "from",
    "to",
    "counts",
)


def _parts(request: HttpRequest, indicator_query: IndicatorQuery, of: str) -> HttpResponse:
    """Each duty, or each rule, by the units of the dimension."""
    brand, by = actor_of(request).brand, indicator_query.by
    where: dict[str, Any] = {
        "start": indicator_query.start,
        "end": indicator_query.end,
        "brand": brand,
    }
    if of == "duties":
        by = by if by in OF_DUTIES else OF_DUTIES[0]
        figures_by_key, counts = (
            duty_parts(by, **where),
            _("notices sent in time, of those whose outcome is known"),
        )
    else:
        figures_by_key = overruled_parts(by, **where)
        counts = _("verdicts of the rule that a person overruled, of its verdicts")
    names = unit_names(by)
    rows = [
        [
            key,
            by,
            row.unit,
            names.get(row.unit, row.unit),
            row.word,
            *_of_share(row.share),
            indicator_query.start,
            indicator_query.last,
            counts,
        ]
        for key, standings in sorted(figures_by_key.items())
        for row in standings
    ]
    return _csv(
        _PART_COLUMNS, rows, f"{of}-{by}-{indicator_query.start}-{indicator_query.last}.csv"
    )


def _of_share(unit_share: Share | None) -> list[object]:
    if unit_share is None:
        return ["", "", "", "", ""]
    return [
        unit_share.count,
        unit_share.of,
        round(unit_share.share, 6),
        round(unit_share.low, 6),
        round(unit_share.high, 6),
    ]


_USED_COLUMNS = (
    "by",
    "unit",
    "name",
    "about_complaints",
    "enquiries",
    "orders",
    "from",
    "to",
    "counts",
)


def _channels(request: HttpRequest, indicator_query: IndicatorQuery) -> HttpResponse:
    """Contacts and orders by channel, and by the units of the dimension."""
    where: dict[str, Any] = {"start": indicator_query.start, "end": indicator_query.end}
    counts = _("Contacts, not complaints: who calls three times about one matter counts thrice.")
    rows: list[list[object]] = []
    for by in dict.fromkeys(("channel", indicator_query.by)):
        names = unit_names(by)
        rows += [
            [
                by,
                usage.unit,
                names.get(usage.unit, usage.unit),
                usage.complaint,
                usage.enquiry,
                usage.orders,
                indicator_query.start,
                indicator_query.last,
                counts,
            ]
            for usage in used_by(by, brand=actor_of(request).brand, **where)
        ]
    return _csv(
        _USED_COLUMNS,
        rows,
        f"channels-{indicator_query.by}-{indicator_query.start}-{indicator_query.last}.csv",
    )


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]], name: str) -> HttpResponse:
    out = io.StringIO()
    write_csv(out, header, rows)
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
