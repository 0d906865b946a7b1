"""Scan by the hour: what rises within a day is found before the day is over.

Classes, areas, products and channels, and each class in each area, are held against the same hours
of the weeks before, over the last 24 whole hours. The alarms join issues as those of days do.
In the weeks of the Spring Festival and of National Day an hour is expected to bring what its day
did last year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from django.core.cache import caches
from django.db import transaction

from amends.engines.detection.baseline.golden_weeks import days_of
from amends.engines.detection.baseline.holidays import Lifts, known_at, lessons
from amends.engines.detection.baseline.references import PERIODS_A_YEAR
from amends.engines.detection.calibration import AlarmCalibration
from amends.engines.detection.clusters import Candidate, clusters, strength
from amends.engines.detection.cube import Cells, levels_of, values_of, within
from amends.engines.detection.growth import growth, is_move, kind_of, number_alike
from amends.engines.detection.scan import Scan, scan
from amends.platform.kit.actors import Actor, system
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.merge import merge_by_cause
from amends.problems.hotissues.actions.open_issue import one_at_a_time
from amends.problems.hotissues.actions.update_issues import follow
from amends.problems.hotissues.models import CubeMark
from amends.problems.hotissues.queries import SHARES_OF_FALSE, keep_false
from amends.problems.hotissues.queries.cube import counts, rows_between

SHARE_OF_FALSE = SHARES_OF_FALSE["hours"]
HISTORY = timedelta(days=8 * 7)
LEAST_HISTORY = timedelta(days=21)
TO_LAST_HOLIDAY = timedelta(weeks=66)
"""Far enough back for eight weeks before the holiday of last year, wherever the moon put it."""
WINDOW = 24
MOST_AT_ONCE, LEAST_AT_ONCE = 24, 2
LEAST_PERSONS = 5
LEAST_STRENGTH = 3.0
CALIBRATED_FOR = timedelta(days=7)
SCAN = system("scan")


@dataclass(frozen=True, slots=True)
class Hourly:
    """What one scan found; `hours` are whole hours that were judged, 0 if too little is known."""

    places: int
    hours: int
    false_a_week: float
    issues: list[str] = field(default_factory=list)


def scan_hours(*, now: datetime, brand: str = "", actor: Actor = SCAN) -> Hourly:
    """Judge the whole hours since the last scan, at most a day of them."""
    update_cube()
    end = whole_hour(now)
    start = end - HISTORY
    rows = rows_between(start.date(), end.date(), brand=brand).filter(
        (pl.col("moment") >= start) & (pl.col("moment") < end)
    )
    first = rows["moment"].min()
    if not isinstance(first, datetime) or end - first < LEAST_HISTORY:
        return Hourly(0, 0, 0.0)
    hours = _hours_to_judge(brand, end)
    if not hours:
        return Hourly(0, 0, 0.0)
    every = counted_hours(rows, first, end)
    judged = worth_judging_hours(every)
    hour_scan, false_a_week = judge_hours(judged, len(every.places), brand, end, hours)
    followed_refs: list[str] = []
    with transaction.atomic():
        one_at_a_time()
        found_clusters = clusters(candidates_of(rows, judged, hour_scan, every))
        for cluster in found_clusters:
            followed_refs.append(
                follow(
                    cluster,
                    rows,
                    days=judged.starts,
                    brand=brand,
                    now=now,
                    actor=actor,
                    false_a_week=false_a_week,
                    grain="hour",
                    elsewhere=[
                        other_cluster[0]
                        for other_cluster in found_clusters
                        if other_cluster is not cluster
                    ],
                )
            )
        CubeMark.objects.update_or_create(stream=_stream(brand), defaults={"seen": end.isoformat()})
        keep_false("hours", brand, false_a_week)
    followed_refs = [ref for ref in followed_refs if ref]
    find_causes(followed_refs, now=now)
    with transaction.atomic():
        one_at_a_time()
        followed_refs = [merge_by_cause(ref, actor=actor, now=now) for ref in followed_refs]
    return Hourly(
        places=len(judged.places),
        hours=hours,
        false_a_week=false_a_week,
        issues=list(dict.fromkeys(followed_refs)),
    )


def whole_hour(now: datetime) -> datetime:
    """The end of the last whole hour, local and without a zone, as cells count."""
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    return local.replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _stream(brand: str) -> str:
    return f"hours:{brand}"[:16]


def _hours_to_judge(brand: str, end: datetime) -> int:
    """Whole hours since the last scan and the one before; none if none has passed."""
    mark = CubeMark.objects.filter(stream=_stream(brand)).first()
    since = (
        (end - datetime.fromisoformat(mark.seen)) // timedelta(hours=1) if mark else MOST_AT_ONCE
    )
    return min(max(since, LEAST_AT_ONCE), MOST_AT_ONCE) if since > 0 else 0


def counted_hours(rows: pl.DataFrame, first: datetime, end: datetime) -> Cells:
    """Persons by hour: every single dimension, and classes in areas; whole hours only."""
    hour_cells = counts(
        rows, first.date(), end.date(), period="hour", min_count=2, levels=_levels(rows)
    )
    kept_hours = sum(isinstance(start, datetime) and start < end for start in hour_cells.starts)
    return Cells(
        places=hour_cells.places,
        starts=hour_cells.starts[:kept_hours],
        persons=hour_cells.persons[:kept_hours],
        complaints=hour_cells.complaints[:kept_hours],
    )


def _levels(rows: pl.DataFrame) -> list[tuple[str, ...]]:
    return [
        level
        for level in levels_of(rows, max_dimensions=2)
        if len(level) < 2 or {name.partition(".")[0] for name in level} == {"area", "code"}
    ]


def worth_judging_hours(every: Cells) -> Cells:
    """Places that could be an issue now, and the whole."""
    recent = every.persons[-WINDOW:].sum(axis=0)
    kept_columns = [
        at
        for at, cell_key in enumerate(every.places)
        if recent[at] >= LEAST_PERSONS
        or not cell_key
        or (len(values_of(cell_key)) == 1 and recent[at] > 0)
    ]
    return Cells(
        places=[every.places[at] for at in kept_columns],
        starts=every.starts,
        persons=every.persons[:, kept_columns],
        complaints=every.complaints[:, kept_columns],
    )


def judge_hours(
    judged: Cells,
    every: int,
    brand: str,
    end: datetime,
    hours: int,
    *,
    calibration: AlarmCalibration | None = None,
) -> tuple[Scan, float]:
    """The scan of the newest hours, at this part of the operator's number.

    calibration  to judge by; without it the one kept, or a new one, which is kept
    """
    accepted = settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE
    per_year = accepted * 365.25 / 7 / max(every, 1)
    key = f"hotissues:hourly:{brand}"
    cached: tuple[datetime, AlarmCalibration, float] | None = caches["process"].get(key)
    if (
        calibration is None
        and cached
        and abs(end - cached[0]) <= CALIBRATED_FOR
        and cached[2] <= 1.3 * per_year
    ):
        calibration = cached[1]
    starts = judged.starts[0]
    assert isinstance(starts, datetime)
    special = days_of([start.date() for start in judged.starts if isinstance(start, datetime)])
    lifted = _learnt(judged, brand, end) if special[-2 * WINDOW :].any() else None
    hour_scan = scan(
        judged.persons,
        last=max(hours, WINDOW),
        period="hour",
        start=starts.date(),
        special=special,
        lifted=lifted,
        false_per_series_year=per_year,
        calibration=calibration,
    )
    if calibration is None:
        caches["process"].set(key, (end, hour_scan.calibration, per_year), None)
    alarms = hour_scan.alarms.copy()
    alarms[: -hours or None] = False
    expected = hour_scan.calibration.expected * every * 24 * 7 / PERIODS_A_YEAR["hour"]
    return Scan(
        alarms=alarms,
        evidence=hour_scan.evidence,
        mean=hour_scan.mean,
        calibration=hour_scan.calibration,
        null=hour_scan.null,
    ), expected


def _learnt(judged: Cells, brand: str, end: datetime) -> Lifts | None:
    """What the last holidays did to these places, by their days; None if none is known."""
    rows = rows_between((end - TO_LAST_HOLIDAY).date(), end.date(), brand=brand)
    first = rows["moment"].min()
    if not isinstance(first, datetime):
        return None
    every = counts(rows, first.date(), end.date(), min_count=1, levels=_levels(rows))
    days = days_of([start.date() for start in every.starts if isinstance(start, datetime)])
    column = {cell_key: at for at, cell_key in enumerate(every.places)}
    # A place that was not there last year has nothing of its own: it is as all of them were.
    known_columns = [column.get(cell_key, -1) for cell_key in judged.places]
    past = np.where(np.array(known_columns) >= 0, every.persons[:, known_columns], 0).astype(
        np.int32
    )
    return known_at(days.size, lessons(past, days, period="day"))


def candidates_of(
    rows: pl.DataFrame, judged: Cells, hour_scan: Scan, every: Cells
) -> list[Candidate]:
    """The places in alarm with the hour their rise began in, and who complained since."""
    alike_counts = number_alike(every.places)
    candidates: list[Candidate] = []
    size = hour_scan.mean.shape[0]
    for at in np.flatnonzero(hour_scan.alarms.any(axis=0)).tolist():
        cell_key, means = judged.places[at], np.nan_to_num(hour_scan.mean[:, at])
        seen = np.maximum(judged.persons[-size:, at], 0)
        rises = [
            strength(float(seen[-ago:].sum()), float(means[-ago:].sum()))
            for ago in range(1, size + 1)
        ]
        ago = int(np.argmax(rises)) + 1
        since = len(judged.starts) - ago
        own = within(rows.filter(pl.col("moment") >= judged.starts[since]), cell_key)
        persons = frozenset(own["who"].cast(pl.String))
        hourly = {
            name: float(np.nan_to_num(hour_scan.mean[-ago:, column]).mean())
            for column, name in enumerate(judged.places)
        }
        expected = hourly[cell_key] * ago * growth(judged, hourly, at, since)
        if len(persons) < LEAST_PERSONS or len(persons) <= expected:
            continue
        score = strength(len(persons), expected, same_kind=alike_counts[kind_of(cell_key)])
        if score >= LEAST_STRENGTH and not is_move(
            cell_key, judged, hourly, since, len(persons) - expected
        ):
            candidates.append(
                Candidate(
                    place=cell_key, since=since, persons=persons, expected=expected, score=score
                )
            )
    return candidates
