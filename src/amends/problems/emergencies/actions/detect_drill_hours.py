"""Whether the scan by the hour would find a drill whose complaints come within a few hours.

They are added to the real ones of the last whole hours, in memory, and every hour is judged as
the scan of that hour would have judged it: the same places, threshold and strength.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings

from amends.engines.detection.calibration import AlarmCalibration
from amends.engines.detection.cube import within
from amends.engines.detection.growth import number_alike
from amends.problems.emergencies.actions.detect_drill import (
    Detection,
    hardest,
    hot_without,
    with_invented,
)
from amends.problems.emergencies.rules.drills import Invented, arriving
from amends.problems.hotissues.actions.scan_hours import (
    HISTORY,
    LEAST_AT_ONCE,
    LEAST_HISTORY,
    LEAST_PERSONS,
    LEAST_STRENGTH,
    candidates_of,
    counted_hours,
    judge_hours,
    whole_hour,
    worth_judging_hours,
)
from amends.problems.hotissues.queries.cube import rows_between

HOURS = 6
"""Over so many whole hours the invented complaints come, more in each."""


def detect_drill_hours(
    people: list[Invented], kind: str, *, brand: str, now: datetime
) -> Detection:
    """At the end of which hour the scan finds so many complaints of a kind, or why it does not."""
    end = whole_hour(now)
    start = end - HISTORY
    real = rows_between(start.date(), end.date(), brand=brand).filter(
        (pl.col("moment") >= start) & (pl.col("moment") < end)
    )
    first = real["moment"].min()
    begun = end - timedelta(hours=HOURS)
    if not isinstance(first, datetime) or begun - first < LEAST_HISTORY:
        return _not_detected("few_days", people)
    if len(people) < LEAST_PERSONS:
        return _not_detected("few_persons", people)
    # The threshold is that of the real counts: the drill must not teach the detector itself.
    every = counted_hours(real, first, end)
    usual, _ = judge_hours(worth_judging_hours(every), len(every.places), brand, end, LEAST_AT_ONCE)
    if not isfinite(usual.calibration.threshold):
        return _not_detected("few_days", people)
    zone = ZoneInfo(settings.TIME_ZONE)
    moments = [
        (begun + timedelta(hours=hour, minutes=30)).replace(tzinfo=zone).astimezone(UTC)
        for hour in arriving(len(people), HOURS)
    ]
    values = hardest(real, kind, begun.replace(tzinfo=zone))
    rows = with_invented(real, people, values, moments)
    strongest: Detection | None = None
    for passed in range(1, HOURS + 1):
        judged = _hour(
            rows, people, first, begun + timedelta(hours=passed), brand, usual.calibration
        )
        if not judged.why:
            return judged
        if strongest is None or _is_stronger(judged, strongest):
            strongest = judged
    assert strongest is not None
    return strongest


def _is_stronger(detection: Detection, rival: Detection) -> bool:
    """Whether one hour without a finding says more of why than another."""
    if (detection.why == "already") != (rival.why == "already"):
        return detection.why == "already"
    return detection.evidence > rival.evidence


def _hour(
    rows: pl.DataFrame,
    people: list[Invented],
    first: datetime,
    end: datetime,
    brand: str,
    calibration: AlarmCalibration,
) -> Detection:
    """What the scan at the end of one hour would have said."""
    so_far = rows.filter(pl.col("moment") < end)
    drilled = so_far.filter(pl.col("id").is_in([person.complaint for person in people]))
    every = counted_hours(so_far, first, end)
    judged = worth_judging_hours(every)
    hour_scan, _ = judge_hours(
        judged, len(every.places), brand, end, LEAST_AT_ONCE, calibration=calibration
    )
    inside = np.array([within(drilled, cell_key).height > 0 for cell_key in judged.places])
    seen = replace(hour_scan, alarms=hour_scan.alarms & inside)
    alike_counts = number_alike(every.places)
    ours = frozenset(drilled["who"].cast(pl.String))
    candidates = candidates_of(so_far, judged, seen, every)
    newest = hour_scan.evidence[-LEAST_AT_ONCE:]
    by_it = [
        candidate
        for candidate in candidates
        if not hot_without(
            candidate, ours, alike_counts, min_persons=LEAST_PERSONS, strong=LEAST_STRENGTH
        )
    ]
    if candidates:
        best = max(by_it or candidates, key=lambda hot_candidate: hot_candidate.score)
        at, why = judged.places.index(best.place), "" if by_it else "already"
    else:
        at = int(np.where(inside, newest, -np.inf).max(axis=0).argmax())
        why = "explained" if seen.alarms.any() else "below"
    return Detection(
        why=why,
        persons=drilled.height,
        day=end.date(),
        place=judged.places[at],
        evidence=round(float(newest[:, at].max()), 2),
        threshold=round(hour_scan.calibration.threshold, 2),
        ended=end,
        least=LEAST_PERSONS,
        days=LEAST_HISTORY.days,
    )


def _not_detected(why: str, people: list[Invented]) -> Detection:
    return Detection(why, len(people), least=LEAST_PERSONS, days=LEAST_HISTORY.days)
