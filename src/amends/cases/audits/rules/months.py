"""The billing month and the local day a moment lies in, of each line by its own terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from amends.platform.kit.formats import local
from amends.platform.kit.periods import to_ms
from amends.platform.kit.terms import shifted

TERMS: dict[str, Any] = {
    "service": pl.String,
    "zone": pl.String,
    "day": pl.Int64,
    "balance_minor": pl.Int64,
    "own_minor": pl.Int64,
    "roaming": pl.Int64,
}
"""What the operator's register of lines says: where days begin, the day billing months begin, the
balance a prepaid line begins with, the mark of charges and the cap abroad its user has."""


@dataclass(frozen=True, slots=True)
class Months:
    """How time is divided; a line without terms of its own has the place's zone, and the 1st.

    zone   of the place
    terms  a frame of `TERMS`, each service once
    """

    zone: str
    terms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TERMS))

    def months(self, frame: pl.DataFrame, at_ms: str, name: str = "period") -> pl.DataFrame:
        """The frame, in its order, with the first day of each row's billing month.

        A month without that day (29 to 31) begins on its last day.

        >>> own = pl.DataFrame([("a", "Europe/Berlin", 31, 0, 0, 0)], schema=TERMS, orient="row")
        >>> seen = pl.DataFrame({"service": ["a", "a", "b"], "at_ms": [1772233200000] * 3})
        >>> seen = seen.with_columns(at_ms=pl.col("at_ms") - pl.Series([0, 1, 0]))
        >>> Months("UTC", own).months(seen, "at_ms")["period"].to_list()
        ['2026-02-28', '2026-01-31', '2026-02-01']
        """
        own = self._own()
        if own.is_empty():
            return frame.with_columns(self._first_days(frame[at_ms]).alias(name))
        dated = self._dated(frame, at_ms, own).with_columns(pl.col("_day").fill_null(1))
        # A year has few days and a register few first days: each pair is worked out once.
        pairs = dated.select("_date", "_day").unique()
        month = pl.col("_date").dt.truncate("1mo")
        here, last = (
            _begins(month, pl.col("_day")),
            _begins(month.dt.offset_by("-1mo"), pl.col("_day")),
        )
        began = pl.when(pl.col("_date") >= here).then(here).otherwise(last)
        named = pairs.with_columns(began.dt.strftime("%Y-%m-%d").alias("_began"))
        joined = dated.join(named, on=["_date", "_day"], how="left", maintain_order="left")
        return joined.with_columns(pl.col("_began").alias(name)).drop(
            "_date", "_day", "_zone", "_began"
        )

    def days(self, frame: pl.DataFrame, at_ms: str, name: str = "period") -> pl.DataFrame:
        """The frame, in its order, with the local day of each row."""
        dated = self._dated(frame, at_ms, self._own())
        return dated.with_columns(pl.col("_date").dt.strftime("%Y-%m-%d").alias(name)).drop(
            "_date", "_day", "_zone"
        )

    def _own(self) -> pl.DataFrame:
        """The terms of lines that differ from the place's: mostly none, and nothing is joined."""
        is_foreign = ~pl.col("zone").is_in(["", self.zone]) | (pl.col("day") != 1)
        return self.terms.filter(is_foreign).select("service", _zone="zone", _day="day")

    def _first_days(self, at_ms: pl.Series) -> pl.Series:
        """The first days of the months of the place: a moment lies behind the last that began."""
        lowest, highest = at_ms.min(), at_ms.max()
        if not isinstance(lowest, int) or not isinstance(highest, int):
            return pl.Series(at_ms.name, [None] * len(at_ms), dtype=pl.String)
        first_day, last_day = (local(moment, self.zone).date() for moment in (lowest, highest))
        begun = [first_day.replace(day=1)]
        while (day := shifted(begun[-1], 1)) <= last_day:
            begun.append(day)
        starts = [to_ms(datetime.combine(day, time(), ZoneInfo(self.zone))) for day in begun]
        day_index = pl.Series(starts).search_sorted(at_ms, side="right")
        # A moment that is not known lies before the first.
        return pl.Series(at_ms.name, [None, *(f"{day:%Y-%m-%d}" for day in begun)]).gather(
            day_index
        )

    def _dated(self, frame: pl.DataFrame, at_ms: str, own: pl.DataFrame) -> pl.DataFrame:
        placed = frame.join(own, on="service", how="left", maintain_order="left")
        zones = [zone for zone in placed["_zone"].unique().to_list() if zone]
        moment = pl.from_epoch(pl.col(at_ms), time_unit="ms").dt.replace_time_zone("UTC")
        dates = [
            pl.when(pl.col("_zone") == zone).then(moment.dt.convert_time_zone(zone).dt.date())
            for zone in zones
        ]
        return placed.with_columns(
            _date=pl.coalesce(*dates, moment.dt.convert_time_zone(self.zone).dt.date())
        )


def _begins(month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The day of a month on which a billing month begins."""
    return month + pl.duration(days=pl.min_horizontal(day, month.dt.month_end().dt.day()) - 1)
