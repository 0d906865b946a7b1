"""Complaints, a row each, as counts of distinct persons by period and series."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from amends.engines.detection.baseline.references import Period
from amends.engines.detection.cube import Cells, count
from amends.engines.detection.renamed_series import MISSING, Counts, unknown_before
from amends.engines.detection.silence import silent
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular.columns import choose_columns, names_of, not_found, other_dates, role
from amends.platform.tabular.date_order import DateReading, reading_of
from amends.platform.tabular.dates import combine, read_moment, read_time
from amends.platform.tabular.narrative import narrative, narrative_roles
from amends.platform.tabular.tables import Table, read_table
from amends.platform.vault.recognisers import mask_texts
from amends.problems.hotissues import refusals
from amends.problems.hotissues.rules.file_notes import (
    BY_VERSION,
    DATE_UNREAD,
    FAR,
    NAME_DATE,
    NAMELESS,
    NO_DATE,
    NO_PERSON_COLUMN,
    SILENT_PERIODS,
    UNDATED,
    UNDATED_AT,
)
from amends.problems.hotissues.rules.suspect_rows import far_from_others, recorded_late, suspected

MOST_LINES = 5
TOTAL = "total"
CLASSES = frozenset({"class", "code", "category", "type", "topic", "分类", "类别", "类型"})
_CLASS_IN_NAME = re.compile(
    r"(?:^|[\W_])(?:class|classification|category|topic)(?:$|[\W_])|分类|类别"
)
STEPS: dict[Period, timedelta] = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
}
_POLARS_STEP: dict[Period, str] = {"week": "1w", "day": "1d", "hour": "1h"}
MOST_PERIODS = 17_600
"""Two years of hours, 48 years of days: what a scan holds of each of them takes 11 KB."""
MOST_SERIES = 25_000
MOST_CELLS = 20_000_000
"""Periods times series."""
_ROLES = (
    role("received", called="date"),
    role("time"),
    role("recorded"),
    role("version"),
    role("person"),
    *narrative_roles(by_values=False),
)


OF_COMPLAINTS = frozenset(
    name.removeprefix("=") for field in ("person", "text") for name in names_of(field)
)
"""Names of columns that only complaints a row have."""


@dataclass(frozen=True, slots=True)
class ComplaintTexts:
    """What the complaints say, an entry each: masked text, person, period, line of the file."""

    texts: list[str]
    persons: list[str]
    periods: list[int]
    lines: list[int]
    cells: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Each complaint's period, person, and value in each column that was counted by."""

    periods: np.ndarray[tuple[int], np.dtype[np.int64]]
    persons: list[str]
    values: dict[str, list[str]]

    def within(self, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, list[str]]:
        """Column → value of each distinct person among the chosen complaints."""
        first: dict[str, int] = {}
        for row in np.flatnonzero(chosen).tolist():
            first.setdefault(self.persons[row], row)
        return {
            name: [column[row] for row in first.values()] for name, column in self.values.items()
        }


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Counts, periods x series; the total is the first series.

    spoken     None without texts
    suspected  rows suspected to be one sender's, periods x series; None where there are none
    """

    series: list[str]
    moments: list[datetime]
    counts: np.ndarray[tuple[int, int], np.dtype[np.int32]]
    notes: list[str]
    texts: ComplaintTexts | None = None
    suspected: np.ndarray[tuple[int, int], np.dtype[np.int32]] | None = None
    placed: Placed | None = None


def count_rows(
    path: Path, *, period: Period, by: Sequence[str], wishes: Mapping[str, str] | None = None
) -> CountedRows:
    """Count the distinct persons of a file of complaints, in all and by each value of `by`.

    wishes  field → column, where its name and content do not tell
    """
    table = read_table(path, flat=True)
    frame, notes = _frame(table, path, by, wishes or {})
    frame = frame.with_columns(pl.col("at").dt.truncate(_POLARS_STEP[period]).alias("period"))
    low: Any = frame["period"].min()
    high: Any = frame["period"].max()
    moments: pl.Series = pl.datetime_range(low, high, _POLARS_STEP[period], eager=True)
    if len(moments) > MOST_PERIODS:
        raise refusals.dates_too_far_apart(period=period, file=path.name, count=f"{len(moments):,}")
    values = sum(frame[name].n_unique() for name in by) + 1
    if values > MOST_SERIES or values * len(moments) > MOST_CELLS:
        raise refusals.too_many_series_at_once(
            file=path.name, series=f"{values:,}", periods=f"{len(moments):,}"
        )
    flags, suspicion_notes = suspected(frame)
    cells = _counted(frame, by, period)
    series, counts = [cell_key or TOTAL for cell_key in cells.places], cells.persons
    counts, unheard = _unheard(counts, moments, period)
    counts, broken = _by_version(frame, counts, series, moments)
    return CountedRows(
        series=series,
        moments=moments.to_list(),
        counts=counts,
        notes=[*notes, *suspicion_notes, *unheard, *broken],
        texts=_texts_of(frame, moments, by),
        suspected=_doubted(frame.filter(pl.Series(flags)), by, period, cells)
        if suspicion_notes
        else None,
        placed=Placed(
            moments.search_sorted(frame["period"]).cast(pl.Int64).to_numpy(),
            frame["person"].to_list(),
            {name: frame[name].to_list() for name in by},
        )
        if by
        else None,
    )


def _unheard(counts: Counts, moments: pl.Series, period: Period) -> tuple[Counts, list[str]]:
    """Periods without one complaint where there are always many: nothing was delivered."""
    missed = silent(counts[:, 0], period)
    if not missed.any():
        return counts, []
    first = moments[int(np.flatnonzero(missed)[0])]
    filled_counts = np.where(missed[:, None], np.int32(MISSING), counts)
    return filled_counts, [
        Translatable(
            SILENT_PERIODS,
            count=f"{int(missed.sum()):,}",
            first=f"{first:%Y-%m-%d %H:%M}",
        )
    ]


def _by_version(
    frame: pl.DataFrame, counts: Counts, series: list[str], moments: pl.Series
) -> tuple[Counts, list[str]]:
    """A class means something else under another version of the classes: no history across it."""
    versions = frame.sort("at")["version"].to_list()
    newest = next((version for version in reversed(versions) if version), "")
    if not newest or all(version == newest for version in versions):
        return counts, []
    begun: Any = frame.filter(pl.col("version") == newest)["period"].min()
    row = int(moments.search_sorted(begun))
    cells = [n for n, name in enumerate(series) if holds_classes(name.partition("=")[0])]
    return unknown_before(counts, row, cells), [
        Translatable(
            BY_VERSION,
            version=newest,
            day=f"{begun:%Y-%m-%d}",
        )
    ]


def holds_classes(column: str) -> bool:
    """Whether a column holds classes of complaints, by its name.

    >>> [holds_classes(one) for one in ("class", "Complaint category", "投诉分类", "area_code")]
    [True, True, True, False]
    """
    name = column.strip().lower()
    return name in CLASSES or _CLASS_IN_NAME.search(name) is not None


def _texts_of(frame: pl.DataFrame, moments: pl.Series, by: Sequence[str]) -> ComplaintTexts | None:
    """The texts in masked form, if there are any."""
    if (frame["text"] == "").all():
        return None
    cells: dict[str, list[int]] = {}
    for name in by:
        for value, part in sorted(
            frame.with_row_index("row").partition_by(name, as_dict=True).items()
        ):
            cells[f"{name}={value[0]}"] = part["row"].to_list()
    return ComplaintTexts(
        texts=[masked.text for masked in mask_texts(frame["text"].to_list())],
        persons=frame["person"].to_list(),
        periods=moments.search_sorted(frame["period"]).to_list(),
        lines=frame["line"].to_list(),
        cells=cells,
    )


def _counted(frame: pl.DataFrame, by: Sequence[str], period: Period) -> Cells:
    """The rows counted as the desk's cube counts its own: a person once in each period and place,
    in all and by each value of each column."""
    rows = frame.select(
        pl.col("at").alias("moment"),
        pl.col("person").hash().alias("who"),
        *(pl.col(name).alias(f"{name}.0") for name in by),
    )
    levels = [(), *((f"{name}.0",) for name in by)]
    return count(rows, levels, period=period, first=frame["at"].min(), last=frame["at"].max())


def _doubted(frame: pl.DataFrame, by: Sequence[str], period: Period, cells: Cells) -> Counts:
    """The suspected rows, counted in the periods and places of all of them."""
    suspect_counts = np.zeros_like(cells.persons)
    suspect_cells = _counted(frame, by, period)
    first = cells.starts.index(suspect_cells.starts[0])
    columns = [cells.places.index(cell_key) for cell_key in suspect_cells.places]
    suspect_counts[first : first + len(suspect_cells.starts), columns] = suspect_cells.persons
    return suspect_counts


def _frame(
    table: Table, path: Path, by: Sequence[str], wishes: Mapping[str, str]
) -> tuple[pl.DataFrame, list[str]]:
    """Moment, person, text and the wished columns of each row that has a date."""
    for name in by:
        if name not in table.header:
            raise refusals.unknown_column(
                file=path.name, line=1, name=name, known=", ".join(table.header[:20])
            )
    chosen = choose_columns(table.header, table.rows, _ROLES, wishes=wishes)
    columns = {name: chosen.by_role[name][0] for name in chosen.by_role}
    if "date" not in columns:
        raise not_found(
            table.header,
            table.rows,
            _ROLES[0],
            missing=NO_DATE,
            alternative=DATE_UNREAD,
            remedy=NAME_DATE,
        )
    texts = narrative(table.header, chosen, text=wishes.get("text", ""))
    cells = table.column(columns["date"])
    reading = reading_of(
        cells,
        column=columns["date"],
        witness_columns=other_dates(table.header, table.rows, columns["date"]),
    )
    clocks = table.column(columns["time"]) if "time" in columns else [""] * len(cells)
    moments = _moments(cells, clocks, reading)
    person = table.column(columns["person"]) if "person" in columns else None
    frame = pl.DataFrame(
        {
            **{name: table.column(name) for name in by},
            "at": [moment.replace(tzinfo=None) if moment else None for moment in moments],
            "person": _persons(person, table.lines),
            "text": texts.texts(table.rows) if texts.columns else [""] * len(cells),
            "line": table.lines,
            "version": table.column(columns["version"])
            if "version" in columns
            else [""] * len(cells),
            "recorded": _recorded(table, columns),
        },
        schema_overrides={"at": pl.Datetime, "recorded": pl.Datetime},
    )
    notes = [*chosen.notes, *table.notes, *reading.notes()]
    if person is None:
        notes.append(Translatable(NO_PERSON_COLUMN))
    elif nameless := sum(not name.strip() for name in person):
        notes.append(Translatable(NAMELESS[nameless == 1], count=f"{nameless:,}"))
    undated = frame["at"].null_count()
    if undated == len(cells):
        raise refusals.column_without_dates(column=columns["date"])
    if undated or table.rejects:
        left_out = undated + len(table.rejects)
        lines = frame.filter(pl.col("at").is_null())["line"].to_list()[:MOST_LINES]
        message = UNDATED_AT[left_out == 1] if lines else UNDATED[left_out == 1]
        notes.append(Translatable(message, count=f"{left_out:,}", lines=", ".join(map(str, lines))))
    return _dated(frame.drop_nulls("at"), notes)


def _moments(
    cells: Sequence[str], clocks: Sequence[str], reading: DateReading
) -> list[datetime | None]:
    """Each row's moment; None where its cell is no date."""
    moments: list[datetime | None] = []
    for number, (cell, clock) in enumerate(zip(cells, clocks, strict=True)):
        moment = read_moment(cell)
        if moment and reading.days is not None:
            moment = replace(moment, parts=None, fixed=reading.days[number])
        moments.append(
            combine(moment, order=reading.order, clock=read_time(clock), zone=UTC)
            if moment
            else None
        )
    return moments


def _persons(named: list[str] | None, lines: Sequence[int]) -> list[str]:
    """Who each row is of; nobody knows that two rows without a name are of one person."""
    names = named or [""] * len(lines)
    return [name if name.strip() else f"\0{line}" for name, line in zip(names, lines, strict=True)]


def _dated(frame: pl.DataFrame, notes: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """Without the few rows months away from all others, which are mistyped years."""
    first, last = far_from_others(frame["at"].to_list())
    near = frame.filter(pl.col("at").is_between(first, last))
    if far := frame.height - near.height:
        lines = frame.filter(~pl.col("at").is_between(first, last))["line"].to_list()
        notes.append(Translatable(FAR[far == 1], count=f"{far:,}", line=lines[0]))
    return near, notes + recorded_late(near["at"].to_list(), near["recorded"].to_list())


def _recorded(table: Table, columns: dict[str, str]) -> list[datetime | None]:
    """When each row was recorded, where a column tells it."""
    if "recorded" not in columns:
        return [None] * len(table.lines)
    cells = table.column(columns["recorded"])
    reading = reading_of(cells, column=columns["recorded"])
    moments: list[datetime | None] = []
    for cell in cells:
        moment = read_moment(cell)
        combined = combine(moment, order=reading.order, clock=None, zone=UTC) if moment else None
        moments.append(combined.replace(tzinfo=None) if combined else None)
    return moments
