"""The stored counters of cells, and why an area is red."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.network.quality.models import NetworkChange

if TYPE_CHECKING:
    import polars as pl

CHANGES_BEFORE = timedelta(hours=72)
BASELINES_USABLE = timedelta(days=1)
"""Baselines that are older than the newest counters by more are computed again for each page."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Contributor:
    """A cell, an indicator, an hour of the day, an app …: its part of all deviation of the area.

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
    breakdown  service, app, partner, device → its values that contribute; only those that counters
               specify
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
    breakdown: dict[str, list[Contributor]]


def counters_dir() -> Path:
    """Where counters are stored, a Parquet file for each day."""
    return Path(settings.DATA_DIR) / "counters"


def read_stored(*, since: datetime, areas: Collection[str] = ()) -> pl.DataFrame:
    """The stored counters from `since` on, of all areas or of some."""
    import polars as pl

    rows = scan_stored(since=since)
    if areas:
        rows = rows.filter(pl.col("area").is_in(sorted(areas)))
    return rows.collect()


def scan_stored(*, since: datetime) -> pl.LazyFrame:
    """The same, not read yet."""
    import polars as pl

    files = _files(since, counters_dir())
    if not files:
        moment = pl.Datetime("us", "UTC")
        schema: dict[str, Any] = {
            "at": moment,
            "area": pl.String,
            "cell": pl.String,
            "kpi": pl.String,
        }
        return pl.LazyFrame(schema=schema | {"value": pl.Float64})
    return pl.scan_parquet(files).filter(pl.col("at") >= since)


def breakdown_dir() -> Path:
    """Where counters by service, app, partner and device are stored, a file for each day."""
    return counters_dir() / "breakdown"


def scan_breakdown(*, since: datetime) -> pl.LazyFrame | None:
    """The stored counters by service, app, partner and device, not read yet; None of none."""
    import polars as pl

    files = _files(since, breakdown_dir())
    return pl.scan_parquet(files).filter(pl.col("at") >= since) if files else None


def baselines_dir() -> Path:
    """Where the baselines of all cells are written."""
    return counters_dir() / "baselines"


def baselines_until() -> datetime | None:
    """Up to which sample the written baselines are current; None before any were written."""
    written_until = _written_of("until")
    return datetime.fromisoformat(written_until) if written_until else None


def baselines_outdated() -> bool:
    """Whether counters were stored since the baselines were written."""
    return bool(counters_version()) and _written_of("counters") != counters_version()


def counters_version() -> str:
    """Changes whenever counters are stored; "" before any."""
    folders = (counters_dir(), breakdown_dir())
    times = [path.stat().st_mtime_ns for folder in folders for path in folder.glob("*.parquet")]
    return str(max(times)) if times else ""


def _written_of(name: str) -> str:
    """A note in the file that is written last."""
    import polars as pl

    path = baselines_dir() / "worse.parquet"
    return pl.read_parquet_metadata(path).get(name, "") if path.exists() else ""


def _files(since: datetime, folder: Path) -> list[Path]:
    first = f"{since - _DAY:%Y-%m-%d}.parquet"
    return sorted(path for path in folder.glob("*.parquet") if path.name >= first)


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

    from amends.network.quality.rules.baseline import BASELINE, LIMIT, WINDOW, judge

    newest = newest_sample()
    if newest is None:
        return None
    current = baselines_until()
    written = None
    if current is not None and newest - current <= BASELINES_USABLE:
        written = _written(areas)
    until = current if written is not None and current is not None else newest
    since = until - WINDOW
    if written is None:
        rows = read_stored(since=since - BASELINE, areas=areas)
        judgement = judge(rows, since=since, zone=zone, bad_when=bad_when)
        written = judgement.usual.lazy(), judgement.worse
        parts = _judged_breakdown(areas, bad_when, since=since, zone=zone)
    else:
        parts = _written_breakdown(areas)
    usual, worse = written
    worse = worse.with_columns(excess=pl.col("off") - LIMIT)
    parts = parts.with_columns(excess=pl.col("off") - LIMIT)
    cells, kpis, hours = (_contributors(worse, by) for by in ("cell", "kpi", "hour"))
    shown_cell = cell or (cells[0].name if cells else _first_cell(usual))
    own = worse.filter(pl.col("cell") == shown_cell)
    # Day files and baselines are sorted by area: others are not read.
    in_areas = pl.col("area").is_in(own["area"].unique().to_list() or sorted(areas))
    series = usual.filter(in_areas, pl.col("cell") == shown_cell).collect()
    of_kpi = _contributors(own, "kpi")
    what = kpi or (of_kpi[0].name if of_kpi else str(series["kpi"].first()))
    row = series.filter(pl.col("kpi") == what)
    if row.is_empty():
        return None
    worst = own["at"].min()
    start = worst if isinstance(worst, datetime) else since
    return Why(
        since=since,
        until=until,
        cells=cells,
        kpis=kpis,
        hours=hours,
        cell=shown_cell,
        kpi=what,
        samples=_samples(row, since=since, zone=zone),
        changes=_changes(areas, shown_cell, start - CHANGES_BEFORE, until),
        breakdown={
            dimension: _contributors(parts.filter(pl.col("dimension") == dimension), "name")
            for dimension in parts["dimension"].unique().sort().to_list()
        },
    )


def _written(areas: Collection[str]) -> tuple[pl.LazyFrame, pl.DataFrame] | None:
    """The baselines of areas, not read yet, and their worse samples, as `actions/write_baselines`
    wrote them; None where it wrote none of these areas."""
    import polars as pl

    usual, worse = (baselines_dir() / f"{name}.parquet" for name in ("usual", "worse"))
    within = pl.col("area").is_in(sorted(areas))
    of_areas = pl.scan_parquet(usual).filter(within)
    if of_areas.head(1).collect().is_empty():
        return None
    return of_areas, pl.scan_parquet(worse).filter(within).collect()


def _written_breakdown(areas: Collection[str]) -> pl.DataFrame:
    """The worse samples by dimension, as `actions/write_baselines` wrote them."""
    import polars as pl

    path = baselines_dir() / "breakdown.parquet"
    if not path.exists():
        return _no_breakdown()
    return pl.scan_parquet(path).filter(pl.col("area").is_in(sorted(areas))).collect()


def _judged_breakdown(
    areas: Collection[str], bad_when: Mapping[str, str], *, since: datetime, zone: str
) -> pl.DataFrame:
    """The same, computed now."""
    import polars as pl

    from amends.network.quality.rules.baseline import BASELINE, judge_breakdown

    stored = scan_breakdown(since=since - BASELINE)
    if stored is None:
        return _no_breakdown()
    rows = stored.filter(pl.col("area").is_in(sorted(areas))).collect()
    return judge_breakdown(rows, since=since, zone=zone, bad_when=bad_when)


def _no_breakdown() -> pl.DataFrame:
    import polars as pl

    texts = dict.fromkeys(("dimension", "name", "kpi"), pl.String)
    return pl.DataFrame(schema=texts | {"hour": pl.Int32, "off": pl.Float64})


def _first_cell(usual: pl.LazyFrame) -> str:
    first_row = usual.select("cell").head(1).collect()
    return str(first_row.item()) if first_row.height else ""


def _samples(usual: pl.DataFrame, *, since: datetime, zone: str) -> list[WhySample]:
    """The samples of a series since then, with its baseline."""
    import polars as pl

    from amends.network.quality.rules.baseline import LIMIT

    row = usual.row(-1, named=True)
    rows = scan_stored(since=since).filter(
        *(pl.col(name) == row[name] for name in ("area", "cell", "kpi"))
    )
    cell_samples = []
    for at, value in rows.select("at", "value").sort("at").collect().iter_rows():
        local = at.astimezone(ZoneInfo(zone))
        slot = local.weekday() * 24 + local.hour
        median, scale = row["median"][slot], row["scale"][slot]
        if median == median:  # an hour of the week without a sample has no baseline: NaN
            cell_samples.append(
                WhySample(
                    at=at,
                    value=value,
                    median=median,
                    low=median - LIMIT * scale,
                    high=median + LIMIT * scale,
                )
            )
    return cell_samples


def _contributors(worse: pl.DataFrame, by: str) -> list[Contributor]:
    import polars as pl

    total_excess = float(worse["excess"].sum())
    if not total_excess:
        return []
    rows = (
        worse.group_by(by)
        .agg(excess=pl.col("excess").sum(), worst=pl.col("off").max(), hours=pl.len())
        .sort("excess", by, descending=[True, False])
    )
    return [
        Contributor(
            name=str(name), share=excess / total_excess, worst=round(worst, 1), hours=float(hours)
        )
        for name, excess, worst, hours in rows.head(20).iter_rows()
    ]


def _changes(
    areas: Collection[str], cell: str, start: datetime, end: datetime
) -> list[NearbyChange]:
    rows = NetworkChange.objects.filter(area__in=list(areas), at__gte=start, at__lte=end)
    change_rows = rows.order_by("-at", "id").values_list("at", "kind", "cell", "what")
    return [NearbyChange(*row) for row in change_rows if row[2] in ("", cell)][:20]
