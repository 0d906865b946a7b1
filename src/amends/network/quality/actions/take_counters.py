"""Take counters of cells: store them by day, find what is degraded in them, open its incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amends.network.quality.actions.end_incidents import end_lapsed
from amends.network.quality.actions.find_degraded import calendar, is_load
from amends.network.quality.actions.place_cells import CellRow, place_cells
from amends.network.quality.actions.read_counters import ColumnReading, CounterRows, read_counters
from amends.network.quality.actions.take_signs import StretchFound, take_stretches
from amends.network.quality.queries.counters import (
    breakdown_dir,
    counters_dir,
    read_stored,
    reported_until,
)
from amends.network.quality.rules.baseline import DIMENSIONS
from amends.network.quality.rules.degradation import Direction, degraded
from amends.network.quality.rules.indicators import indicators
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.platform.kit.packs import zone_of

HISTORY = timedelta(days=42)
"""So much of the past the search for degraded stretches looks at."""
_COLUMNS = ("at", "area", "cell", "kpi", "value")


@dataclass(frozen=True, slots=True)
class CountersTaken:
    """What became of a file of counters.

    rows             what became of its rows; days: of how many days counters were stored
    new_cells, moved cells first heard of, and cells that stand in another area now
    unknown_cells    cells of areas that the catalogue lacks: stored, and judged by nobody
    readings         where each indicator has a column: how each was read
    stretches        degraded stretches found that were not known
    opened, ended    numbers of incidents
    """

    rows: CounterRows
    days: int
    new_cells: int
    moved: int
    unknown_cells: list[str] = field(default_factory=list)
    readings: list[ColumnReading] = field(default_factory=list)
    stretches: int = 0
    opened: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)


def take_counters(file: Path, *, technology: str, by: Actor, now: datetime) -> CountersTaken:
    """Store the counters of a file and follow what they show.

    technology  access technology of these cells; "all" where they carry several

    The job `baselines of cells` writes their baselines afterwards.

    Raises BadInput.
    """
    indicators_by_kpi = indicators(timezone.localdate())
    zone = zone_of(settings.JURISDICTION)
    read = read_counters(file, indicators_by_kpi=indicators_by_kpi, zone=zone)
    days = store(read.frame.select(_COLUMNS))
    if read.breakdown is not None:
        store_breakdown(read.breakdown.drop("offset_min"))
    placed = _place(read.frame, technology)
    newest = read.frame["at"].max()
    assert newest is None or isinstance(newest, datetime)
    stored = read_stored(since=(newest or now) - HISTORY)
    detection = degraded(
        stored,
        bad_when=bad_directions(),
        zone=ZoneInfo(zone),
        is_working=calendar(""),
        loads=[kpi for kpi in stored["kpi"].unique().sort().to_list() if is_load(kpi)],
    )
    stretches = [
        StretchFound(
            cell=cell,
            area=area,
            kpi=kpi,
            from_at=start,
            to_at=end,
            found_at=max(found_at, start),
            score=round(score, 1),
        )
        for cell, area, kpi, start, end, found_at, score in detection.stretches.select(
            "cell", "area", "kpi", "from", "to", "found_at", "score"
        ).iter_rows()
    ]
    intake = take_stretches(stretches, technology=technology, by=by, now=now)
    ended = end_lapsed(now=now, reported_until=reported_until())
    return CountersTaken(
        rows=read.rows,
        days=days,
        new_cells=placed.new,
        moved=placed.moved,
        unknown_cells=sorted(placed.refused),
        readings=list(read.readings),
        stretches=intake.new,
        opened=intake.opened,
        ended=ended,
    )


def bad_directions() -> dict[str, Direction]:
    """Indicator → the direction in which users suffer, of those every installation knows."""
    directions: dict[str, Direction] = {}
    for code, indicator in indicators(timezone.localdate()).items():
        if indicator.worse == "high":
            directions[code] = "high"
        elif indicator.worse == "low":
            directions[code] = "low"
    return directions


def store(frame: pl.DataFrame) -> int:
    """Store counters in a file for each day (UTC); a later row of the same sample replaces it.

    Returns the number of days. A file is replaced as a whole, so that a reader sees the old or the
    new one.
    """
    return _store_days(frame, counters_dir(), ["cell", "kpi", "at"])


def store_breakdown(frame: pl.DataFrame) -> int:
    """Store the rows of counters that have a service, app, partner or device in the same way."""
    rows = frame.filter(pl.any_horizontal(pl.col(name) != "" for name in DIMENSIONS))
    return _store_days(rows, breakdown_dir(), ["area", "cell", "kpi", "at", *DIMENSIONS])


def _store_days(frame: pl.DataFrame, folder: Path, key: list[str]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    parts = frame.with_columns(day=pl.col("at").dt.date()).partition_by("day", as_dict=True)
    with transaction.atomic():
        advisory_lock("counters of cells", ["files"])
        for (day,), part in parts.items():
            path = folder / f"{day}.parquet"
            rows = part.drop("day")
            if path.exists():
                rows = pl.concat([pl.read_parquet(path), rows])
            rows = rows.unique(key, keep="last", maintain_order=True)
            fresh = path.with_suffix(".new")
            rows.sort("area", "cell", "kpi", "at").write_parquet(
                fresh, row_group_size=50_000, statistics=True
            )
            fresh.replace(path)
    return len(parts)


@dataclass(frozen=True, slots=True)
class _Placed:
    new: int
    moved: int
    refused: Mapping[str, str]


def _place(frame: pl.DataFrame, technology: str) -> _Placed:
    """Record where the cells are, each from the first sample in an area on."""
    first = frame.group_by("cell", "area").agg(pl.col("at").min()).sort("cell", "at")
    placement = place_cells(
        [
            CellRow(
                place=cell, code=cell, area=area, technology=technology, renamed_from="", since=at
            )
            for cell, area, at in first.iter_rows()
        ]
    )
    unknown = {cell: why for cell, why in placement.refused.items() if why.startswith("area")}
    return _Placed(placement.new, placement.moved, unknown)
