"""Counts by period and series out of a CSV or Parquet file of anybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.hotissues.rules.baseline.references import Period
from amends.kit.errors import BadInput

MISSING = -1
LARGEST = 2**31 - 1
_STEPS: tuple[tuple[timedelta, Period], ...] = (
    (timedelta(weeks=1), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
)


class UnableToReadCounts(BadInput):
    """The file holds no usable counts; nothing of it was scanned."""

    code = "unable_to_read_counts"


@dataclass(slots=True)
class CountsFile:
    """Counts, periods x series; -1 where the file is empty."""

    series: list[str]
    counts: NDArray[np.int32]
    period: Period = "week"
    start: date | None = None
    moments: list[datetime] = field(default_factory=list)
    special: NDArray[np.int64] | None = None
    notes: list[str] = field(default_factory=list)

    def label(self, row: int) -> str:
        """The period as people name it."""
        if not self.moments:
            return f"{self.period} {row + 1}"
        return (
            f"{self.moments[row]:%Y-%m-%d %H:00}"
            if self.period == "hour"
            else (f"{self.moments[row]:%Y-%m-%d}")
        )


def read_counts(path: Path) -> CountsFile:
    """Read counts; a first column of dates names the periods, every other column is a series."""
    frame = _frame(path)
    if frame.height == 0 or frame.width == 0:
        raise UnableToReadCounts(
            f"{path.name} has no rows.", next_step="Send a row a period, a column a series."
        )
    first = frame.columns[0]
    moments = _moments(frame[first])
    values = frame.drop(first) if moments else frame
    columns = [_whole(values[name], path.name) for name in values.columns]
    return CountsFile(values.columns, np.stack(columns, axis=1))


def _frame(path: Path) -> pl.DataFrame:
    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        if parquet:
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema_length=None, try_parse_dates=True, null_values=["NA"])
    except OSError as error:
        raise UnableToReadCounts(
            f"{path} cannot be read ({error.strerror}).", next_step="Check its name and rights."
        ) from error
    except pl.exceptions.PolarsError as error:
        raise UnableToReadCounts(
            f"{path.name} is no table of counts: {error}.",
            next_step="Send a header of series names, a row a period.",
        ) from error


def _moments(column: pl.Series) -> list[datetime]:
    if column.dtype == pl.Date:
        return column.cast(pl.Datetime).to_list()
    return column.to_list() if column.dtype == pl.Datetime else []


def _whole(column: pl.Series, name: str) -> NDArray[np.int32]:
    """A column of counts, or the first cell that is none."""
    if not column.dtype.is_numeric():
        raise UnableToReadCounts(
            "The column does not hold counts.",
            where=f"{name}, line 1, column {column.name}",
            next_step="Leave it out, or put counts in it.",
        )
    values = column.cast(pl.Float64).fill_null(MISSING).fill_nan(MISSING).to_numpy()
    wrong = (values != np.floor(values)) | ((values < 0) & column.is_not_null().to_numpy())
    wrong |= values > LARGEST
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise UnableToReadCounts(
            f"{values[at]:g} is no count.",
            where=f"{name}, line {at + 2}, column {column.name}",
            next_step="Counts are whole numbers from 0; leave a cell empty where nothing is known.",
        )
    whole: NDArray[np.int32] = values.astype(np.int32)
    return whole
