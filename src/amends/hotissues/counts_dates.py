"""Which periods the rows of a file of counts are, however people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import polars as pl

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.translatable import Translatable
from amends.tabular.date_order import reading_of
from amends.tabular.dates import combine, read_moment

YEARS = frozenset({"year", "iso_year", "年", "年份"})
WEEKS = frozenset({"week", "iso_week", "week_number", "周", "周次", "星期"})
LEAST_COUNTED = 8
_ISO_WEEK = re.compile(r"\s*(\d{4})[-\s]?[Ww](\d{1,2})(?:-([1-7]))?\s*")
_YEAR, _LAST_YEAR = 1900, 2200


class UnableToReadCounts(BadInput):
    """The file holds no usable counts; nothing of it was scanned."""

    code = "unable_to_read_counts"


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
                    _(
                        "Column “%(column)s” only numbers the periods: it is not counted as a "
                        "series."
                    ),
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
    if 2 * sum(one is not None for one in read) <= len(cells):
        return None
    reading = reading_of([cell for cell in cells if cell], column=column)
    notes.extend(reading.notes())
    found = [
        combine(one, order=reading.order, clock=None, zone=UTC) if one else None for one in read
    ]
    return _each([one and one.replace(tzinfo=None) for one in found], cells, name, column)


def _each(
    found: Sequence[datetime | None], cells: Sequence[str | None], name: str, column: str
) -> list[datetime]:
    """Every moment, or the first cell that is none."""
    for at, one in enumerate(found):
        if one is None:
            raise UnableToReadCounts(
                _("“%(cell)s” is no date."),
                where=_("%(file)s, line %(line)s, column %(column)s"),
                at={"file": name, "line": at + 2, "column": column},
                next_step=_("Write every date like 2026-11-24."),
                values={"cell": (cells[at] or "")[:40]},
            )
    return [one for one in found if one is not None]


def _iso_week(cell: str) -> datetime | None:
    found = _ISO_WEEK.fullmatch(cell)
    return _monday(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None


def _monday(year: int, week: int, day: int = 1) -> datetime | None:
    try:
        return datetime.combine(date.fromisocalendar(year, week, day), datetime.min.time())
    except ValueError:
        return None


def _whole_dates(numbers: Sequence[int]) -> list[datetime] | None:
    """Whole numbers that are all dates such as 20261124, or weeks such as 202648; else None."""
    if all(_YEAR * 10_000 < one < _LAST_YEAR * 10_000 for one in numbers):
        moments = [read_moment(str(one)) for one in numbers]
        days = [one.fixed if one else None for one in moments]
        found = [datetime.combine(day, datetime.min.time()) for day in days if day]
        return found if len(found) == len(numbers) else None
    if all(_YEAR * 100 < one < _LAST_YEAR * 100 for one in numbers):
        weeks = [one % 100 for one in numbers]
        if max(weeks) > 12 and len(numbers) > 1:
            mondays = [_monday(one // 100, one % 100) for one in numbers]
            read = [one for one in mondays if one]
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
    names = [one.strip().lower() for one in frame.columns[:2]]
    if not (names[0] in YEARS and names[1] in WEEKS):
        return None
    years, weeks = frame.to_series(0), frame.to_series(1)
    if not (years.dtype.is_integer() and weeks.dtype.is_integer()):
        return None
    found: list[datetime] = []
    for at, (year, week) in enumerate(zip(years, weeks, strict=True)):
        monday = _monday(year, week) if year is not None and week is not None else None
        if monday is None:
            raise UnableToReadCounts(
                _("Year %(year)s has no week %(week)s."),
                where=_("%(file)s, line %(line)s, column %(column)s"),
                at={"file": name, "line": at + 2, "column": weeks.name},
                next_step=_(
                    "Number the weeks as ISO 8601 does, 1 to 52 or 53, and name every one."
                ),
                values={"year": year, "week": week},
            )
        found.append(monday)
    rest = frame.drop(frame.columns[:2])
    return pl.DataFrame({str(weeks.name): pl.Series(found, dtype=pl.Datetime)}).hstack(rest)
