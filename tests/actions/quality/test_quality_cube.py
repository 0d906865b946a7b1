"""The cube of counters: medians and MAD by area, cell, service, app and hour of the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from amends.network.quality.actions.write_cube import write_cube

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 1, 16, tzinfo=UTC)
"""Monday 0:00 in China."""


def test_a_cube_has_the_median_and_mad_of_each_hour_of_the_week(
    tmp_path: Path, settings: Any
) -> None:
    settings.PACK = "cn"
    week = timedelta(days=7)
    values = {"video": [10, 30, 20, 60], "chat": [5, 5, 5, 5]}
    rows = ["at,area,cell,kpi,app,value"]
    for app, numbers in values.items():
        for n, value in enumerate(numbers):
            rows.append(f"{(MONDAY + n * week).isoformat()},n1,c1,rtt_ms,{app},{value}")
    rows.append(f"{(MONDAY + timedelta(hours=25)).isoformat()},n1,c1,rtt_ms,chat,-3")
    file, out = tmp_path / "counters.csv", tmp_path / "cube.parquet"
    file.write_text("\n".join(rows))
    written = write_cube(file, out)
    assert (written.cube_rows, written.rows.used, written.rows.impossible) == (2, 8, 1)
    found = {row["app"]: row for row in pl.read_parquet(out).iter_rows(named=True)}
    assert found["video"] == {
        "area": "n1",
        "cell": "c1",
        "service": "",
        "app": "video",
        "kpi": "rtt_ms",
        "hour_of_week": 0,
        "samples": 4,
        "median": 25.0,
        "mad": 10.0,
    }
    assert (found["chat"]["median"], found["chat"]["mad"]) == (5.0, 0.0)


@pytest.mark.spark
def test_cubes_of_spark_are_equal(spark: Any, tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    size = 20_000
    file = tmp_path / "counters.parquet"
    pl.DataFrame(
        {
            "at": [MONDAY + timedelta(hours=int(n)) for n in chance.integers(0, 800, size)],
            "cell": [f"c{n}" for n in chance.integers(0, 30, size)],
            "kpi": chance.choice(["rtt_ms", "down_user_mbps"], size),
            "app": chance.choice(["video", "chat", ""], size),
            "value": chance.gamma(3, 9, size),
        }
    ).with_columns(area=pl.col("cell").str.slice(0, 2)).write_parquet(file)
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    one, other = write_cube(file, here), write_cube(file, there, spark=spark)
    assert one.cube_rows == other.cube_rows > 10_000
    assert_frame_equal(pl.read_parquet(here), pl.read_parquet(there), check_exact=True)
