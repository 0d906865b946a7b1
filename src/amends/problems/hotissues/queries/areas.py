"""Where the persons of open issues are: the tree of areas, and how many were to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import polars as pl
from django.utils import timezone

from amends.cases.complaints.queries.analytics import areas_of_complaints
from amends.engines.detection.cube import values_of, within
from amends.problems.hotissues.models import HotIssue, Membership
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.issue_summary import BEFORE
from amends.problems.hotissues.queries.membership import main_place
from amends.record.catalogue.queries import AreaView, areas

HEATS = (0.5, 4.0, 12.0, 30.0)
"""Persons more than expected from which on a tile is a shade warmer."""


@dataclass(slots=True)
class MapTile:
    """An area of the map; `parts` are the areas it consists of, the warmest first.

    persons   of open issues who are there; `expected` in the same classes and days, as before
    """

    code: str
    name: str
    persons: int
    expected: float
    parts: list[MapTile] = field(default_factory=list)

    @property
    def excess(self) -> float:
        """Persons more than expected, at least 0."""
        return max(self.persons - self.expected, 0.0)

    @property
    def heat(self) -> int:
        """0 to 4: how warm the tile is drawn; the figures stand on it."""
        return sum(self.excess >= threshold for threshold in HEATS)


def where(hot_issues: Sequence[HotIssue], *, chinese: bool) -> list[MapTile]:
    """The areas at the top of the tree with their parts, the warmest first; all of them, so that a
    place stays where it is for whoever looks every day."""
    areas_by_code = {area.code: area for area in areas()}
    persons, usual = _persons(hot_issues, areas_by_code), _expected(hot_issues, areas_by_code)

    def tile(area_view: AreaView) -> MapTile:
        parts = [tile(part) for part in areas_by_code.values() if part.parent == area_view.code]
        return MapTile(
            code=area_view.code,
            name=area_view.name_zh if chinese else area_view.name_en,
            persons=len(persons.get(area_view.code, ())),
            expected=usual.get(area_view.code, 0.0),
            parts=sorted(parts, key=lambda part: part.code),
        )

    if not persons:
        return []
    return [
        tile(area_view)
        for area_view in areas_by_code.values()
        if area_view.parent not in areas_by_code
    ]


def _persons(
    hot_issues: Sequence[HotIssue], areas_by_code: dict[str, AreaView]
) -> dict[str, set[str]]:
    """Area → persons of the issues who are in it or in a part of it."""
    rows = Membership.objects.filter(issue__in=list(hot_issues), left_at__isnull=True)
    person_by_complaint = dict(rows.values_list("complaint", "person"))
    persons: dict[str, set[str]] = {}
    for ref, code in areas_of_complaints(list(person_by_complaint)).items():
        for above in _chain(code, areas_by_code):
            persons.setdefault(above, set()).add(person_by_complaint[ref] or ref)
    return persons


def _expected(
    hot_issues: Sequence[HotIssue], areas_by_code: dict[str, AreaView]
) -> dict[str, float]:
    """Area → persons to be expected in the places of the issues while they last: as many as the
    detector expected, where an issue is its own, spread over the areas as in the six weeks before
    each began; of others, as many a day as came then."""
    usual: dict[str, float] = {}
    # Issues that began on one day share what came before.
    rows_of = cache(rows_between)
    for issue in hot_issues:
        cell_key = main_place(issue)
        if values_of(cell_key).keys() & {"cause", "words"}:
            continue
        before = rows_of(
            timezone.localdate(issue.started_at - BEFORE), timezone.localdate(issue.started_at)
        )
        before = before.filter(pl.col("received_at") < issue.started_at)
        first = before["received_at"].min()
        if not isinstance(first, datetime):
            continue
        own = within(before, cell_key).unique("who")
        scale = (timezone.now() - issue.started_at) / max(
            issue.started_at - first, timedelta(days=1)
        )
        each = min(scale, 1.0)
        lasted = (timezone.now() - issue.started_at) / timedelta(days=1)
        expected = issue.expected or issue.usual.get(cell_key, 0.0) * lasted
        if issue.usual and own.height and expected:
            each = expected / own.height
        for code, number in own.group_by("area").len().iter_rows():
            for above in _chain(code, areas_by_code):
                usual[above] = usual.get(above, 0.0) + number * each
    return usual


def _chain(code: str, areas_by_code: dict[str, AreaView]) -> list[str]:
    chain: list[str] = []
    while code in areas_by_code and code not in chain:
        chain.append(code)
        code = areas_by_code[code].parent
    return chain
