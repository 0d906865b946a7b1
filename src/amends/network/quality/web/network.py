"""The board of areas, red first, and the page of an area."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import (
    get_language,
    gettext_lazy,
    gettext_noop,
    ngettext,
    pgettext_lazy,
)
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.network.quality.actions.incident_records import LASTING
from amends.network.quality.incident_choices import (
    ChangeKind,
    IncidentState,
    IndicatorGroup,
    Severity,
    WorseWhen,
)
from amends.network.quality.models import (
    DegradedStretch,
    NetworkAlarm,
    NetworkCell,
    NetworkIncident,
)
from amends.network.quality.queries.counters import Why, baselines_outdated, baselines_until, why
from amends.network.quality.queries.forecast import FULL, peaks_ahead
from amends.network.quality.queries.improvements import area_measures, worst_areas
from amends.network.quality.queries.incidents import IncidentSummary, alarm_counts, incident_summary
from amends.network.quality.queries.indicators import known_indicators
from amends.network.quality.queries.products import peak_speeds
from amends.network.quality.queries.prometheus import prometheus_state
from amends.network.quality.rules.degraded_hours import degraded_hours
from amends.network.quality.rules.indicators import indicators
from amends.network.quality.web.incident_words import area_names, title_of, where
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.charts import Curve, CurveMark
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import format_day_month, format_moment, is_chinese
from amends.platform.kit.packs import zone_of
from amends.record.catalogue.queries import areas, areas_within, offer_name

_HEAT = {"": 0, "minor": 1, "major": 3, "critical": 4}
_RECENT = timedelta(days=14)
_HOURS = 24
_DAYS = 14
_MOST_AREAS = 500
_BREAKDOWN = {
    "service": (gettext_lazy("Worst services"), gettext_lazy("Service")),
    "app": (gettext_lazy("Worst apps"), pgettext_lazy("counters", "App")),
    "partner": (gettext_lazy("Worst partners"), gettext_lazy("Partner")),
    "device": (gettext_lazy("Worst device classes"), gettext_lazy("Device class")),
}
"""Dimension of counters → title and column heading of its contributors."""


class UnableToFindArea(BadInput):
    """There is no such area."""

    code = "area_unknown"


@dataclass(slots=True)
class AreaTile:
    """An area on the board: its gravest incident that lasts, and how many cells are degraded."""

    code: str
    name: str
    severity: str = ""
    incidents: list[NetworkIncident] = field(default_factory=list)
    degraded_cells: int = 0
    cells: int = 0

    @property
    def heat(self) -> int:
        """0 to 4, as the style sheet colours it."""
        return max(_HEAT[self.severity], 1 if self.degraded_cells else 0)

    @property
    def words(self) -> Any:
        """The state of the area in a word."""
        if self.severity:
            return Severity(self.severity).label
        return _("cells degraded") if self.degraded_cells else _("normal")


@requires("quality.read")
@refusals_as_pages
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every area by its region, red first, and one sentence for who has no time."""
    actor, now = actor_of(request), timezone.now()
    names = area_names()
    lasting = list(
        NetworkIncident.objects.filter(state__in=LASTING).order_by("-started_at", "-number")
    )
    tiles = _tiles(names, lasting)
    parents = {area_row.code: area_row.parent for area_row in areas()}
    grouped: dict[str, list[AreaTile]] = defaultdict(list)
    parts = set(parents.values()) - {""}
    for code, tile in tiles.items():
        if code not in parts:
            grouped[parents[code]].append(tile)
    groups = [
        (
            names.get(region, _("Areas")),
            max(heated_area.heat for heated_area in region_areas),
            _red_first(region_areas),
        )
        for region, region_areas in grouped.items()
    ]
    alarm_counts(lasting)
    last_alarm, unknown_alarms = _alarms()
    summaries = [
        incident_summary(incident_row, now=now, brand=actor.brand) for incident_row in lasting
    ]
    context = {
        "groups": sorted(groups, key=lambda group: (-group[1], group[0])),
        "sentence": _sentence(tiles, summaries),
        "lasting": [
            (
                incident_row,
                title_of(incident_row, names),
                IncidentState(incident_row.state),
                Severity(incident_row.severity),
                figures,
            )
            for incident_row, figures in zip(lasting, summaries, strict=True)
        ],
        "last_counters": DegradedStretch.objects.order_by("-found_at")
        .values_list("found_at", flat=True)
        .first(),
        "last_alarm": last_alarm,
        "prometheus": prometheus_state(),
        "baselines_until": baselines_until(),
        "baselines_outdated": baselines_outdated(),
        "unknown": unknown_alarms,
        "may_report": may(actor.roles, "quality.incidents"),
    }
    return render(request, "desk/network/board.html", context)


def _alarms() -> tuple[datetime | None, int]:
    """When the newest alarm came, and how many alarms name an unknown area."""
    unknown = NetworkAlarm.objects.filter(problem="area_unknown").order_by().values("problem")
    newest = NetworkAlarm.objects.order_by("-seen_at").annotate(
        unknown=Subquery(unknown.annotate(count=Count("pk")).values("count"))
    )
    row = newest.values_list("seen_at", "unknown").first()
    return (row[0], row[1] or 0) if row else (None, 0)


def _tiles(names: dict[str, str], lasting: list[NetworkIncident]) -> dict[str, AreaTile]:
    tiles = {code: AreaTile(code, name) for code, name in names.items()}
    for row in lasting:
        for code in areas_within(row.areas):
            tile = tiles.get(code)
            if tile is None:
                continue
            tile.incidents.append(row)
            if _HEAT[row.severity] > _HEAT[tile.severity]:
                tile.severity = row.severity
    refs = {row.pk for row in lasting}
    degraded: dict[str, set[str]] = defaultdict(set)
    stretches = DegradedStretch.objects.filter(incident__in=refs).order_by()
    for area, cell in stretches.values_list("area", "cell").distinct():
        degraded[area].add(cell)
    for code, cells in degraded.items():
        if code in tiles:
            tiles[code].degraded_cells = len(cells)
    return tiles


def _red_first(tiles: list[AreaTile]) -> list[AreaTile]:
    return sorted(tiles, key=lambda tile: (-tile.heat, -tile.degraded_cells, tile.name))


def _sentence(tiles: dict[str, AreaTile], summaries: list[IncidentSummary]) -> str:
    """How the network is, in one sentence."""
    if not summaries:
        return _("No incident of the network lasts now.")
    red = sum(1 for tile in tiles.values() if tile.severity)
    affected = round(sum(summary.affected.count for summary in summaries))
    complained = sum(summary.complained for summary in summaries)
    notified = sum(summary.notified for summary in summaries)
    sentence = ngettext(
        "%(n)s incident lasts in %(areas)s: about %(affected)s users are affected,"
        " %(complained)s of them complained, %(told)s were notified before they had to.",
        "%(n)s incidents last in %(areas)s: about %(affected)s users are affected,"
        " %(complained)s of them complained, %(told)s were notified before they had to.",
        len(summaries),
    )
    areas_text = ngettext("%(n)s area", "%(n)s areas", red) % {"n": red}
    return sentence % {
        "n": len(summaries),
        "areas": areas_text,
        "affected": affected,
        "complained": complained,
        "told": notified,
    }


@requires("quality.read")
@refusals_as_pages
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """An area: its cells with the worst first, its incidents, and the history of two weeks."""
    actor, now = actor_of(request), timezone.now()
    names = area_names()
    if code not in names:
        raise _no_such_area()
    within = areas_within([code])
    rows = [
        row
        for row in NetworkIncident.objects.exclude(
            state__in=(IncidentState.MERGED, IncidentState.DISMISSED)
        ).order_by("-started_at")[:200]
        if within & set(row.areas)
    ][:20]
    since = now - _RECENT
    stretches = list(
        DegradedStretch.objects.filter(area__in=within, to_at__gte=since).order_by("-score")
    )
    worst: dict[str, list[DegradedStretch]] = defaultdict(list)
    for stretch in stretches:
        worst[stretch.cell].append(stretch)
    cells = [
        {
            "cell": cell,
            "score": max(cell_stretch.score for cell_stretch in cell_stretches),
            "kpis": sorted({cell_stretch.kpi for cell_stretch in cell_stretches}),
            "hours": degraded_hours(
                ((cell_stretch.from_at, cell_stretch.to_at) for cell_stretch in cell_stretches),
                since=since,
                until=now,
            ),
            "lasts": any(cell_stretch.to_at > now for cell_stretch in cell_stretches),
            "incident": next(
                (cell_stretch.incident for cell_stretch in cell_stretches if cell_stretch.incident),
                None,
            ),
        }
        for cell, cell_stretches in worst.items()
    ]
    cell_codes = NetworkCell.objects.filter(area__in=within).order_by().values("code").distinct()
    context = {
        "code": code,
        "name": names[code],
        "cells": sorted(cells, key=lambda cell: -float(str(cell["score"]))),
        "known_cells": cell_codes.count(),
        "incidents": [
            (
                row,
                title_of(row, names),
                IncidentState(row.state),
                Severity(row.severity),
                incident_summary(row, now=now, brand=actor.brand),
            )
            for row in rows
        ],
        "history": _history(stretches, now),
        "where": where(sorted(within - {code}), names) if len(within) > 1 else "",
        "may_report": may(actor.roles, "quality.incidents"),
    }
    return render(request, "desk/network/area.html", context)


@requires("quality.read")
@refusals_as_pages
@require_safe
def why_red(request: HttpRequest, code: str) -> HttpResponse:
    """Why an area is red: worst cells, indicators, hours; samples, baseline, changes there."""
    names = area_names()
    if code not in names:
        raise _no_such_area()
    from amends.network.quality.actions.take_counters import bad_directions

    zone = zone_of(settings.JURISDICTION)
    filters = {name: request.GET.get(name, "")[:80] for name in ("cell", "kpi")}
    explanation = why(areas_within([code]), bad_directions(), zone=zone, **filters)
    if explanation is None and any(filters.values()):
        raise _no_such_area()
    indicators_by_kpi = indicators(timezone.localdate())
    chinese = is_chinese(get_language() or "")
    kpi_names = {
        ref: indicator.zh if chinese else indicator.en
        for ref, indicator in indicators_by_kpi.items()
    }
    context = {
        "code": code,
        "name": names[code],
        "why": explanation,
        "kpi_names": kpi_names,
        "cells": explanation.cells[:10] if explanation else [],
        "kpis": [
            (kpi_names.get(hot_kpi.name, hot_kpi.name), hot_kpi) for hot_kpi in explanation.kpis
        ]
        if explanation
        else [],
        "hours": explanation.hours[:6] if explanation else [],
        "breakdown": [
            (title, heading, explanation.breakdown[name][:6])
            for name, (title, heading) in _BREAKDOWN.items()
            if explanation and explanation.breakdown.get(name)
        ],
        "kpi_name": kpi_names.get(explanation.kpi, explanation.kpi) if explanation else "",
        "unit": indicators_by_kpi[explanation.kpi].unit
        if explanation and explanation.kpi in indicators_by_kpi
        else "",
        "changes": [(change, ChangeKind(change.kind).label) for change in explanation.changes]
        if explanation
        else [],
        "chart": _samples_chart(explanation, kpi_names) if explanation else None,
    }
    return render(request, "desk/network/why.html", context)


def _samples_chart(explanation: Why, kpi_names: dict[str, str]) -> Curve:
    """The samples of the cell beside its baseline, with what was changed there."""
    language, zone = get_language() or "en", timezone.get_current_timezone_name()
    moments = [sample.at for sample in explanation.samples]
    marks = [
        CurveMark(
            max(sum(at <= change.at for at in moments) - 1, 0), str(ChangeKind(change.kind).label)
        )
        for change in explanation.changes
        if moments and moments[0] <= change.at
    ]
    digits = 3 if max((abs(sample.value) for sample in explanation.samples), default=0) < 2 else 1
    return Curve(
        title=f"{explanation.cell} · {kpi_names.get(explanation.kpi, explanation.kpi)}",
        labels=[format_day_month(timezone.localdate(at), language) for at in moments],
        full=[format_moment(at, language, zone) for at in moments],
        values=[sample.value for sample in explanation.samples],
        low=[sample.low for sample in explanation.samples],
        high=[sample.high for sample in explanation.samples],
        marks=list(dict.fromkeys(marks)),
        names={
            "period": _("From"),
            "observed": _("measured"),
            "expected": _("baseline"),
            "what happened": _("What happened"),
        },
        definition=_(
            "Each sample of the last seven days; the baseline is the median of the same hour of the"
            " week in the four weeks before, the band three MAD around it."
        ),
        name=f"why-{explanation.cell}",
        digits=digits,
    )


def _no_such_area() -> UnableToFindArea:
    return UnableToFindArea(
        gettext_noop("There is no such area."), next_step=gettext_noop("Choose one from the board.")
    )


@requires("quality.read")
@refusals_as_pages
@require_safe
def improvements(request: HttpRequest) -> HttpResponse:
    """Where an improvement helps most: hours of poor quality, users hit, complaints."""
    actor, now = actor_of(request), timezone.now()
    names = area_names()
    measures = area_measures(brand=actor.brand)
    context = {
        "rows": [
            (names.get(worst_area.area, worst_area.area), worst_area, measures.get(worst_area.area))
            for worst_area in worst_areas(now=now, brand=actor.brand)
        ],
        "may_plan": may(actor.roles, "hotissues.measure"),
    }
    return render(request, "desk/network/improvements.html", context)


@requires("quality.read")
@refusals_as_pages
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """What was sold against what is measured, by offer and area."""
    now, chinese = timezone.now(), is_chinese(get_language() or "")
    names = area_names()
    rows = [
        {
            "offer": offer_name(offer, now, chinese=chinese) if offer else _("not known"),
            "area": names.get(area, area) if area else _("not known"),
            "promised": promised,
            "peak": peak,
            "share": peak.median_mbps / promised if promised else None,
        }
        for (offer, area, promised), peak in peak_speeds(now)
    ]
    context = {"rows": sorted(rows, key=lambda row: float(str(row["share"] or 9)))}
    return render(request, "desk/network/products.html", context)


@requires("quality.read")
@refusals_as_pages
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """The busiest hour of the next week by area, the fullest first."""
    names, peaks = area_names(), peaks_ahead()
    over = sum(peak.passes for peak in peaks)
    sentence = ngettext(
        "%(over)s of %(n)s area will pass its capacity in the next seven days.",
        "%(over)s of %(n)s areas will pass their capacity in the next seven days.",
        len(peaks),
    ) % {"over": over, "n": len(peaks)}
    context = {
        "rows": [(names.get(peak.area, peak.area), peak) for peak in peaks[:_MOST_AREAS]],
        "sentence": sentence,
        "assumed": sum(not peak.stated for peak in peaks),
        "full": f"{FULL:.0%}",
    }
    return render(request, "desk/network/forecast.html", context)


@requires("quality.read")
@refusals_as_pages
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The catalogue of indicators: what is measured, how, when it is bad, who feels it."""
    chinese = is_chinese(get_language() or "")
    rows = [
        {
            "code": indicator.code,
            "name": indicator.zh if chinese else indicator.en,
            "standard": indicator.standard,
            "unit": indicator.unit,
            "source": indicator.source,
            "verified": indicator.verified,
            "group": IndicatorGroup(indicator.group).label,
            "worse": WorseWhen(indicator.worse).label if indicator.worse else "",
            "computed": indicator.computed_zh if chinese else indicator.computed_en,
            "felt_by": indicator.felt_by_zh if chinese else indicator.felt_by_en,
        }
        for indicator in known_indicators().indicators
    ]
    return render(request, "desk/network/catalogue.html", {"rows": rows})


def _history(stretches: list[DegradedStretch], now: Any) -> list[tuple[Any, list[int]]]:
    """Day → for each hour how many cells were degraded, the last two weeks."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=n) for n in range(_DAYS)]
    cells: dict[tuple[int, int], set[str]] = defaultdict(set)
    first = days[-1]
    for stretch in stretches:
        at = max(stretch.from_at, first)
        while at < min(stretch.to_at, now):
            local = timezone.localtime(at)
            cells[(midnight.date() - local.date()).days, local.hour].add(stretch.cell)
            at += timedelta(hours=1)
    return [
        (day.date(), [len(cells.get((n, hour), ())) for hour in range(_HOURS)])
        for n, day in enumerate(days)
    ]
