"""Which cells of a file of counters are degraded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from django.conf import settings
from django.utils import timezone

from amends.network.quality.actions.read_counters import (
    ColumnReading,
    CounterRows,
    Counters,
    read_counters,
)
from amends.network.quality.rules.degradation import Direction, degraded
from amends.network.quality.rules.indicators import indicators
from amends.network.quality.rules.panel import TooManyValues
from amends.network.quality.rules.thresholds import ENOUGH_CELLS
from amends.platform.kit.calendars import working_days
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import zone_of


@dataclass(frozen=True, slots=True)
class DegradedCells:
    """What was found in a file of counters.

    cells       cells in the file
    samples     usable samples
    degraded    rows written: one a stretch and indicator
    stretches   stretches of cells, whatever the indicators
    expected_false_per_1000_cells_week  stretches that chance alone brings
    rows        what became of the rows of the file
    not_judged  indicators whose bad direction is unknown
    readings    where each indicator has a column: how each was read
    too_few_cells  fewer than twenty: a fault of one cell is hard to separate from changes common to
                all; the evidence needed is higher, and false stretches are likelier
    """

    cells: int
    samples: int
    degraded: int
    stretches: int
    expected_false_per_1000_cells_week: float
    rows: CounterRows
    not_judged: list[str] = field(default_factory=list)
    readings: list[ColumnReading] = field(default_factory=list)
    too_few_cells: bool = False
    seconds: float = 0.0


def find_degraded(
    file: Path, *, bad_when: Mapping[str, Direction], holidays: str = ""
) -> tuple[DegradedCells, pl.DataFrame]:
    """What was found, and a row a stretch and indicator: `cell, kpi, from, to, found_at, score,
    area`, with times as the file writes them.

    bad_when  indicator → "high" or "low", beyond those that every installation knows
    holidays  jurisdiction whose days off are known; left out, that of this installation

    Raises BadInput, UnableToFindCalendar, BadInput.
    """
    started = time.perf_counter()
    indicators_by_kpi = indicators(timezone.localdate())
    counters = read_counters(
        file, indicators_by_kpi=indicators_by_kpi, zone=zone_of(settings.JURISDICTION)
    )
    kpis = counters.frame["kpi"].unique().sort().to_list()
    guessed: dict[str, Direction] = {
        reading.indicator: "high" if reading.worse == "high" else "low"
        for reading in counters.readings
        if reading.worse
    }
    wanted = {**guessed, **_directions(kpis), **bad_when}
    try:
        detection = degraded(
            counters.frame,
            bad_when=wanted,
            is_working=calendar(holidays),
            loads=[kpi for kpi in kpis if is_load(kpi)],
        )
    except TooManyValues as error:
        raise BadInput(
            _("%(file)s contains more samples than fit into memory."),
            next_step=_("Send fewer cells or weeks at a time."),
            values={"file": file.name},
            code="unable_to_find_degraded",
        ) from error
    table = as_written(detection.stretches, counters)
    return (
        DegradedCells(
            cells=counters.frame["cell"].n_unique(),
            samples=counters.frame.height,
            degraded=table.height,
            stretches=detection.stretches.select("cell", "from").n_unique(),
            expected_false_per_1000_cells_week=detection.expected_false_per_1000_cells_week,
            rows=counters.rows,
            not_judged=[kpi for kpi in kpis if kpi not in wanted and not is_load(kpi)],
            readings=list(counters.readings),
            too_few_cells=counters.frame["cell"].n_unique() < ENOUGH_CELLS,
            seconds=round(time.perf_counter() - started, 3),
        ),
        table,
    )


def calendar(holidays: str) -> Callable[[date], bool]:
    """Whether a day is a working day of a jurisdiction such as `cn` or `eu-DE`."""
    return working_days(holidays or settings.JURISDICTION).is_working


def as_written(stretches: pl.DataFrame, counters: Counters) -> pl.DataFrame:
    """The columns of the file that is written, times as those of the counters."""
    return stretches.select(
        "cell",
        "kpi",
        *(counters.as_written(name).alias(name) for name in ("from", "to", "found_at")),
        "score",
        "area",
    )


def _directions(kpis: list[str]) -> dict[str, Direction]:
    indicators_by_kpi = indicators(timezone.localdate())
    directions: dict[str, Direction] = {}
    for kpi in kpis:
        if (indicator := indicators_by_kpi.get(kpi.lower())) is not None and indicator.worse:
            directions[kpi] = "high" if indicator.worse == "high" else "low"
    return directions


def is_load(kpi: str) -> bool:
    """Whether an indicator is bad in neither direction, such as traffic: what it usually does to
    the others of its cell is expected."""
    indicator = indicators(timezone.localdate()).get(kpi.lower())
    return indicator is not None and not indicator.worse
