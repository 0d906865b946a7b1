"""Expect of older issues what the detector would have expected on the day they began.

An issue keeps what was expected when the scan first saw it. One found before this was kept, or
opened by hand some days after it began, has nothing, and today's expectation has learnt the issue
itself: so the day it began is judged again from what came before it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from amends.engines.detection.baseline.golden_weeks import days_of
from amends.engines.detection.calibration import AlarmCalibration
from amends.engines.detection.cube import Cells, values_of
from amends.engines.detection.scan import scan
from amends.problems.hotissues.models import HotIssue

AT_ONCE = 3
"""Issues looked back at in one pass: a scan after an upgrade takes hardly longer than others."""
LEAST_BEFORE = timedelta(days=28)
UNCALIBRATED = AlarmCalibration(np.inf, 0.0)


def look_back(every: Cells, *, brand: str, today: date) -> int:
    """Fill in what is missing for a few issues that began before today; for how many."""
    days = [start.date() for start in every.starts if isinstance(start, datetime)]
    zone = ZoneInfo(settings.TIME_ZONE)
    lacking = HotIssue.objects.filter(brand=brand, drill=False, merged_into=None, usual={})
    recomputed = 0
    for issue in lacking.order_by("-started_at"):
        began = issue.started_at.astimezone(zone).date()
        if began >= today or began - LEAST_BEFORE < days[0]:
            continue
        usual = _expected(every, days, days.index(began), _columns_of(issue, every))
        HotIssue.objects.filter(id=issue.id).update(usual=usual)
        recomputed += 1
        if recomputed == AT_ONCE:
            break
    return recomputed


def _columns_of(issue: HotIssue, every: Cells) -> list[int]:
    """The columns of everything, of each value of a dimension and of the issue's own places."""
    own = set(issue.cells.values_list("place", flat=True))
    return [
        at
        for at, cell_key in enumerate(every.places)
        if len(values_of(cell_key)) < 2 or cell_key in own
    ]


def _expected(every: Cells, days: list[date], row: int, columns: list[int]) -> dict[str, float]:
    """Place → persons expected on the day of this row, from the rows before it."""
    cell_scan = scan(
        every.persons[: row + 1, columns],
        last=1,
        period="day",
        start=days[0],
        special=days_of(days[: row + 1]),
        calibration=UNCALIBRATED,
    )
    return {
        every.places[at]: round(float(mean), 4)
        for at, mean in zip(columns, cell_scan.mean[-1], strict=True)
        if np.isfinite(mean)
    }
