"""Where an improvement of the network helps most: perceived quality × users × complaints."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from amends.network.quality.models import DegradedStretch, IncidentComplaint, NetworkIncident
from amends.network.quality.queries.signals import area_measures_requested
from amends.record.catalogue.queries import areas

PERIOD = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMeasure:
    """The newest measure that treats an area.

    status    its verdict, or its state before the day of judgement
    judge_on  the day of judgement
    address   of its page
    """

    title: str
    owner: str
    status: Any
    judge_on: date
    address: str


@dataclass(frozen=True, slots=True)
class AreaToImprove:
    """An area of the last four weeks.

    degraded_h   cell-hours below the baseline; worst_cell: the cell with most of them
    users        subscribers of the area
    complaints   joined to incidents of the area
    weight       degraded hours per day × users × (1 + complaints), relative to the first, 0 to 1
    incident     number of its newest incident, None without one
    """

    area: str
    degraded_h: float
    worst_cell: str
    users: int
    complaints: int
    weight: float
    incident: int | None


def area_measures(*, brand: str = "") -> dict[str, AreaMeasure]:
    """Area → the newest measure that treats it."""
    measures: dict[str, AreaMeasure] = {}
    for _receiver, answer in area_measures_requested.send(None, brand=brand):
        measures |= answer
    return measures


def worst_areas(*, now: datetime, brand: str = "", limit: int = 50) -> list[AreaToImprove]:
    """Areas with degraded cells or complaints of incidents, the heaviest first.

    brand  complaints of this brand alone; "" of every brand
    """
    since = now - PERIOD
    users = {area_row.code: area_row.subscribers_count for area_row in areas()}
    hours: dict[str, dict[str, set[datetime]]] = defaultdict(lambda: defaultdict(set))
    rows = DegradedStretch.objects.filter(to_at__gt=since, from_at__lt=now).order_by("id")
    for area, cell, start, end in rows.values_list("area", "cell", "from_at", "to_at"):
        at = max(start, since)
        while at < min(end, now):
            # Several indicators of a cell are degraded together: its users feel it once.
            hours[area][cell].add(at.replace(minute=0, second=0, microsecond=0))
            at += timedelta(hours=1)
    joined = IncidentComplaint.objects.filter(came_at__gte=since)
    joined = joined.filter(brand=brand) if brand else joined
    complaints: dict[str, int] = defaultdict(int)
    for area in joined.values_list("area", flat=True):
        complaints[area] += 1
    newest: dict[str, int] = {}
    for number, area_codes in NetworkIncident.objects.order_by("started_at").values_list(
        "number", "areas"
    ):
        newest |= dict.fromkeys(area_codes, number)
    ranked = []
    for area in {*hours, *complaints} - {""}:
        cells = hours.get(area, {})
        total = float(sum(map(len, cells.values())))
        weight = (1 + total / PERIOD.days) * max(users.get(area, 0), 1) * (1 + complaints[area])
        worst = max(cells, key=lambda cell_code: (len(cells[cell_code]), cell_code), default="")
        ranked.append(
            (weight, area, total, worst, users.get(area, 0), complaints[area], newest.get(area))
        )
    ranked.sort(key=lambda row: (-row[0], row[1]))
    top = ranked[0][0] if ranked else 1.0
    return [
        AreaToImprove(
            area=area,
            degraded_h=total,
            worst_cell=worst,
            users=people,
            complaints=came,
            weight=weight / top,
            incident=number,
        )
        for weight, area, total, worst, people, came, number in ranked[:limit]
    ]
