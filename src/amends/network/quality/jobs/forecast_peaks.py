"""Forecast the busiest hour of the next week in each area, from the stored counters."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from django.conf import settings

from amends.network.quality.actions.find_degraded import calendar
from amends.network.quality.queries.counters import newest_sample, read_stored
from amends.network.quality.queries.forecast import UTILISATION, forecast_file
from amends.network.quality.rules.peak_forecast import LEAST_DAYS, forecast_peaks
from amends.platform.kit.packs import zone_of

HISTORY = timedelta(days=400)


def forecast_stored(*, now: datetime) -> int:
    """Write the forecast that the page shows; for how many areas. 0 where too little is stored.

    The figure of an area is the mean utilisation of its cells, each day at its highest hour.
    """
    if newest_sample() is None:
        return 0
    zone = zone_of(settings.JURISDICTION)
    rows = read_stored(since=now - HISTORY).filter(pl.col("kpi") == UTILISATION)
    local = pl.col("at").dt.convert_time_zone(zone)
    daily = (
        rows.with_columns(day=local.dt.date(), hour=local.dt.hour())
        .group_by("area", "kpi", "day", "hour")
        .agg(pl.col("value").mean())
        .sort("value", "hour", descending=[True, False])
        .unique(["area", "kpi", "day"], keep="first", maintain_order=True)
    )
    long = daily.group_by("area").len().filter(pl.col("len") >= LEAST_DAYS)
    daily = daily.join(long, on="area", how="semi")
    if daily.is_empty():
        return 0
    forecasts = forecast_peaks(daily, is_working=calendar(""))
    path = forecast_file()
    fresh = path.with_suffix(".new")
    forecasts.write_parquet(fresh)
    fresh.replace(path)
    return forecasts.height
