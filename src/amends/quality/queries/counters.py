"""The stored counters of cells, and why an area is red."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from amends.quality.models import NetworkChange

if TYPE_CHECKING:
    import polars as pl

WINDOW = timedelta(days=7)
BASELINE = timedelta(days=28)
CHANGES_BEFORE = timedelta(hours=72)
_DAY = timedelta(days=1)
_MAD = 1.4826
_LEAST_SHARE = 0.02
"""A baseline is not held to be steadier than so much of its value."""


@dataclass(frozen=True, slots=True)
class Contributor:
    """A cell, an indicator or an hour of the day: its part of all deviation of the area.

    worst  largest deviation in MAD of the hour of the week
    hours  samples worse than three MAD, as hours
    """

    name: str
    share: float
    worst: float
    hours: float


@dataclass(frozen=True, slots=True)
class WhySample:
    """One sample of a cell beside its baseline, `low` and `high` three MAD around the median."""

    at: datetime
    value: float
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NearbyChange:
    """What was changed there shortly before or meanwhile."""

    at: datetime
    kind: str
    cell: str
    what: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why an area is red: who contributes, the samples of one cell, what was changed there.

    cell, kpi  whose samples are shown: the worst, unless another was asked for
    """

    since: datetime
    until: datetime
    cells: list[Contributor]
    kpis: list[Contributor]
    hours: list[Contributor]
    cell: str
    kpi: str
    samples: list[WhySample]
    changes: list[NearbyChange]


def counters_dir() -> Path:
    """Where counters are stored, a Parquet file for each day."""
    return Path(settings.DATA_DIR) / "counters"


def read_stored(*, since: datetime, areas: Collection[str] = ()) -> pl.DataFrame:
    """The stored counters from `since` on, of all areas or of some."""
    import polars as pl

    files = _files(since)
    if not files:
        moment = pl.Datetime("us", "UTC")
        schema: dict[str, Any] = {
            "at": moment,
            "area": pl.String,
            "cell": pl.String,
            "kpi": pl.String,
        }
        return pl.DataFrame(schema=schema | {"value": pl.Float64})
    rows = pl.scan_parquet(files).filter(pl.col("at") >= since)
    if areas:
        rows = rows.filter(pl.col("area").is_in(sorted(areas)))
    return rows.collect()


def _files(since: datetime) -> list[Path]:
    first = f"{since - _DAY:%Y-%m-%d}.parquet"
    return sorted(one for one in counters_dir().glob("*.parquet") if one.name >= first)


def newest_sample() -> datetime | None:
    """When the newest stored sample began; None before any."""
    import polars as pl

    files = sorted(counters_dir().glob("*.parquet"))
    if not files:
        return None
    newest = pl.scan_parquet(files[-1]).select(pl.col("at").max()).collect().item()
    assert newest is None or isinstance(newest, datetime)
    return newest


def reported_until() -> dict[str, datetime]:
    """Cell → the end of its newest stored sample, of the newest days."""
    import polars as pl

    files = sorted(counters_dir().glob("*.parquet"))[-2:]
    if not files:
        return {}
    rows = pl.scan_parquet(files).group_by("cell").agg(pl.col("at").max()).collect()
    return {cell: at + timedelta(hours=1) for cell, at in rows.iter_rows()}


def why(
    areas: Collection[str],
    bad_when: Mapping[str, str],
    *,
    zone: str,
    cell: str = "",
    kpi: str = "",
) -> Why | None:
    """Why areas are red, by the last week of their counters against the four weeks before.

    bad_when  indicator → "high" or "low"
    zone      of the hours of the week

    None where no counters of the areas are stored.
    """
    import polars as pl

    until = newest_sample()
    if until is None:
        return None
    since = until - WINDOW
    rows = read_stored(since=since - BASELINE, areas=areas).filter(
        pl.col("kpi").is_in(list(bad_when))
    )
    local = pl.col("at").dt.convert_time_zone(zone)
    rows = rows.with_columns(
        slot=(local.dt.weekday().cast(pl.Int32) * 24 + local.dt.hour()),
        hour=local.dt.hour().cast(pl.Int32),
    )
    usual = _baseline(rows.filter(pl.col("at") < since), until=since)
    low = [name for name, worse in bad_when.items() if worse == "low"]
    judged = (
        rows.filter(pl.col("at") >= since)
        .join(usual, on=["cell", "kpi", "slot"])
        .with_columns(
            off=(pl.col("value") - pl.col("median"))
            / pl.col("scale")
            * pl.when(pl.col("kpi").is_in(low)).then(-1.0).otherwise(1.0)
        )
        .with_columns(excess=pl.col("off").clip(lower_bound=3.0) - 3.0)
    )
    if judged.is_empty():
        return None
    cells, kpis, hours = (_contributors(judged, by) for by in ("cell", "kpi", "hour"))
    shown = cell or (cells[0].name if cells else str(judged["cell"][0]))
    own = judged.filter(pl.col("cell") == shown)
    if own.is_empty():
        return None
    of_kpi = _contributors(own, "kpi")
    what = kpi or (of_kpi[0].name if of_kpi else str(own["kpi"][0]))
    samples = [
        WhySample(at, value, median, median - 3 * scale, median + 3 * scale)
        for at, value, median, scale in own.filter(pl.col("kpi") == what)
        .sort("at")
        .select("at", "value", "median", "scale")
        .iter_rows()
    ]
    worst = own.filter(pl.col("excess") > 0)["at"].min()
    start = worst if isinstance(worst, datetime) else since
    return Why(
        since,
        until,
        cells,
        kpis,
        hours,
        shown,
        what,
        samples,
        _changes(areas, shown, start - CHANGES_BEFORE, until),
    )


def _baseline(before: pl.DataFrame, *, until: datetime) -> pl.DataFrame:
    """`cell, kpi, slot, median, scale`: the usual value of each hour of the week, and its MAD.

    A series is not held to be steadier than its median hour, nor than two per cent of its value.
    """
    import warnings

    import numpy as np
    import polars as pl

    weeks = BASELINE.days // 7
    series = before.select("cell", "kpi").unique(maintain_order=True).with_row_index("series")
    placed = before.join(series, on=["cell", "kpi"]).select(
        "series",
        "value",
        place=pl.col("slot") - 24,
        week=(pl.lit(until) - pl.col("at")).dt.total_seconds() // (7 * 86_400),
    )
    values = np.full((series.height, weeks, 7 * 24), np.nan, dtype=np.float32)
    within = placed.filter(pl.col("week").is_between(0, weeks - 1))
    index = tuple(within[name].to_numpy() for name in ("series", "week", "place"))
    values[index] = within["value"].to_numpy()
    with warnings.catch_warnings():
        # Hours of the week without a sample have no baseline.
        warnings.simplefilter("ignore", RuntimeWarning)
        median = np.nanmedian(values, axis=1)
        mad = _MAD * np.nanmedian(np.abs(values - median[:, None, :]), axis=1)
        floor = np.nanmedian(mad, axis=1)
    scale = np.fmax(np.fmax(mad, floor[:, None]), np.fmax(np.abs(median) * _LEAST_SHARE, 1e-9))
    slots = np.tile(np.arange(24, 8 * 24, dtype=np.int32), series.height)
    rows = np.repeat(np.arange(series.height), 7 * 24)
    return (
        series.select("cell", "kpi")[rows]
        .with_columns(
            slot=pl.Series(slots),
            median=pl.Series(median.ravel().astype(np.float64)),
            scale=pl.Series(scale.ravel().astype(np.float64)),
        )
        .filter(pl.col("median").is_not_nan())
    )


def _contributors(judged: pl.DataFrame, by: str) -> list[Contributor]:
    import polars as pl

    whole = float(judged["excess"].sum())
    if not whole:
        return []
    rows = (
        judged.group_by(by)
        .agg(
            excess=pl.col("excess").sum(),
            worst=pl.col("off").max(),
            hours=(pl.col("off") > 3.0).sum(),
        )
        .filter(pl.col("excess") > 0)
        .sort("excess", by, descending=[True, False])
    )
    return [
        Contributor(str(name), excess / whole, round(worst, 1), float(hours))
        for name, excess, worst, hours in rows.iter_rows()
    ][:20]


def _changes(
    areas: Collection[str], cell: str, start: datetime, end: datetime
) -> list[NearbyChange]:
    rows = NetworkChange.objects.filter(area__in=list(areas), at__gte=start, at__lte=end)
    found = rows.order_by("-at", "id").values_list("at", "kind", "cell", "what")
    return [NearbyChange(*row) for row in found if row[2] in ("", cell)][:20]
