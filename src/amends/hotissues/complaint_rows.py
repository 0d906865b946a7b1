"""Complaints, a row each, as counts of distinct persons by period and series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from amends.channels.files.dates import combine, read_moment, read_time, reading_of
from amends.channels.files.mapping import Wanted, dates, infer, times
from amends.channels.files.tables import Table, read_table
from amends.hotissues.rules.baseline.references import Period
from amends.kit.errors import BadInput
from amends.vault.recognisers import mask_texts

TOTAL = "total"
ALIKE_IN_A_MINUTE = 20
STEPS: dict[Period, timedelta] = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
}
_POLARS_STEP: dict[Period, str] = {"week": "1w", "day": "1d", "hour": "1h"}
MOST_PERIODS = 200_000

_FIELDS = (
    Wanted("date", ("date", "received", "received_at", "created_at", "时间", "日期"), dates, True),
    Wanted("time", ("time", "时刻"), times),
    Wanted("person", ("person", "subscriber", "customer", "user", "msisdn", "用户", "客户")),
    Wanted("text", ("text", "title", "description", "words", "内容", "标题")),
)


class UnableToCountComplaints(BadInput):
    """The rows cannot be counted by period."""

    code = "unable_to_count_complaints"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the complaints say, an entry each: masked text, person, period, line of the file."""

    texts: list[str]
    persons: list[str]
    periods: list[int]
    lines: list[int]
    cells: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts, periods x series; the total is the first series. `spoken`: None without texts."""

    series: list[str]
    moments: list[datetime]
    counts: np.ndarray[tuple[int, int], np.dtype[np.int32]]
    notes: list[str]
    spoken: Spoken | None = None


def count_rows(path: Path, *, period: Period, by: Sequence[str]) -> Counted:
    """Count the distinct persons of a file of complaints, in all and by each value of `by`."""
    table = read_table(path)
    frame, notes = _frame(table, path, by)
    frame = frame.with_columns(pl.col("at").dt.truncate(_POLARS_STEP[period]).alias("period"))
    low, high = frame["period"].min(), frame["period"].max()
    moments = pl.datetime_range(low, high, _POLARS_STEP[period], eager=True)  # type: ignore[arg-type]
    if len(moments) > MOST_PERIODS:
        raise UnableToCountComplaints(
            f"The dates of {path.name} span {len(moments):,} {period}s.",
            next_step="Look for a mistyped year, or count longer periods.",
        )
    axis = pl.DataFrame({"period": moments})
    series, columns = [TOTAL], [_count(frame, axis)]
    for name in by:
        for value, part in sorted(frame.partition_by(name, as_dict=True).items()):
            series.append(f"{name}={value[0]}")
            columns.append(_count(part, axis))
    notes += _suspects(frame)
    spoken = _spoken(frame, moments, by)
    return Counted(series, moments.to_list(), np.stack(columns, axis=1), notes, spoken)


def _spoken(frame: pl.DataFrame, moments: pl.Series, by: Sequence[str]) -> Spoken | None:
    """The texts in masked form, if there are any."""
    if (frame["text"] == "").all():
        return None
    cells: dict[str, list[int]] = {}
    for name in by:
        for value, part in sorted(
            frame.with_row_index("row").partition_by(name, as_dict=True).items()
        ):
            cells[f"{name}={value[0]}"] = part["row"].to_list()
    return Spoken(
        [masked.text for masked in mask_texts(frame["text"].to_list())],
        frame["person"].to_list(),
        moments.search_sorted(frame["period"]).to_list(),
        frame["line"].to_list(),
        cells,
    )


def _count(frame: pl.DataFrame, axis: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    counted = frame.group_by("period").agg(pl.col("person").n_unique().alias("persons"))
    filled = axis.join(counted, on="period", how="left", maintain_order="left")
    return filled["persons"].fill_null(0).cast(pl.Int32).to_numpy()


def _frame(table: Table, path: Path, by: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Moment, person, text and the wished columns of each row that has a date."""
    for name in by:
        if name not in table.header:
            raise UnableToCountComplaints(
                f"There is no column {name!r}; there are {', '.join(table.header[:20])}.",
                where=f"{path.name}, line 1",
                next_step="Name one of them with --by.",
            )
    columns = infer(table.header, table.rows, _FIELDS).columns
    cells = table.column(columns["date"])
    reading = reading_of(cells, column=columns["date"])
    clocks = table.column(columns["time"]) if "time" in columns else [""] * len(cells)
    moments = [
        combine(moment, order=reading.order, clock=read_time(clock), zone=UTC)
        if (moment := read_moment(cell))
        else None
        for cell, clock in zip(cells, clocks, strict=True)
    ]
    person = table.column(columns["person"]) if "person" in columns else None
    frame = pl.DataFrame(
        {
            **{name: table.column(name) for name in by},
            "at": [moment.replace(tzinfo=None) if moment else None for moment in moments],
            "person": person or [str(line) for line in table.lines],
            "text": table.column(columns["text"]) if "text" in columns else [""] * len(cells),
            "line": table.lines,
        },
        schema_overrides={"at": pl.Datetime},
    )
    notes = [*table.notes, *reading.notes]
    if person is None:
        notes.append("No column names the person: every row counts as a person of its own.")
    undated = frame["at"].null_count()
    if undated == len(cells):
        raise UnableToCountComplaints(
            f"Column {columns['date']!r} holds no date.", next_step="Name the dates: 2026-11-24."
        )
    if undated or table.rejects:
        notes.append(f"{undated + len(table.rejects):,} rows without a date were left out.")
    return frame.drop_nulls("at"), notes


def _suspects(frame: pl.DataFrame) -> list[str]:
    """Near-identical texts in one minute: counted all the same, and said."""
    plain = [re.sub(r"[\W\d_]+", "", text.lower())[:120] for text in frame["text"].to_list()]
    alike = (
        frame.with_columns(pl.Series("plain", plain), pl.col("at").dt.truncate("1m"))
        .filter(pl.col("plain") != "")
        .group_by("at", "plain")
        .len()
        .filter(pl.col("len") >= ALIKE_IN_A_MINUTE)
    )
    return [
        f"{count:,} rows of {at:%Y-%m-%d %H:%M} say the same: suspected to be one sender. They are "
        "counted."
        for at, count in alike.sort("at").select("at", "len").iter_rows()
    ]
