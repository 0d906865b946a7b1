"""Write the cube of a file of counters, in this process or on Spark."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.utils import timezone

from amends.network.quality.actions.read_counters import CounterRows, read_counters
from amends.network.quality.rules.cube import COLUMNS, CUBE, RESULT, cube
from amends.network.quality.rules.indicators import indicators
from amends.platform.kit.packs import zone_of

_SPARK_SCHEMA = (
    "area string, cell string, service string, app string, kpi string, hour_of_week short,"
    " samples long, median double, mad double"
)
_PARTITIONS_PER_CORE = 2


@dataclass(frozen=True, slots=True)
class CubeWritten:
    """A cube: its rows, the areas and cells in it, and what became of the rows of the file."""

    cube_rows: int
    areas: int
    cells: int
    rows: CounterRows
    seconds: float


def write_cube(file: Path, out: Path, *, spark: Any = None) -> CubeWritten:
    """Write the cube of a file as Parquet; on Spark where a session is given.

    Reading and cleaning run in this process in both cases. The workers read the clean samples from
    a temporary folder next to `out`, which a cluster must share.

    Raises BadInput.
    """
    started = time.perf_counter()
    zone = zone_of(settings.JURISDICTION)
    read = read_counters(file, indicators_by_kpi=indicators(timezone.localdate()), zone=zone)
    samples = read.frame if read.breakdown is None else read.breakdown
    absent = [pl.lit("").alias(name) for name in COLUMNS if name not in samples.columns]
    samples = samples.with_columns(absent).select(COLUMNS)
    rows = read.rows
    del read
    cube_frame = cube(samples, zone=zone) if spark is None else _on_spark(spark, samples, zone, out)
    fresh = out.with_name(f"{out.name}.new")
    cube_frame.write_parquet(fresh)
    fresh.replace(out)
    return CubeWritten(
        cube_rows=cube_frame.height,
        areas=cube_frame["area"].n_unique(),
        cells=cube_frame["cell"].n_unique(),
        rows=rows,
        seconds=round(time.perf_counter() - started, 3),
    )


def _on_spark(spark: Any, samples: pl.DataFrame, zone: str, out: Path) -> pl.DataFrame:
    """The same cube: the rows of a cell are in one partition, where `cube` makes its part."""

    def part(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        arrived = list(batches)
        if arrived:
            rows = pl.from_arrow(pa.Table.from_batches(arrived))
            assert isinstance(rows, pl.DataFrame)
            cube_frame = cube(
                rows.with_columns(pl.col("at").dt.replace_time_zone("UTC")), zone=zone
            )
            yield from cube_frame.cast({"samples": pl.Int64}).to_arrow().to_batches()

    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".cube-") as folder:
        plain = samples.with_columns(pl.col("at").dt.replace_time_zone(None))
        plain.write_parquet(Path(folder) / "samples.parquet")
        cube_path = Path(folder) / "cube"
        partitions = _PARTITIONS_PER_CORE * spark.sparkContext.defaultParallelism
        read = spark.read.parquet(str(Path(folder) / "samples.parquet"))
        cells = read.repartition(partitions, "area", "cell")
        cells.mapInArrow(part, _SPARK_SCHEMA).write.parquet(str(cube_path))
        stored_frame = pl.read_parquet(cube_path / "*.parquet")
    return stored_frame.cast(pl.Schema(RESULT)).sort(CUBE)
