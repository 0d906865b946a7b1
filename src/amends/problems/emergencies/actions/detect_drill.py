"""Whether the detector would find a drill, its complaints added to the real ones in memory.

The invented complaints are added to the last whole days, where it is hardest to see them: in the
class of their kind, the area, channel and product that have most. Nothing of it is stored, and no
count of the desk changes.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from numpy.typing import NDArray

from amends.engines.classification.taxonomy import taxonomy
from amends.engines.detection.baseline.golden_weeks import days_of
from amends.engines.detection.clusters import Candidate, strength
from amends.engines.detection.cube import DIMENSIONS, Cells, with_levels, within
from amends.engines.detection.growth import kind_of, number_alike
from amends.engines.detection.renamed_series import MISSING
from amends.engines.detection.scan import Scan, scan
from amends.problems.emergencies.rules.drills import Invented, arriving
from amends.problems.hotissues.actions.scan_desk import (
    HISTORY,
    LEAST_PERSONS,
    LEAST_STRENGTH,
    candidates_of,
    judge,
    missed_days,
    worth_judging,
)
from amends.problems.hotissues.queries.cube import LEAST_DAYS, all_between, counted, counts, trees

DAYS = 3
"""Over so many whole days the invented complaints come, more on each."""
RECENT = timedelta(days=28)
_CLASSES = {"outage": "network.outage", "emergency_number": "network.outage"}


@dataclass(frozen=True, slots=True)
class Detection:
    """What the detector says of a drill.

    why        "" where it is found; else `few_days`, `few_persons`, `below` (the threshold),
               `already` (hot without the drill), `explained` (by chance or as a move)
    day        when it is found, or when the evidence was strongest; `place` there
    persons    invented ones who had complained by the end of the day, or at all
    evidence   log likelihood ratio; over `threshold` it is an alarm
    ended      the end of the hour instead, where the scan by the hour was asked; local, no zone
    least      persons an issue has at least; `days` of complaints that must lie before
    """

    why: str
    persons: int
    day: date | None = None
    place: str = ""
    evidence: float = 0.0
    threshold: float = 0.0
    ended: datetime | None = None
    least: int = LEAST_PERSONS
    days: int = LEAST_DAYS

    def as_details(self) -> dict[str, object]:
        """For the history of the issue."""
        return asdict(self) | {
            "day": self.day.isoformat() if self.day else "",
            "ended": self.ended.isoformat() if self.ended else "",
        }


def detect_drill(people: list[Invented], kind: str, *, brand: str, now: datetime) -> Detection:
    """When the scan of the days finds so many complaints of a kind, or why it does not."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    last = today - timedelta(days=1)
    real = counted(all_between(last - HISTORY, last, brand=brand))
    first = real["moment"].min()
    if not isinstance(first, datetime) or (last - first.date()).days < LEAST_DAYS + DAYS:
        return Detection("few_days", len(people))
    if len(people) < LEAST_PERSONS:
        return Detection("few_persons", len(people))
    begun = datetime(last.year, last.month, last.day, tzinfo=zone) - timedelta(days=DAYS - 1)
    moments = [
        (begun + timedelta(days=day, hours=12)).astimezone(UTC)
        for day in arriving(len(people), DAYS)
    ]
    rows = with_invented(real, people, hardest(real, kind, begun), moments)
    cells = counts(real, first.date(), last, min_count=1)
    missed = missed_days(cells)
    # The threshold is that of the real counts: the drill must not teach the detector itself.
    usual, _ = judge(_worth_judging(cells), cells, brand, today, missed)
    threshold = usual.calibration.threshold
    if not isfinite(threshold):
        return Detection("few_days", len(people))
    every = counts(rows, first.date(), last, min_count=1)
    judged = _worth_judging(every)
    axis = [start.date() for start in judged.starts if isinstance(start, datetime)]
    day_scan = scan(
        np.where(missed[:, None], np.int32(MISSING), judged.persons),
        last=DAYS,
        period="day",
        start=axis[0],
        special=days_of(axis),
        calibration=usual.calibration,
    )
    drilled = rows.filter(pl.col("id").is_in([person.complaint for person in people]))
    inside = np.array([within(drilled, cell_key).height > 0 for cell_key in judged.places])
    return _first_day(rows, drilled, judged, every, day_scan, inside)


def _first_day(
    rows: pl.DataFrame,
    drilled: pl.DataFrame,
    judged: Cells,
    every: Cells,
    day_scan: Scan,
    inside: NDArray[np.bool_],
) -> Detection:
    """Each day as its scan saw it, until one finds the drill; else why none did."""
    alike_counts = number_alike(every.places)
    ours = frozenset(drilled["who"].cast(pl.String))
    hot: Detection | None = None
    for row in range(DAYS):
        ended = len(judged.starts) - DAYS + 1 + row
        start = judged.starts[ended - 1]
        assert isinstance(start, datetime)
        upto = pl.col("moment") < start + timedelta(days=1)
        so_far = Cells(
            places=judged.places,
            starts=judged.starts[:ended],
            persons=judged.persons[:ended],
            complaints=judged.complaints[:ended],
        )
        seen = replace(
            day_scan,
            alarms=day_scan.alarms[row : row + 1] & inside,
            evidence=day_scan.evidence[row : row + 1],
            mean=day_scan.mean[row : row + 1],
        )
        candidates, _ = candidates_of(rows.filter(upto), so_far, seen, every)
        by_it = [
            candidate for candidate in candidates if not hot_without(candidate, ours, alike_counts)
        ]
        detection = Detection("", drilled.filter(upto).height, start.date())
        if by_it:
            best = max(by_it, key=lambda hot_candidate: hot_candidate.score)
            return _at(detection, judged.places.index(best.place), row, judged, day_scan)
        if candidates and hot is None:
            best = max(candidates, key=lambda candidate: candidate.score)
            at = judged.places.index(best.place)
            hot = replace(_at(detection, at, row, judged, day_scan), why="already")
    if hot is not None:
        return hot
    strongest = np.where(inside, day_scan.evidence, -np.inf)
    row, at = divmod(int(strongest.argmax()), strongest.shape[1])
    start = judged.starts[len(judged.starts) - DAYS + row]
    assert isinstance(start, datetime)
    why = "explained" if day_scan.alarms[row, at] else "below"
    return _at(Detection(why, drilled.height, start.date()), at, row, judged, day_scan)


def _at(detection: Detection, at: int, row: int, judged: Cells, day_scan: Scan) -> Detection:
    return replace(
        detection,
        place=judged.places[at],
        evidence=round(float(day_scan.evidence[row, at]), 2),
        threshold=round(day_scan.calibration.threshold, 2),
    )


def hot_without(
    candidate: Candidate,
    ours: AbstractSet[str],
    alike_counts: dict[tuple[str, ...], int],
    *,
    min_persons: int = LEAST_PERSONS,
    strong: float = LEAST_STRENGTH,
) -> bool:
    """Whether a place would be an issue without the invented persons."""
    real = len(candidate.persons - ours)
    score = strength(real, candidate.expected, same_kind=alike_counts[kind_of(candidate.place)])
    return real >= min_persons and score >= strong


def _worth_judging(cells: Cells) -> Cells:
    kept_columns = worth_judging(cells)
    return Cells(
        places=[cells.places[at] for at in kept_columns],
        starts=cells.starts,
        persons=cells.persons[:, kept_columns],
        complaints=cells.complaints[:, kept_columns],
    )


def hardest(rows: pl.DataFrame, kind: str, begun: datetime) -> dict[str, str]:
    """Dimension → the value most of the last weeks' complaints of this kind have."""
    recent = rows.filter(pl.col("received_at") >= begun.astimezone(UTC) - RECENT)
    wanted = _CLASSES.get(kind, kind)
    of_kind = recent.filter(
        (pl.col("code") == wanted) | pl.col("code").str.starts_with(f"{wanted}.")
    )
    commonest = {
        name: _commonest(of_kind if of_kind.height else recent, name) for name in DIMENSIONS
    }
    if not of_kind.height:
        codes = sorted(taxonomy().codes)
        commonest["code"] = next((code for code in codes if code.startswith(wanted)), wanted)
    return commonest


def _commonest(rows: pl.DataFrame, name: str) -> str:
    ranked = rows.group_by(name).len().sort("len", name, descending=[True, False])
    return str(ranked[name][0] or "") if ranked.height else ""


def with_invented(
    real: pl.DataFrame, people: list[Invented], values: dict[str, str], moments: list[datetime]
) -> pl.DataFrame:
    """The real rows and the invented ones at their moments, with the levels of both."""
    shared_columns = [
        name for name in real.columns if "." not in name and name not in ("moment", "who")
    ]
    constant = {"kind": "complaint", "brand": "", "text_print": 0, "history": False, **values}
    invented = pl.DataFrame(
        {
            "id": [person.complaint for person in people],
            "person": [person.person for person in people],
            "received_at": moments,
            **{name: [value] * len(people) for name, value in constant.items()},
        },
        schema_overrides={name: real.schema[name] for name in shared_columns},
    )
    both = pl.concat([real.select(shared_columns), invented.select(shared_columns)])
    return with_levels(both, trees(), zone=settings.TIME_ZONE)
