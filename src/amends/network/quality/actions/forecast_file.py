"""The peaks of the next week by area, out of a file of counters."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings
from django.utils import timezone

from amends.network.quality.actions.find_degraded import calendar
from amends.network.quality.actions.read_counters import (
    SUMMED,
    CounterRows,
    Counters,
    read_capacities,
    read_counters,
)
from amends.network.quality.rules.indicators import indicators
from amends.network.quality.rules.peak_forecast import LEAST_DAYS, forecast_peaks
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import zone_of


@dataclass(frozen=True, slots=True)
class PeakForecast:
    """The peaks of the week after the last day of a file.

    forecasts   rows written: one an area and indicator
    passes      of them, those likelier than not to pass their capacity
    too_short   areas with fewer than fourteen days, left out
    no_counters  areas with a capacity and no counters, left out
    """

    areas: int
    samples: int
    forecasts: int
    passes: int
    too_short: int
    no_counters: int
    rows: CounterRows
    seconds: float = 0.0


def forecast_file(
    file: Path, capacities: Path, *, holidays: str = ""
) -> tuple[PeakForecast, pl.DataFrame]:
    """The forecast, and its rows: `area, kpi, peak_at, p10, p50, p90, passes`.

    Raises BadInput, UnableToFindCalendar, BadInput.
    """
    started = time.perf_counter()
    zone = zone_of(settings.JURISDICTION)
    counters = read_counters(
        file, indicators_by_kpi=indicators(timezone.localdate()), zone=zone, needs_cell=False
    )
    limits = read_capacities(capacities)
    daily = daily_peaks(counters).join(limits.select("area", "kpi"), on=["area", "kpi"], how="semi")
    lengths = daily.group_by("area", "kpi").agg(pl.col("day").n_unique().alias("days"))
    long = lengths.filter(pl.col("days") >= LEAST_DAYS)
    if long.is_empty():
        raise BadInput(
            _("No area with a capacity has counters of %(days)s days."),
            next_step=_("Name areas and indicators in both files alike, and send more days."),
            values={"days": LEAST_DAYS},
            code="unable_to_forecast",
        )
    daily = daily.join(long, on=["area", "kpi"], how="semi")
    forecasts = forecast_peaks(daily, is_working=calendar(holidays)).join(
        limits, on=["area", "kpi"]
    )
    offsets = counters.frame.sort("at")["offset_min"]
    minutes = int(offsets[-1]) if offsets.len() else 0
    local = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=pl.col("hour"))
    utc = (local - pl.duration(minutes=minutes)).dt.replace_time_zone("UTC")
    table = forecasts.with_columns(utc.alias("peak_at")).select(
        "area",
        "kpi",
        counters.as_written("peak_at").alias("peak_at"),
        *(pl.col(name).round(6) for name in ("p10", "p50", "p90")),
        (pl.col("p50") > pl.col("capacity")).cast(pl.Int8).alias("passes"),
    )
    return (
        PeakForecast(
            areas=table["area"].n_unique(),
            samples=counters.frame.height,
            forecasts=table.height,
            passes=int(table["passes"].sum()),
            too_short=lengths.height - long.height,
            no_counters=limits.height - lengths.height,
            rows=counters.rows,
            seconds=round(time.perf_counter() - started, 3),
        ),
        table,
    )


def daily_peaks(counters: Counters) -> pl.DataFrame:
    """`area, kpi, day, hour, value`: the highest of each local day; volumes of cells are added up,
    of other indicators the mean of the cells counts."""
    summed = pl.col("kpi").str.to_lowercase().str.contains(SUMMED)
    area = counters.frame.group_by("area", "kpi", "at").agg(
        pl.col("value").sum().alias("sum"),
        pl.col("value").mean().alias("mean"),
        pl.col("offset_min").first(),
    )
    local = pl.col("at").dt.replace_time_zone(None) + pl.duration(minutes=pl.col("offset_min"))
    rows = area.with_columns(
        pl.when(summed).then("sum").otherwise("mean").alias("value"), local.alias("local")
    ).with_columns(pl.col("local").dt.date().alias("day"), pl.col("local").dt.hour().alias("hour"))
    days = (
        rows.sort("value", "local", descending=[True, False])
        .group_by("area", "kpi", "day")
        .agg(pl.col("value").first(), pl.col("hour").first(), pl.len().alias("samples"))
    )
    # A day of which the evening is missing has no peak yet.
    usual = days.group_by("area", "kpi").agg(pl.col("samples").median().alias("usual"))
    days = days.join(usual, on=["area", "kpi"])
    return days.filter(pl.col("samples") >= 0.7 * pl.col("usual")).drop("samples", "usual")
