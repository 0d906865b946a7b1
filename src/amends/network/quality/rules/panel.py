"""Counters as dense arrays: a row a cell, a column a sample, missing samples NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HOURS = 168
_SUNDAY, _WORKDAY = 6, 2
MOST_VALUES = 400_000_000


class TooManyValues(ValueError):
    """The counters would not fit into memory."""


@dataclass(frozen=True, slots=True)
class SamplePanel:
    """The samples of all cells.

    series       one a cell and area: `cell`, `area`, `first` (its first sample)
    values       indicator → series × samples
    start        start of the first sample, UTC; samples are `step` apart
    slots        hour of the week of each sample, local time; a day off counts as a Sunday, a
                 Saturday or Sunday that is worked as a Wednesday
    festive      whether a sample is of a holiday (its weekends too) or of a worked weekend
    """

    series: pl.DataFrame
    values: dict[str, Floats]
    start: datetime
    step: timedelta
    slots: NDArray[np.int64]
    festive: NDArray[np.bool_]

    @property
    def per_hour(self) -> int:
        """Samples an hour."""
        return max(1, round(3600 / self.step.total_seconds()))

    def at(self, sample: int) -> datetime:
        """The start of a sample, UTC."""
        return self.start + self.step * sample


def panel_of(
    counters: pl.DataFrame, *, zone: tzinfo, is_working: Callable[[date], bool] | None
) -> SamplePanel:
    """The panel of clean counters (`at` in UTC, `area`, `cell`, `kpi`, `value`; one row a sample).

    zone        of the hours of the week; a column `offset_min` (minutes east of UTC as written in
                the file) comes before it, so that clock changes are those of the file
    is_working  whether a day is a working day; None where no calendar is known

    Raises TooManyValues.
    """
    step = grain(counters["at"])
    start = counters["at"].min()
    assert isinstance(start, datetime)
    length = round((counters["at"].max() - start) / step) + 1  # type: ignore[operator]
    numbered, series = _series(counters, start, step)
    if series.height * length * counters["kpi"].n_unique() > MOST_VALUES:
        raise TooManyValues
    values = {}
    for (kpi,), rows in numbered.group_by("kpi", maintain_order=False):
        matrix = np.full((series.height, length), np.nan, dtype=np.float32)
        matrix[rows["series"].to_numpy(), rows["sample"].to_numpy()] = rows["value"].to_numpy()
        values[str(kpi)] = matrix
    slots, festive = _slots(counters, start, step, length, zone, is_working)
    return SamplePanel(
        series=series,
        values=dict(sorted(values.items())),
        start=start,
        step=step,
        slots=slots,
        festive=festive,
    )


def grain(at: pl.Series) -> timedelta:
    """The usual time from one sample to the next; an hour where there is but one."""
    steps = at.unique().sort().diff().drop_nulls()
    usual = steps.mode().min() if steps.len() else None
    return usual if isinstance(usual, timedelta) and usual else timedelta(hours=1)


def _series(
    counters: pl.DataFrame, start: datetime, step: timedelta
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the numbers of series and sample, and the series.

    A cell whose area changes is another series from then on, even where it comes back.
    """
    rows = counters.with_columns(
        ((pl.col("at") - start).dt.total_seconds() // int(step.total_seconds()))
        .cast(pl.Int64)
        .alias("sample")
    )
    rows = rows.select("cell", "area", "kpi", "sample", "value").sort("cell", "sample")
    changed = (pl.col("area") != pl.col("area").shift(1)).fill_null(False) | (
        pl.col("cell") != pl.col("cell").shift(1)
    ).fill_null(True)
    rows = rows.with_columns((changed.cum_sum() - 1).cast(pl.Int64).alias("series"))
    series = (
        rows.group_by("series")
        .agg(pl.col("cell").first(), pl.col("area").first(), pl.col("sample").min().alias("first"))
        .sort("series")
        .drop("series")
    )
    return rows, series


def _slots(
    counters: pl.DataFrame,
    start: datetime,
    step: timedelta,
    length: int,
    zone: tzinfo,
    is_working: Callable[[date], bool] | None,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Hour of the week of each sample by effective weekday, and whether the calendar changed it."""
    offsets: dict[int, int] = {}
    if "offset_min" in counters.columns:
        pairs = counters.group_by("at").agg(pl.col("offset_min").first())
        sample_numbers = (
            (pairs["at"] - start).dt.total_seconds() // int(step.total_seconds())
        ).to_list()
        offsets = dict(zip(sample_numbers, pairs["offset_min"].to_list(), strict=True))
    slots = np.empty(length, dtype=np.int64)
    festive = np.zeros(length, dtype=bool)
    last = None

    @cache
    def is_festive(day: date) -> bool:
        return is_working is not None and _is_unlike_its_weekday(day, is_working)

    for sample in range(length):
        moment = start + step * sample
        last = offsets.get(sample, last)
        local = moment + timedelta(minutes=last) if last is not None else moment.astimezone(zone)
        weekday, day = local.weekday(), local.date()
        if is_working is not None:
            if is_working(day) != (weekday < 5):
                weekday = _WORKDAY if is_working(day) else _SUNDAY
            festive[sample] = is_festive(day)
        slots[sample] = weekday * 24 + local.hour
    return slots, festive


def _is_unlike_its_weekday(day: date, is_working: Callable[[date], bool]) -> bool:
    """Whether a day is a holiday on a weekday, a worked weekend, or a weekend next to a holiday
    without a working day between.

    >>> new_year = date(2026, 1, 1)
    >>> off = {new_year, date(2026, 1, 2)}
    >>> _is_unlike_its_weekday(date(2026, 1, 4), lambda day: day.weekday() < 5 and day not in off)
    True
    """
    weekend = day.weekday() >= 5
    if is_working(day):
        return weekend
    if not weekend:
        return True
    for step in (timedelta(days=1), timedelta(days=-1)):
        compared_day = day + step
        while not is_working(compared_day):
            if compared_day.weekday() < 5:
                return True
            compared_day += step
    return False


def median_of_rows(rows: Floats) -> Floats:
    """Median of each row without its missing values; 0 where there is none."""
    ordered = np.sort(rows, axis=1)  # NaN last
    counts = rows.shape[1] - np.isnan(rows).sum(axis=1)
    low, high = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, rows.shape[1] - 1)
    every = np.arange(rows.shape[0])
    return np.where(counts > 0, (ordered[every, low] + ordered[every, high]) / 2, 0.0).astype(
        np.float32
    )
