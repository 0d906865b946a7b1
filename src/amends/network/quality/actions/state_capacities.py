"""State what utilisation the cells of each area can bear."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from amends.network.quality.actions.read_counters import read_capacities
from amends.network.quality.queries.forecast import UTILISATION, capacities_file
from amends.record.catalogue.queries import areas


@dataclass(frozen=True, slots=True)
class CapacitiesStated:
    """Result of reading a file of capacities; each replaces the earlier ones as a whole.

    stated         areas whose capacity is known now
    unknown_areas  areas that the catalogue lacks: left out
    out_of_range   areas with a capacity outside of 0 to 1: left out
    other          rows of indicators other than the utilisation: left out
    """

    stated: int
    unknown_areas: list[str] = field(default_factory=list)
    out_of_range: list[str] = field(default_factory=list)
    other: int = 0


def state_capacities(file: Path) -> CapacitiesStated:
    """Store the capacities of a file (`area, kpi, capacity`) for the forecast of peaks.

    Raises BadInput.
    """
    rows = read_capacities(file)
    mine = rows.filter(pl.col("kpi").str.to_lowercase() == UTILISATION)
    area_codes = {area.code for area in areas()}
    unknown = sorted(set(mine["area"]) - area_codes)
    possible = (pl.col("capacity") > 0) & (pl.col("capacity") <= 1)
    absurd = mine.filter(~possible)["area"].sort().to_list()
    good = mine.filter(possible & pl.col("area").is_in(sorted(area_codes))).select(
        "area", "capacity"
    )
    path = capacities_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    good.write_parquet(fresh)
    fresh.replace(path)
    return CapacitiesStated(
        stated=good.height,
        unknown_areas=unknown,
        out_of_range=absurd,
        other=rows.height - mine.height,
    )
