"""Scan posts and enquiries, each a series of its own: told beside the issues, never counted in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from django.core.cache import caches
from django.utils.translation import gettext

from amends.engines.detection.baseline.golden_weeks import days_of
from amends.engines.detection.calibration import AlarmCalibration
from amends.engines.detection.clusters import began, strength
from amends.engines.detection.cube import Cells, values_of, within
from amends.engines.detection.growth import growth, kind_of, number_alike
from amends.engines.detection.scan import Scan, scan
from amends.platform.kit.actors import system
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.models import BesideAlarm, Cell, HotIssue
from amends.problems.hotissues.queries import SHARES_OF_FALSE
from amends.problems.hotissues.queries.cube import LEAST_DAYS, counts
from amends.problems.hotissues.queries.other_sources import KINDS, REPORTED, other_source_rows

SHARE_OF_FALSE = SHARES_OF_FALSE["beside"]
"""Of the false issues the operator accepts, this part is spent here, half on each series."""
HISTORY = timedelta(days=366)
RECENT = 14
LEAST_PERSONS = 5
LEAST_STRENGTH = 3.0
CALIBRATED_FOR = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Loud:
    """How many alarms were raised in a series on the day; `days` of it are known."""

    kind: str
    days: int
    alarms: int


def scan_other_sources(*, now: datetime, brand: str = "") -> list[Loud]:
    """Judge the newest day of posts and of enquiries in each class, area and product."""
    update_cube()
    return [_scan(kind, now, brand) for kind in KINDS]


def _scan(kind: str, now: datetime, brand: str) -> Loud:
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    rows = other_source_rows(kind, today - HISTORY, today, brand=brand)
    rows = rows.filter(pl.col("received_at") <= now)
    first = rows["moment"].min()
    if not isinstance(first, datetime) or (today - first.date()).days < LEAST_DAYS:
        return Loud(kind, 0 if not isinstance(first, datetime) else (today - first.date()).days, 0)
    every = counts(rows, first.date(), today, max_dimensions=1)
    recent = every.persons[-RECENT:].sum(axis=0)
    kept_columns = [
        at for at, cell_key in enumerate(every.places) if recent[at] > 0 or not cell_key
    ]
    judged = Cells(
        places=[every.places[at] for at in kept_columns],
        starts=every.starts,
        persons=every.persons[:, kept_columns],
        complaints=every.complaints[:, kept_columns],
    )
    cell_scan = _judge(judged, kind, brand, today, len(every.places))
    raised = _raise(rows, judged, cell_scan, every, kind, brand, now)
    return Loud(kind, len(every.starts), raised)


def open_wave(*, started_at: datetime, brand: str, now: datetime) -> HotIssue | None:
    """Open a hot issue for a wave of reports; None where one is open.

    Its candidate causes are ranked at once: the reporters are compared with whom accesses to data
    without a case, campaigns and other exposures touched.
    """
    cell_key = f"code={REPORTED}"
    open_cells = Cell.objects.filter(place=cell_key, issue__state="open", issue__brand=brand)
    if open_cells.filter(issue__drill=False).exists():
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    begin = datetime.combine(started_at.date(), time.min, zone)
    issue = open_issue(
        [cell_key],
        started_at=min(begin, now),
        now=now,
        actor=system("hotissues"),
        title=gettext("Wave of reports of spam and fraud"),
        brand=brand,
    )
    find_causes([issue.id], now=now, repeat=True)
    return issue


def _judge(judged: Cells, kind: str, brand: str, today: date, every: int) -> Scan:
    accepted = settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE / len(KINDS)
    per_year = accepted * 365.25 / 7 / max(every, 1)
    key = f"hotissues:beside:{kind}:{brand}"
    cached: tuple[date, AlarmCalibration, float] | None = caches["process"].get(key)
    calibration = None
    if cached and abs(today - cached[0]) <= CALIBRATED_FOR and cached[2] <= 1.3 * per_year:
        calibration = cached[1]
    axis = [start.date() for start in judged.starts if isinstance(start, datetime)]
    cell_scan = scan(
        judged.persons,
        last=1,
        period="day",
        start=axis[0],
        special=days_of(axis),
        false_per_series_year=per_year,
        calibration=calibration,
    )
    if calibration is None:
        caches["process"].set(key, (today, cell_scan.calibration, per_year), None)
    return cell_scan


def _raise(
    rows: pl.DataFrame,
    judged: Cells,
    cell_scan: Scan,
    every: Cells,
    kind: str,
    brand: str,
    now: datetime,
) -> int:
    alike_counts = number_alike(every.places)
    means = {
        cell_key: float(mean)
        for cell_key, mean in zip(judged.places, cell_scan.mean[-1], strict=True)
        if np.isfinite(mean)
    }
    newest = judged.starts[-1]
    assert isinstance(newest, datetime)
    raised = 0
    for at in np.flatnonzero(cell_scan.alarms[-1]).tolist():
        cell_key, mean = judged.places[at], means.get(judged.places[at], 0.0)
        ago = began(judged.persons[:, at], mean, back=RECENT)
        since = len(judged.starts) - 1 - ago
        own = within(rows.filter(pl.col("moment") >= judged.starts[since]), cell_key)
        persons = own["who"].n_unique()
        expected = mean * (ago + 1) * growth(judged, means, at, since)
        score = strength(persons, expected, same_kind=alike_counts[kind_of(cell_key)])
        if persons < LEAST_PERSONS or score < LEAST_STRENGTH or values_of(cell_key).get("channel"):
            continue
        BesideAlarm.objects.update_or_create(
            kind=kind,
            brand=brand,
            place=cell_key,
            day=newest.date(),
            defaults={
                "since": (newest - timedelta(days=ago)).date(),
                "persons": persons,
                "expected": expected,
                "evidence": score,
                "raised_at": now,
            },
        )
        raised += 1
        if kind == "report" and values_of(cell_key).keys() <= {"code"}:
            open_wave(started_at=newest - timedelta(days=ago), brand=brand, now=now)
    return raised
