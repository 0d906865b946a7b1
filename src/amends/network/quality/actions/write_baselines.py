"""Write the baselines of all cells, so that the page that says why an area is red only reads.

The counters are judged in parts of some areas each, one after the other or by the workers of
Spark. Each part is written to files of its own, which are then joined.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from amends.network.quality.queries.counters import (
    baselines_dir,
    counters_version,
    newest_sample,
    scan_breakdown,
    scan_stored,
)
from amends.network.quality.rules.baseline import BASELINE, SERIES, WINDOW, judge, judge_breakdown
from amends.platform.kit.spark import map_parts

MOST_ROWS = 3_000_000
"""So many samples are in memory at a time, of each process."""
_ROW_GROUP = 2_000
_PREFIX = ".parts-"
_DAY_S = 86_400


def write_baselines(bad_when: Mapping[str, str], *, zone: str, spark: Any = None) -> int:
    """Write the baselines of the stored counters by area; for how many series.

    bad_when  indicator → "high" or "low"
    zone      of the hours of the week
    spark     a session whose workers share the data directory; None judges in this process
    """
    version = counters_version()
    until = newest_sample()
    if until is None:
        return 0
    since = until - WINDOW
    stored = scan_stored(since=since - BASELINE).filter(pl.col("kpi").is_in(list(bad_when)))
    by_dimension = scan_breakdown(since=since - BASELINE)
    folder = baselines_dir()
    folder.mkdir(parents=True, exist_ok=True)
    _remove_left_parts(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_PREFIX) as parts_name:
        parts_folder = Path(parts_name)

        def judge_cells(part: tuple[str, str, str]) -> int:
            number, first, last = part
            # A range: day files are sorted by area, and what is outside of it is not read.
            rows = stored.filter(pl.col("area").is_between(pl.lit(first), pl.lit(last))).collect()
            judgement = judge(rows, since=since, zone=zone, bad_when=bad_when)
            usual = judgement.usual.sort(SERIES)
            usual.write_parquet(parts_folder / f"usual-{number}.parquet")
            worse = judgement.worse.sort(*SERIES, "at")
            worse.write_parquet(parts_folder / f"worse-{number}.parquet")
            return usual.height

        def judge_dimensions(part: tuple[str, str, str]) -> None:
            assert by_dimension is not None
            number, first, last = part
            within = pl.col("area").is_between(pl.lit(first), pl.lit(last))
            rows = by_dimension.filter(within).collect()
            worse = judge_breakdown(rows, since=since, zone=zone, bad_when=bad_when)
            worse.sort("area", "dimension", "name", "kpi", "at").write_parquet(
                parts_folder / f"breakdown-{number}.parquet"
            )

        series = sum(map_parts(judge_cells, _split(stored), spark))
        if not series:
            return 0
        if by_dimension is not None:
            map_parts(judge_dimensions, _split(by_dimension), spark)
        notes = {"until": until.isoformat(), "counters": version}
        # The notes of `worse` are read: it comes last.
        for name in ("usual", "breakdown", "worse"):
            _replace(sorted(parts_folder.glob(f"{name}-*.parquet")), folder, name, notes)
    return series


def _split(stored: pl.LazyFrame) -> list[tuple[str, str, str]]:
    """Parts of at most MOST_ROWS samples, or of one area: number, first and last area."""
    sizes = stored.group_by("area").len().sort("area").collect(engine="streaming")
    areas: list[list[str]] = []
    rows = MOST_ROWS
    for area, size in sizes.iter_rows():
        if rows + size > MOST_ROWS:
            areas.append([])
            rows = 0
        areas[-1].append(area)
        rows += size
    return [(f"{number:06}", part[0], part[-1]) for number, part in enumerate(areas)]


def _remove_left_parts(folder: Path) -> None:
    """Remove the parts of runs that were killed; none runs for a day."""
    for parts_folder in folder.glob(f"{_PREFIX}*"):
        if time.time() - parts_folder.stat().st_mtime > _DAY_S:
            shutil.rmtree(parts_folder, ignore_errors=True)


def _replace(parts: list[Path], folder: Path, name: str, notes: dict[str, str]) -> None:
    """Join parts to one file and replace it: a reader sees the old or the new one."""
    if not parts:
        return
    # Beside the parts, which belong to this run: a command and the job may run at the same time.
    fresh = parts[0].with_name(f"{name}.new")
    pl.scan_parquet(parts).sink_parquet(
        fresh, row_group_size=_ROW_GROUP, statistics=True, metadata=notes
    )
    fresh.replace(folder / f"{name}.parquet")
