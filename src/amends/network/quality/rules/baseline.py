"""The usual value of each cell and indicator at each hour of the week, and what is worse."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

WINDOW = timedelta(days=7)
BASELINE = timedelta(days=28)
LIMIT = 3.0
"""Samples are worse from so many MAD above the median on."""
HOURS = 168
_WEEKS = BASELINE // timedelta(days=7)
_WEEK_S = 604_800
_MAD = 1.4826
_LEAST_SHARE = 0.02
SERIES = ("area", "cell", "kpi")
DIMENSIONS = ("service", "app", "partner", "device")
"""What a sample may be about, beyond its cell."""


@dataclass(frozen=True, slots=True)
class CellsJudged:
    """Counters against their baseline.

    usual  a row a series: `area, cell, kpi, median, scale`, the last two lists of the hours of the
           week from Monday 0:00 on; `scale` is the MAD as a standard deviation
    worse  the samples worse than the limit: `at, area, cell, kpi, hour, off` (in MAD)
    """

    usual: pl.DataFrame
    worse: pl.DataFrame


def judge(
    rows: pl.DataFrame, *, since: datetime, zone: str, bad_when: Mapping[str, str]
) -> CellsJudged:
    """Samples from `since` on against the four weeks before it.

    rows      `at, area, cell, kpi, value`
    zone      of the hours of the week
    bad_when  indicator → "high" or "low"; others are left out

    A series is not held to be steadier than its median hour, nor than two per cent of its value.
    """
    local = pl.col("at").dt.convert_time_zone(zone)
    low = [name for name, worse in bad_when.items() if worse == "low"]
    rows = rows.filter(pl.col("kpi").is_in(list(bad_when)) & (pl.col("at") >= since - BASELINE))
    before = rows.filter(pl.col("at") < since)
    series = before.select(SERIES).unique(maintain_order=True).sort(SERIES).with_row_index("series")
    slot = (local.dt.weekday().cast(pl.Int32) - 1) * 24 + local.dt.hour()
    placed = rows.join(series, on=list(SERIES)).with_columns(
        slot=slot, sign=pl.when(pl.col("kpi").is_in(low)).then(-1.0).otherwise(1.0)
    )
    week = (pl.lit(since) - pl.col("at")).dt.total_microseconds() - 1
    past = placed.filter(pl.col("at") < since).select(
        "series", "slot", "value", week=week // (_WEEK_S * 1_000_000)
    )
    median, scale = _usual(past, series.height)
    now = placed.filter(pl.col("at") >= since)
    series_slot = (now["series"].to_numpy(), now["slot"].to_numpy())
    off = (
        now["sign"].to_numpy()
        * (now["value"].to_numpy() - median[series_slot])
        / scale[series_slot]
    )
    worse = now.with_columns(hour=local.dt.hour().cast(pl.Int32), off=pl.Series(off)).filter(
        pl.col("off").is_not_nan() & (pl.col("off") > LIMIT)
    )
    hours = pl.List(pl.Float32)
    return CellsJudged(
        series.select(SERIES).with_columns(
            pl.Series("median", median, dtype=pl.Array(pl.Float32, HOURS)).cast(hours),
            pl.Series("scale", scale, dtype=pl.Array(pl.Float32, HOURS)).cast(hours),
        ),
        worse.select("at", *SERIES, "hour", "off"),
    )


def judge_breakdown(
    rows: pl.DataFrame,
    *,
    since: datetime,
    zone: str,
    bad_when: Mapping[str, str],
) -> pl.DataFrame:
    """The same for each value of each dimension, such as an app, over the cells of its area.

    rows  `at, area, kpi, value, users` and DIMENSIONS; rows without a value of a dimension are
          left out of it

    The worse samples: `dimension, name, at, area, kpi, hour, off`.
    """
    frames = []
    weight = pl.col("users").fill_null(1.0).clip(1.0)
    for dimension in DIMENSIONS:
        means = (
            rows.filter(pl.col(dimension) != "")
            .group_by("at", "area", "kpi", cell=pl.col(dimension))
            .agg(value=(pl.col("value") * weight).sum() / weight.sum())
        )
        worse = judge(means, since=since, zone=zone, bad_when=bad_when).worse
        frames.append(worse.rename({"cell": "name"}).with_columns(dimension=pl.lit(dimension)))
    return pl.concat(frames).select("dimension", "name", "at", "area", "kpi", "hour", "off")


def _usual(past: pl.DataFrame, series: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Median and scale (series × hours of the week); NaN where no week has a sample."""
    shape = (series, _WEEKS, HOURS)
    flat = np.ravel_multi_index(
        (
            past["series"].to_numpy(),
            np.clip(past["week"].to_numpy(), 0, _WEEKS - 1),
            past["slot"].to_numpy(),
        ),
        shape,
    )
    size = int(np.prod(shape))
    counts = np.bincount(flat, minlength=size)
    sums = np.bincount(flat, weights=past["value"].to_numpy(), minlength=size)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        # Hours of the week without a sample have no baseline.
        warnings.simplefilter("ignore", RuntimeWarning)
        values = (sums / counts).astype(np.float32).reshape(shape)
        median = np.nanmedian(values, axis=1)
        mad = _MAD * np.nanmedian(np.abs(values - median[:, None, :]), axis=1)
        floor = np.nanmedian(mad, axis=1)
    scale = np.fmax(np.fmax(mad, floor[:, None]), np.fmax(np.abs(median) * _LEAST_SHARE, 1e-9))
    return median.astype(np.float32), scale.astype(np.float32)
