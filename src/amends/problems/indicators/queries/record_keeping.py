"""Fields that the Australian regulator has operators store each quarter, of our own complaints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from amends.channels.queries.capabilities import electronic
from amends.engines.stats.rates import PopulationRate, mean, population_rate
from amends.problems.indicators.queries.columns import exposure, in_classes_of
from amends.problems.indicators.rules.measures import (
    UnitFigures,
    days_taken,
    days_to_solve,
    measures,
)

PER = 10_000


TOP = 3


TYPES = "acma"
"""The version of classes whose types the rules ask for."""


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of service, "" for all: the fields of the rules.

    days_80  days within which 80% were resolved, None while fewer are
    top      (type, complaints), the most frequent three
    """

    kind: str
    services: float
    complaints: int
    rate: PopulationRate | None
    mean_days: float | None
    days_80: int | None
    top: tuple[tuple[str, int], ...]


def records(
    frame: pl.DataFrame, *, start: date, end: date, zone: str, brand: str = ""
) -> list[Record]:
    """The fields for each kind of service, and for all together as the last."""
    frame = in_classes_of(TYPES, frame)
    where: dict[str, Any] = {"start": start, "end": end, "zone": zone, "brand": brand}
    running = exposure("kind", **where)
    running[""] = exposure("services", **where).get("", 0.0)
    measures_by_kind = {
        measure.unit: measure for measure in measures(frame, "kind", electronic=electronic())
    }
    days_by_kind = days_taken(frame, "kind")
    kinds = sorted((measures_by_kind.keys() | running.keys()) - {""})
    rows = [
        _record(
            kind,
            measures_by_kind.get(kind, UnitFigures(kind)),
            days_by_kind.get(kind, {}),
            running,
            frame,
        )
        for kind in kinds
    ]
    (total,) = measures(frame, electronic=electronic()) or [UnitFigures("")]
    everything = days_taken(frame).get("", {})
    return [*rows, _record("", total, everything, running, frame)]


def _record(
    kind: str,
    unit_figures: UnitFigures,
    complaints_by_day: dict[int, int],
    running: dict[str, float],
    frame: pl.DataFrame,
) -> Record:
    mine = frame.filter(pl.col("kind") == kind) if kind else frame
    top = Counter(type_name for type_name in mine[TYPES].to_list() if type_name)
    services = running.get(kind, 0.0)
    days = mean(unit_figures.days, unit_figures.days2, unit_figures.resolved)
    return Record(
        kind=kind,
        services=services,
        complaints=unit_figures.complaints,
        rate=population_rate(unit_figures.complaints, services, per=PER) if services > 0 else None,
        mean_days=days.mean if days else None,
        days_80=days_to_solve(complaints_by_day, unit_figures.complaints)
        if unit_figures.complaints
        else None,
        top=tuple(
            sorted(top.items(), key=lambda type_count: (-type_count[1], type_count[0]))[:TOP]
        ),
    )
