"""The busiest hour of the next week by area, as the job last forecast it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from amends.quality.queries.counters import counters_dir

UTILISATION = "utilisation_share"
FULL = 0.8
"""From this mean utilisation of an area's cells on, users feel the lack of capacity."""


@dataclass(frozen=True, slots=True)
class AreaPeak:
    """The likely peak of an area: mean utilisation of its cells at its busiest hour.

    day, hour   when it is likeliest, in the operator's zone
    low, high   the interval of four in five; a demand beyond all capacity counts as all of it
    passes      whether it is likelier than not to pass `FULL`
    """

    area: str
    day: date
    hour: int
    low: float
    middle: float
    high: float

    @property
    def passes(self) -> bool:
        """Whether the capacity is more likely than not too small."""
        return self.middle > FULL


def forecast_file() -> Path:
    """Where the forecast is written."""
    return counters_dir() / "forecast"


def peaks_ahead() -> list[AreaPeak]:
    """The forecast, the fullest area first; empty before the first one."""
    import polars as pl

    path = forecast_file()
    if not path.exists():
        return []
    rows = pl.read_parquet(path).sort("p50", "area", descending=[True, False])
    return [
        AreaPeak(area, day, int(hour), *(min(one, 1.0) for one in (low, middle, high)))
        for area, day, hour, low, middle, high in rows.select(
            "area", "day", "hour", "p10", "p50", "p90"
        ).iter_rows()
    ]
