"""Measures by the area that they treat."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from amends.network.quality.queries.improvements import AreaMeasure
from amends.people.access.queries.colleagues import people
from amends.problems.measures.queries import visible_measures

_MOST = 500


def measures_by_area(*, brand: str, **_signal: Any) -> dict[str, AreaMeasure]:
    """Area → the newest measure that treats a segment of it."""
    rows = list(visible_measures(brand=brand).order_by("-number")[:_MOST])
    names = people({row.owner for row in rows})
    measures_by_area: dict[str, AreaMeasure] = {}
    for row in rows:
        area_measure = AreaMeasure(
            title=row.title,
            owner=names.get(row.owner, row.owner),
            status=row.status,
            judge_on=row.judge_on,
            address=reverse("measure", args=[row.pk]),
        )
        parts = [part for segment in row.treated for part in segment.split("|")]
        for area in dict.fromkeys(part[5:] for part in parts if part.startswith("area=")):
            measures_by_area.setdefault(area, area_measure)
    return measures_by_area
