"""Write the baselines of all cells, so that the page that says why an area is red only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from amends.network.quality.queries.counters import (
    baselines_dir,
    counters_version,
    newest_sample,
    scan_breakdown,
    scan_stored,
)
from amends.network.quality.rules.baseline import BASELINE, SERIES, WINDOW, judge, judge_breakdown

MOST_ROWS = 3_000_000
"""So many samples are in memory at a time."""
_ROW_GROUP = 2_000


def write_baselines(bad_when: Mapping[str, str], *, zone: str) -> int:
    """Write the baselines of the stored counters by area; for how many series.

    bad_when  indicator → "high" or "low"
    zone      of the hours of the week
    """
    version = counters_version()
    until = newest_sample()
    if until is None:
        return 0
    since = until - WINDOW
    stored = scan_stored(since=since - BASELINE).filter(pl.col("kpi").is_in(list(bad_when)))
    usual, worse = [], []
    for rows in _by_areas(stored):
        judgement = judge(rows, since=since, zone=zone, bad_when=bad_when)
        usual.append(judgement.usual)
        worse.append(judgement.worse)
    if not usual:
        return 0
    folder = baselines_dir()
    folder.mkdir(parents=True, exist_ok=True)
    every = pl.concat(usual).sort(SERIES)
    parts = [
        judge_breakdown(rows, since=since, zone=zone, bad_when=bad_when)
        for rows in _by_areas(scan_breakdown(since=since - BASELINE))
    ]
    notes = {"until": until.isoformat(), "counters": version}
    _replace(every, folder / "usual.parquet", notes)
    if parts:
        _replace(pl.concat(parts).sort("area", "dimension"), folder / "breakdown.parquet", notes)
    _replace(pl.concat(worse).sort(*SERIES, "at"), folder / "worse.parquet", notes)
    return every.height


def _by_areas(stored: pl.LazyFrame | None) -> Iterator[pl.DataFrame]:
    """The rows of as many areas at a time as fit."""
    if stored is None:
        return
    sizes = stored.group_by("area").len().sort("area").collect()
    part: list[str] = []
    size = 0
    for area, rows in [*sizes.iter_rows(), ("", MOST_ROWS)]:
        if part and size + rows > MOST_ROWS:
            # A range: day files are sorted by area, and what is outside of it is not read.
            within = pl.col("area").is_between(pl.lit(part[0]), pl.lit(part[-1]))
            yield stored.filter(within).collect()
            part, size = [], 0
        part.append(area)
        size += rows


def _replace(frame: pl.DataFrame, path: Path, notes: dict[str, str]) -> None:
    """Replace a file as a whole: a reader sees the old or the new one."""
    fresh = path.with_suffix(".new")
    frame.write_parquet(
        fresh,
        row_group_size=_ROW_GROUP,
        statistics=True,
        metadata=notes,
    )
    fresh.replace(path)
