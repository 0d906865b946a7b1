"""Counts by period and series out of a CSV or Parquet file of any layout."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.detection.baseline.golden_weeks import days_of, places
from amends.engines.detection.baseline.references import Period
from amends.engines.detection.renamed_series import LARGEST, MISSING
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular.date_order import reading_of
from amends.platform.tabular.dates import combine, read_moment
from amends.platform.tabular.number_columns import (
    EMPTY,
    header_width,
    separator_of,
    without_thousands,
)
from amends.problems.hotissues import refusals
from amends.problems.hotissues.queries.complaint_rows import (
    MOST_CELLS,
    MOST_PERIODS,
    MOST_SERIES,
    OF_COMPLAINTS,
    STEPS,
    ComplaintTexts,
    Placed,
    count_rows,
)
from amends.problems.hotissues.refusals import UnableToReadCounts
from amends.problems.hotissues.rules.file_notes import (
    ABSENT_PERIODS,
    BY_VERSION,
    COLUMNS_BY_VERSION,
    NUMBERS_PERIODS,
)

YEARS = frozenset({"year", "iso_year", "年", "年份"})
WEEKS = frozenset({"week", "iso_week", "week_number", "周", "周次", "星期"})
LEAST_COUNTED = 8
_ISO_WEEK = re.compile(r"\s*(\d{4})[-\s]?[Ww](\d{1,2})(?:-([1-7]))?\s*")
_YEAR, _LAST_YEAR = 1900, 2200


def with_dates(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[str]]:
    """The frame with a first column of moments where it has one of dates, and what to say of it.

    Read are dates in any order, 20261124, 2026-W48, 2026年11月24日, and a year beside a week of ISO
    8601. A first column that only numbers the rows is no series, and is left out.
    """
    notes: list[str] = []
    if frame.height == 0 or frame.width == 0:
        return frame, notes
    if (weeks := _year_and_week(frame, name)) is not None:
        return weeks, notes
    first = frame.to_series(0)
    if first.dtype == pl.String:
        moments = _read(first.to_list(), name, first.name, notes)
    elif first.dtype.is_integer() and not first.null_count():
        moments = _whole_dates(first.to_list())
        if moments is None and frame.width > 1 and _numbers_rows(first):
            notes.append(
                Translatable(
                    NUMBERS_PERIODS,
                    column=first.name,
                )
            )
            return frame.drop(first.name), notes
    else:
        moments = None
    if moments is None:
        return frame, notes
    return frame.with_columns(pl.Series(first.name, moments, dtype=pl.Datetime)), notes


def is_date(cell: str) -> bool:
    """Whether a cell names a day, a moment or a week.

    >>> [is_date(one) for one in ("24/11/2026", "2026年11月24日", "2026-W48", "billing")]
    [True, True, True, False]
    """
    return bool(_ISO_WEEK.fullmatch(cell)) or read_moment(cell) is not None


def _read(
    cells: Sequence[str | None], name: str, column: str, notes: list[str]
) -> list[datetime] | None:
    """The moments of cells that are mostly dates; None where they are something else."""
    if any(cell and _ISO_WEEK.fullmatch(cell) for cell in cells):
        return _each([_iso_week(cell or "") for cell in cells], cells, name, column)
    read = [read_moment(cell) if cell else None for cell in cells]
    if 2 * sum(parsed is not None for parsed in read) <= len(cells):
        return None
    reading = reading_of([cell for cell in cells if cell], column=column)
    notes.extend(reading.notes())
    moments = [
        combine(parsed, order=reading.order, clock=None, zone=UTC) if parsed else None
        for parsed in read
    ]
    return _each(
        [moment and moment.replace(tzinfo=None) for moment in moments], cells, name, column
    )


def _each(
    moments: Sequence[datetime | None], cells: Sequence[str | None], name: str, column: str
) -> list[datetime]:
    """Every moment, or the first cell that is none."""
    for at, moment in enumerate(moments):
        if moment is None:
            raise refusals.not_a_date(
                file=name, line=at + 2, column=column, cell=(cells[at] or "")[:40]
            )
    return [moment for moment in moments if moment is not None]


def _iso_week(cell: str) -> datetime | None:
    week_match = _ISO_WEEK.fullmatch(cell)
    return (
        _monday(int(week_match[1]), int(week_match[2]), int(week_match[3] or 1))
        if week_match
        else None
    )


def _monday(year: int, week: int, day: int = 1) -> datetime | None:
    try:
        return datetime.combine(date.fromisocalendar(year, week, day), datetime.min.time())
    except ValueError:
        return None


def _whole_dates(numbers: Sequence[int]) -> list[datetime] | None:
    """Whole numbers that are all dates such as 20261124, or weeks such as 202648; else None."""
    if all(_YEAR * 10_000 < number < _LAST_YEAR * 10_000 for number in numbers):
        moments = [read_moment(str(number)) for number in numbers]
        days = [moment.fixed if moment else None for moment in moments]
        midnights = [datetime.combine(day, datetime.min.time()) for day in days if day]
        return midnights if len(midnights) == len(numbers) else None
    if all(_YEAR * 100 < number < _LAST_YEAR * 100 for number in numbers):
        weeks = [number % 100 for number in numbers]
        if max(weeks) > 12 and len(numbers) > 1:
            mondays = [_monday(number // 100, number % 100) for number in numbers]
            read = [monday for monday in mondays if monday]
            return read if len(read) == len(numbers) else None
    return None


def _numbers_rows(column: pl.Series) -> bool:
    """Whether a column counts its rows, 1, 2, 3 …: no complaints ever came so."""
    steps = column.diff().drop_nulls()
    return steps.len() + 1 >= LEAST_COUNTED and bool((steps == 1).all())


def _year_and_week(frame: pl.DataFrame, name: str) -> pl.DataFrame | None:
    """A column of years beside one of weeks as one of Mondays; None where there are none."""
    if frame.width < 3:
        return None
    names = [column.strip().lower() for column in frame.columns[:2]]
    if not (names[0] in YEARS and names[1] in WEEKS):
        return None
    years, weeks = frame.to_series(0), frame.to_series(1)
    if not (years.dtype.is_integer() and weeks.dtype.is_integer()):
        return None
    mondays: list[datetime] = []
    for at, (year, week) in enumerate(zip(years, weeks, strict=True)):
        monday = _monday(year, week) if year is not None and week is not None else None
        if monday is None:
            raise refusals.unknown_week(
                file=name, line=at + 2, column=weeks.name, year=year, week=week
            )
        mondays.append(monday)
    remaining_columns = frame.drop(frame.columns[:2])
    return pl.DataFrame({str(weeks.name): pl.Series(mondays, dtype=pl.Datetime)}).hstack(
        remaining_columns
    )


# Counts by period and series out of a CSV or Parquet file of anybody's.


MID_WEEK = timedelta(days=3)
LEAST_STEPPED = 8
VERSION = ("version", "class_version", "分类版本")


@dataclass(slots=True)
class CountsFile:
    """Counts, periods x series; -1 where the file is empty.

    suspected  rows of complaints suspected to be one sender's, periods x series
    whole      all series together, where it is known for longer than they are
    """

    series: list[str]
    counts: NDArray[np.int32]
    period: Period = "week"
    start: date | None = None
    moments: list[datetime] = field(default_factory=list)
    special: NDArray[np.int64] | None = None
    notes: list[str] = field(default_factory=list)
    texts: ComplaintTexts | None = None
    suspected: NDArray[np.int32] | None = None
    placed: Placed | None = None
    whole: NDArray[np.int32] | None = None

    def label(self, row: int) -> str:
        """The period as people name it."""
        if not self.moments:
            return f"{self.period} {row + 1}"
        return (
            f"{self.moments[row]:%Y-%m-%d %H:00}"
            if self.period == "hour"
            else (f"{self.moments[row]:%Y-%m-%d}")
        )


def read_counts(
    path: Path,
    *,
    period: Period | None = None,
    by: Sequence[str] = (),
    wishes: Mapping[str, str] | None = None,
) -> CountsFile:
    """Read counts, or complaints a row, which are counted by `period` and by each value of `by`.

    In a file of counts a first column of dates names the periods and every other column is a
    series; undated counts are of weeks unless `period` says otherwise. Where a column `version`
    tells that the classes were counted in another way before, that time is unknown. `wishes` (field
    → column) say what the columns of complaints are where that cannot be told.
    """
    frame = _frame(path)
    if frame is None or by or wishes or not _only_counts(frame):
        counted = count_rows(path, period=period or "day", by=by, wishes=wishes)
        return _dated(
            CountsFile(
                counted.series,
                counted.counts,
                period or "day",
                notes=counted.notes,
                texts=counted.texts,
                suspected=counted.suspected,
                placed=counted.placed,
            ),
            counted.moments,
        )
    if frame.height == 0:
        raise refusals.no_rows(file=path.name)
    _refuse_more(path, periods=frame.height)
    frame, notes = with_dates(frame, path.name)
    first = frame.columns[0]
    dated = frame[first].dtype.is_temporal()
    values = frame.drop(first) if dated else frame
    version = next((values[name] for name in VERSION if name in values.columns), None)
    values = values.drop(*VERSION, strict=False)
    if values.width == 0:
        raise refusals.no_series(file=path.name)
    counts = _whole_numbers(values, path.name)
    file = CountsFile(values.columns, counts, period or "week", notes=notes)
    if version is not None:
        _by_version(file, version, frame[first] if dated else None)
    return _placed(file, frame[first], path) if dated else file


def _by_version(file: CountsFile, version: pl.Series, days: pl.Series | None) -> None:
    """Counts of the newest version alone, in whatever order the file has its periods; the whole
    is what it was."""
    order = np.arange(version.len()) if days is None else days.arg_sort().to_numpy()
    newest = version[int(order[-1])]
    older_rows = np.flatnonzero((version[order] != newest).fill_null(True).to_numpy())
    if older_rows.size:
        older = order[: int(older_rows[-1]) + 1]
        since = int(order[older.size])
        file.whole = whole_of(file.counts)
        file.counts = file.counts.copy()
        file.counts[older] = MISSING
        file.notes.append(
            Translatable(COLUMNS_BY_VERSION, version=newest, line=since + 2)
            if days is None
            else Translatable(BY_VERSION, version=newest, day=f"{days.cast(pl.Date)[since]}")
        )


def whole_of(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """All series together, as one column."""
    totals = np.maximum(counts, 0).sum(axis=1, dtype=np.int64)[:, None]
    totals[(counts < 0).all(axis=1)] = MISSING
    return np.minimum(totals, LARGEST).astype(np.int32)


def _only_counts(frame: pl.DataFrame) -> bool:
    """Whether all but a first column of dates are numbers, or nearly: then they are counts. So they
    are with one column of numbers where the dates are a period apart, each of them once."""
    dated = frame.to_series(0).dtype.is_temporal() or _looks_dated(frame.to_series(0))
    count_columns = frame.columns[1:] if dated else frame.columns
    count_columns = [name for name in count_columns if name not in VERSION]
    numbers = sum(
        frame[name].dtype.is_numeric() or _mostly_numbers(frame[name]) for name in count_columns
    )
    return (
        2 * numbers > len(count_columns)
        or not count_columns
        or (bool(numbers) and _is_stepped(frame))
    )


def _is_stepped(frame: pl.DataFrame) -> bool:
    """Whether a first column of dates names periods: none twice, all a week, day or hour apart."""
    try:
        first = with_dates(frame, "")[0].to_series(0)
    except UnableToReadCounts:
        return False
    if {name.strip().lower() for name in frame.columns} & OF_COMPLAINTS:
        return False
    if not first.dtype.is_temporal() or first.null_count() or first.len() < LEAST_STEPPED:
        return False
    steps = first.cast(pl.Datetime).sort().diff().drop_nulls()
    usual = steps.mode().min()
    return usual in STEPS.values() and not any(gap % usual for gap in steps.to_list())


def _mostly_numbers(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return column.dtype == pl.Null
    return int(column.cast(pl.Float64, strict=False).is_not_null().sum()) * 2 >= column.len()


def _placed(file: CountsFile, column: pl.Series, path: Path) -> CountsFile:
    """Rows in the order of their dates; periods that are not there become missing ones."""
    moments = column.cast(pl.Datetime)
    if moments.null_count():
        line = int(moments.is_null().arg_true()[0]) + 2
        raise refusals.date_missing(file=path.name, line=line, column=column.name)
    if moments.is_duplicated().any():
        line = int(moments.is_duplicated().arg_true()[-1]) + 2
        raise refusals.period_twice(file=path.name, line=line, column=column.name)
    order = moments.arg_sort().to_numpy()
    sorted_ = moments.sort()
    step = _step(sorted_, moments, path)
    file.period = next(name for name, length in STEPS.items() if length == step)
    seconds = (sorted_ - sorted_[0]).dt.total_seconds().to_numpy()
    rows = (seconds // step.total_seconds()).astype(np.int64)
    _refuse_more(path, periods=int(rows[-1]) + 1, series=len(file.series))
    filled = np.full((int(rows[-1]) + 1, len(file.series)), MISSING, dtype=np.int32)
    filled[rows] = file.counts[order]
    if gaps := filled.shape[0] - len(rows):
        file.notes.append(
            Translatable(
                ABSENT_PERIODS,
                count=f"{gaps:,}",
            )
        )
    if file.whole is not None:
        totals = np.full((filled.shape[0], 1), MISSING, dtype=np.int32)
        totals[rows] = file.whole[order]
        file.whole = totals
    file.counts = filled
    return _dated(file, [sorted_[0] + step * n for n in range(filled.shape[0])])


def _step(moments: pl.Series, written: pl.Series, path: Path) -> timedelta:
    """The usual step from one period to the next: a week, a day or an hour."""
    steps = moments.diff().drop_nulls()
    usual = steps.mode().min() if steps.len() else timedelta(weeks=1)
    assert isinstance(usual, timedelta)
    if usual not in STEPS.values():
        raise refusals.uneven_periods(file=path.name, column=moments.name, usual=usual)
    odd = [at + 1 for at, gap in enumerate(steps.to_list()) if gap % usual]
    if odd:
        named = moments[odd[0] - 1] if odd[0] == 1 else moments[odd[0]]
        raise refusals.uneven_step(
            file=path.name,
            line=_line_of(named, written),
            column=moments.name,
            named=named,
            days=usual.days,
        )
    return usual


def _line_of(moment: datetime, written: pl.Series) -> int:
    """The line of the file on which a moment stands."""
    return int((written == moment).arg_true()[0]) + 2


def _dated(file: CountsFile, moments: list[datetime]) -> CountsFile:
    file.moments = moments
    file.start = moments[0].date()
    if file.period == "week":
        file.special = places([(moment + MID_WEEK).date() for moment in moments])
    else:
        file.special = days_of([moment.date() for moment in moments])
    return file


def _frame(path: Path) -> pl.DataFrame | None:
    """The file as columns; None if it is neither CSV nor Parquet, but may be rows of complaints."""
    try:
        _refuse_more(path, series=header_width(path) - 1)
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        if parquet:
            frame = pl.read_parquet(path).with_columns(pl.selectors.categorical().cast(pl.String))
            return _without_thousands(frame)
        if twice := _named_twice(path):
            raise refusals.column_twice(file=path.name, line=1, name=twice[:40])
        frame = pl.read_csv(
            path,
            infer_schema_length=None,
            try_parse_dates=True,
            null_values=EMPTY,
            separator=separator_of(path),
        )
        return _without_thousands(frame)
    except OSError as error:
        raise refusals.unreadable_counts(path=path, why=error.strerror or error) from error
    except (pl.exceptions.PolarsError, csv.Error):  # a cell of more than 128 KB, say
        return None


def _refuse_more(path: Path, *, periods: int = 0, series: int = 0) -> None:
    """Refuse a file whose scan would take minutes and gigabytes."""
    if periods > MOST_PERIODS:
        raise refusals.too_many_periods(
            file=path.name, count=f"{periods:,}", most=f"{MOST_PERIODS:,}"
        )
    if series > MOST_SERIES or series * periods > MOST_CELLS:
        raise refusals.too_many_series(
            file=path.name,
            count=f"{series:,}",
            most=f"{min(MOST_SERIES, MOST_CELLS // max(periods, 1)):,}",
        )


def _without_thousands(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        without_thousands(column) for column in frame if column.dtype == pl.String
    )


def _looks_dated(column: pl.Series) -> bool:
    """Whether most cells of a column of words are dates."""
    if column.dtype != pl.String:
        return False
    cells = column.drop_nulls().to_list()
    return 2 * sum(is_date(cell) for cell in cells) > len(cells)


def _no_number(column: pl.Series, name: str) -> UnableToReadCounts:
    """The first cell of a column that is no number; of one that is mostly such, the column."""
    numbers = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    wrong = (numbers.is_null() & column.is_not_null()).arg_true()
    if not wrong.len() or 2 * wrong.len() > column.len():
        return refusals.column_without_counts(file=name, line=1, column=column.name)
    at = int(wrong[0])
    return refusals.not_a_count(
        file=name, line=at + 2, column=column.name, cell=str(column[at])[:40]
    )


def _named_twice(path: Path) -> str:
    """A name that stands twice in the header of a CSV file, "" if none does."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        header = next(csv.reader(file, delimiter=separator_of(path)), [])
    often = Counter(column_name.strip() for column_name in header)
    return next(
        (column_name for column_name, times in often.items() if column_name and times > 1), ""
    )


def _whole_numbers(frame: pl.DataFrame, name: str) -> NDArray[np.int32]:
    """Counts, periods x series; raises for the first cell that is none."""
    if all(kind.is_integer() for kind in frame.dtypes):
        # Nearly every file: all columns at once, for a file may have tens of thousands.
        unknown = sum(column.null_count() for column in frame)
        whole_counts = (frame.fill_null(MISSING) if unknown else frame).to_numpy()
        if int((whole_counts < 0).sum()) == unknown and whole_counts.max() <= LARGEST:
            return np.ascontiguousarray(whole_counts.astype(np.int32))
    return np.stack([_whole_column(column, name) for column in frame], axis=1)


def _whole_column(column: pl.Series, name: str) -> NDArray[np.int32]:
    """A column of counts, or the first cell that is none."""
    if not column.dtype.is_numeric() and column.dtype != pl.Null:
        raise _no_number(column, name)
    values = column.cast(pl.Float64).fill_null(MISSING).fill_nan(MISSING).to_numpy()
    wrong = (values != np.floor(values)) | ((values < 0) & column.is_not_null().to_numpy())
    wrong |= values > LARGEST
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise refusals.not_a_whole_count(
            file=name, line=at + 2, column=column.name, cell=column[at]
        )
    whole_counts: NDArray[np.int32] = values.astype(np.int32)
    return whole_counts
