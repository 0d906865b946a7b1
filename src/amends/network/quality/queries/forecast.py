"""The busiest hour of the next week by area, as the job last forecast it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from amends.network.quality.queries.counters import counters_dir

UTILISATION = "utilisation_share"
FULL = 0.8
"""Mean utilisation of an area's cells that counts as its capacity where the operator states none:
our assumption, not a measurement."""


@dataclass(frozen=True, slots=True)
class AreaPeak:
    """The likely peak of an area: mean utilisation of its cells at its busiest hour.

    day, hour   when it is likeliest, in the operator's zone
    low, high   the interval of four in five; a demand beyond all capacity counts as all of it
    capacity    utilisation from which on it is too small; stated: by the operator, else `FULL`
    passes      whether it is likelier than not to pass it
    """

    area: str
    day: date
    hour: int
    low: float
    middle: float
    high: float
    capacity: float = FULL
    stated: bool = False

    @property
    def passes(self) -> bool:
        """Whether the capacity is more likely than not too small."""
        return self.middle > self.capacity


def forecast_file() -> Path:
    """Where the forecast is written."""
    return counters_dir() / "forecast"


def capacities_file() -> Path:
    """Where the capacities that the operator states are stored."""
    return counters_dir() / "capacities"


def stated_capacities() -> dict[str, float]:
    """Area → the utilisation that its cells can bear, as `amends quality capacities` stored it."""
    import polars as pl

    path = capacities_file()
    return dict(pl.read_parquet(path).iter_rows()) if path.exists() else {}


def peaks_ahead() -> list[AreaPeak]:
    """The forecast, the fullest area first; empty before the first one."""
    import polars as pl

    path = forecast_file()
    if not path.exists():
        return []
    rows = pl.read_parquet(path).sort("p50", "area", descending=[True, False])
    stated = stated_capacities()
    return [
        AreaPeak(
            area=area,
            day=day,
            hour=int(hour),
            low=min(low, 1.0),
            middle=min(middle, 1.0),
            high=min(high, 1.0),
            capacity=stated.get(area, FULL),
            stated=area in stated,
        )
        for area, day, hour, low, middle, high in rows.select(
            "area", "day", "hour", "p10", "p50", "p90"
        ).iter_rows()
    ]
