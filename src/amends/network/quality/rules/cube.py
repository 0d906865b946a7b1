"""Medians of counters by area, cell, service, app and hour of the week."""

from __future__ import annotations

import polars as pl

CUBE = ("area", "cell", "service", "app", "kpi", "hour_of_week")
"""What a row of the cube is about; hours of the week count from Monday 0:00, 0 to 167."""
COLUMNS = ("at", "area", "cell", "service", "app", "kpi", "value")
"""What the cube is made of; others are not read."""
RESULT: dict[str, type[pl.DataType]] = {
    "area": pl.String,
    "cell": pl.String,
    "service": pl.String,
    "app": pl.String,
    "kpi": pl.String,
    "hour_of_week": pl.Int16,
    "samples": pl.UInt32,
    "median": pl.Float64,
    "mad": pl.Float64,
}


def cube(rows: pl.DataFrame, *, zone: str) -> pl.DataFrame:
    """`samples`, `median` and `mad` for each combination of CUBE.

    rows  COLUMNS
    zone  of the hours of the week

    `mad` is the median absolute deviation, not scaled. Partners and devices of a sample count
    together; rows of one cell must be in the same call.
    """
    local = pl.col("at").dt.convert_time_zone(zone)
    weekday = local.dt.weekday().cast(pl.Int16) - 1
    placed = rows.select(
        *(pl.col(name) for name in COLUMNS if name != "at"),
        hour_of_week=weekday * 24 + local.dt.hour().cast(pl.Int16),
    )
    median = pl.col("value").median()
    return (
        placed.group_by(CUBE)
        .agg(
            samples=pl.len(),
            median=median,
            mad=(pl.col("value") - median).abs().median(),
        )
        .sort(CUBE)
        .select(pl.col(name).cast(kind) for name, kind in RESULT.items())
    )
