"""Scan what came: alarms of places, joined to issues; what is quiet again is closed.

Every place with at most two dimensions is held against its own past, day by day. The operator says
how many issues without a cause it will look at in a week (`AMENDS_FALSE_ISSUES_A_WEEK`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from numpy.typing import NDArray

from amends.engines.detection.baseline.golden_weeks import days_of
from amends.engines.detection.baseline.references import PERIODS_A_YEAR
from amends.engines.detection.calibration import AlarmCalibration
from amends.engines.detection.clusters import Candidate, began, clusters, strength
from amends.engines.detection.cube import Cells, values_of, within
from amends.engines.detection.growth import growth, is_move, kind_of, number_alike
from amends.engines.detection.renamed_series import MISSING
from amends.engines.detection.scan import Scan, scan
from amends.engines.detection.silence import silent
from amends.platform.kit.actors import Actor, system
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes, outgrown
from amends.problems.hotissues.actions.merge import merge_by_cause
from amends.problems.hotissues.actions.open_issue import one_at_a_time
from amends.problems.hotissues.actions.recompute_expectation import look_back
from amends.problems.hotissues.actions.record_data_quality import note_doubts
from amends.problems.hotissues.actions.update_issues import close_quiet, follow, grow
from amends.problems.hotissues.models import CubeMark
from amends.problems.hotissues.queries import SHARES_OF_FALSE, keep_false
from amends.problems.hotissues.queries.cube import LEAST_DAYS, all_between, counted, counts
from amends.problems.hotissues.queries.exposures import KnownExposures

HISTORY = timedelta(days=3 * 366)
LEAST_PERSONS = 5
RECENT = 14
MOST_AT_ONCE = 7
LEAST_STRENGTH = 3.0
CALIBRATED_FOR = timedelta(days=21)
CALIBRATED_ON = 28
SHARE_OF_FALSE = SHARES_OF_FALSE["days"]
SCAN = system("scan")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan found.

    places        places that were judged; `days` of complaints there are
    false_a_week  issues without a cause to be expected in a week
    issues        references of the issues that had an alarm
    moves         places whose rise was only a move from their siblings → persons it was of
    """

    places: int
    days: int
    false_a_week: float
    issues: list[str] = field(default_factory=list)
    moves: dict[str, int] = field(default_factory=dict)


def scan_desk(
    *,
    now: datetime,
    brand: str = "",
    actor: Actor = SCAN,
    known_exposures: KnownExposures | None = None,
) -> Scanned:
    """Take in what came and judge the days since the last scan, today as far as it has come.

    known  what may have caused issues, where other scans of this moment ask too
    """
    update_cube()
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    received = all_between(today - HISTORY, today, brand=brand).filter(pl.col("received_at") <= now)
    rows = counted(received)
    first = rows["moment"].min()
    if not isinstance(first, datetime) or (today - first.date()).days < LEAST_DAYS:
        return Scanned(0, 0 if not isinstance(first, datetime) else (today - first.date()).days, 0)
    cells = counts(rows, first.date(), today, min_count=1)
    missed = missed_days(cells)
    kept_columns = worth_judging(cells)
    judged = Cells(
        places=[cells.places[at] for at in kept_columns],
        starts=cells.starts,
        persons=cells.persons[:, kept_columns],
        complaints=cells.complaints[:, kept_columns],
    )
    cell_scan, false_a_week = judge(judged, cells, brand, today, missed)
    candidates, moves = candidates_of(rows, judged, cell_scan, cells)
    means, found_together = _means(judged, cell_scan), clusters(candidates)
    with transaction.atomic():
        one_at_a_time()
        look_back(cells, brand=brand, today=today)
        grow(rows, brand=brand, now=now, actor=actor, means=means)
        followed_refs = [
            follow(
                cluster,
                rows,
                days=judged.starts,
                brand=brand,
                now=now,
                actor=actor,
                false_a_week=false_a_week,
                elsewhere=[
                    other_cluster[0]
                    for other_cluster in found_together
                    if other_cluster is not cluster
                ],
            )
            for cluster in found_together
        ]
        grow(
            rows,
            brand=brand,
            now=now,
            actor=actor,
            means=means,
            only=[ref for ref in followed_refs if ref],
        )
        close_quiet(brand=brand, now=now, actor=actor)
        _mark(brand, today)
        note_doubts(
            received,
            rows,
            now=now,
            brand=brand,
            moves=moves,
            missed=[first.date() + timedelta(days=int(at)) for at in np.flatnonzero(missed)],
        )
        keep_false("days", brand, false_a_week)
    followed_refs = [ref for ref in followed_refs if ref]
    ranked = find_causes(
        [*followed_refs, *outgrown(brand=brand)], now=now, known_exposures=known_exposures
    )
    with transaction.atomic():
        one_at_a_time()
        goes_on = {
            ref: merge_by_cause(ref, actor=actor, now=now)
            for ref in dict.fromkeys([*followed_refs, *ranked])
        }
    followed_refs = [goes_on[ref] for ref in followed_refs]
    return Scanned(
        places=len(kept_columns),
        days=len(cells.starts),
        false_a_week=false_a_week,
        issues=list(dict.fromkeys(followed_refs)),
        moves=moves,
    )


def worth_judging(cells: Cells) -> list[int]:
    """Places that could be an issue now: with as many persons as one needs, in the last days."""
    recent = cells.persons[-RECENT:].sum(axis=0)
    return [
        at
        for at, cell_key in enumerate(cells.places)
        if recent[at] >= LEAST_PERSONS
        or (len(values_of(cell_key)) == 1 and recent[at] > 0)
        or not cell_key
    ]


def missed_days(cells: Cells) -> NDArray[np.bool_]:
    """Days without a complaint where there always are: nothing was received; today is not over."""
    silent_days = silent(cells.persons[:, cells.places.index("")], "day")
    silent_days[-1] = False
    return silent_days


def judge(
    judged: Cells, every: Cells, brand: str, today: date, missed: NDArray[np.bool_]
) -> tuple[Scan, float]:
    """The scan of the newest days, at the threshold of the operator's setting; what came on days
    that were `missed` is unknown."""
    accepted = settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE
    per_year = accepted * 365.25 / 7 / max(len(every.places), 1)
    axis = [start.date() for start in judged.starts if isinstance(start, datetime)]
    key = f"hotissues:calibration:{brand}"
    cached: tuple[date, AlarmCalibration, float] | None = caches["process"].get(key)
    calibration = None
    if cached and today - CALIBRATED_FOR <= cached[0] <= today and cached[2] <= 1.3 * per_year:
        calibration = cached[1]
    last = _days_to_judge(brand, today, len(axis))
    cell_scan = scan(
        np.where(missed[:, None], np.int32(MISSING), judged.persons),
        # Drawn over more days at once, a threshold costs half.
        last=last if calibration else max(last, min(CALIBRATED_ON, len(axis) - LEAST_DAYS)),
        period="day",
        start=axis[0],
        special=days_of(axis),
        false_per_series_year=per_year,
        calibration=calibration,
    )
    if calibration is None:
        caches["process"].set(key, (today, cell_scan.calibration, per_year), None)
        cell_scan = replace(
            cell_scan,
            alarms=cell_scan.alarms[-last:],
            evidence=cell_scan.evidence[-last:],
            mean=cell_scan.mean[-last:],
        )
    return cell_scan, cell_scan.calibration.expected * len(every.places) * 7 / PERIODS_A_YEAR["day"]


def _days_to_judge(brand: str, today: date, counted_days: int) -> int:
    """The days since the last scan, and the one before, which was not over then."""
    mark = CubeMark.objects.filter(stream=f"scan:{brand}"[:16]).first()
    since = (today - date.fromisoformat(mark.seen)).days + 1 if mark else MOST_AT_ONCE
    return max(2, min(since, MOST_AT_ONCE, counted_days - LEAST_DAYS + 2))


def _mark(brand: str, today: date) -> None:
    CubeMark.objects.update_or_create(
        stream=f"scan:{brand}"[:16], defaults={"seen": today.isoformat()}
    )


def _means(judged: Cells, cell_scan: Scan) -> dict[str, float]:
    """Persons a day to be expected in each place, as the newest day has it."""
    return {
        cell_key: float(mean)
        for cell_key, mean in zip(judged.places, cell_scan.mean[-1], strict=True)
        if np.isfinite(mean)
    }


def candidates_of(
    rows: pl.DataFrame, judged: Cells, cell_scan: Scan, every: Cells
) -> tuple[list[Candidate], dict[str, int]]:
    """The places in alarm, each with since when and who; and those that were only moves."""
    alike_counts = number_alike(every.places)
    means = _means(judged, cell_scan)
    candidates: list[Candidate] = []
    moves: dict[str, int] = {}
    # No rise began earlier: each place is sought among what came lately, not in half a year.
    lately = rows.filter(pl.col("moment") >= judged.starts[-min(RECENT, len(judged.starts))])
    for at in np.flatnonzero(cell_scan.alarms.any(axis=0)).tolist():
        cell_key, mean = judged.places[at], means.get(judged.places[at], 0.0)
        ago = began(judged.persons[:, at], mean, back=RECENT)
        since = len(judged.starts) - 1 - ago
        own = within(lately, cell_key).filter(pl.col("moment") >= judged.starts[since])
        persons = frozenset(own["who"].cast(pl.String))
        expected = mean * (ago + 1) * growth(judged, means, at, since)
        if len(persons) < LEAST_PERSONS or len(persons) <= expected:
            continue
        if is_move(cell_key, judged, means, since, len(persons) - expected):
            moves[cell_key] = round(len(persons) - expected)
            continue
        score = strength(len(persons), expected, same_kind=alike_counts[kind_of(cell_key)])
        if score < LEAST_STRENGTH:
            continue
        candidates.append(
            Candidate(place=cell_key, since=since, persons=persons, expected=expected, score=score)
        )
    return candidates, moves
