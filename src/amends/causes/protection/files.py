"""Files of calls and reports, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from amends.causes.protection.rules.reputation import CALLS, REPORTS
from amends.platform.kit.errors import BadInput, gettext_noop

MAX_BYTES = 20_000_000_000
_YES = ("1", "true", "t", "yes", "y", "是", "1.0")
_NO = ("", "0", "false", "f", "no", "n", "否", "0.0")


class UnableToReadCalls(BadInput):
    """The file is no CSV with the columns that are needed."""

    code = "unable_to_read_calls"


def scan_calls(file: Path) -> pl.LazyFrame:
    """The calls of a file, not read yet: caller, called, at, seconds, answered, is_usable.

    Numbers stay as they are written. A row without caller, called, a time or seconds, or whose
    `answered` is neither a yes nor a no, is not usable. Raises UnableToReadCalls where a column
    is missing; reading the rows may too (`reading`).
    """
    answered = pl.col("answered").str.strip_chars().str.to_lowercase()
    return (
        _columns(file, CALLS)
        .with_columns(
            pl.col("caller", "called").str.strip_chars(),
            _time("at"),
            pl.col("seconds").str.strip_chars().cast(pl.Float64, strict=False),
            answered=pl.when(answered.is_in(_YES))
            .then(pl.lit(value=True))
            .when(answered.is_in(_NO))
            .then(pl.lit(value=False)),
        )
        .with_columns(
            is_usable=pl.all_horizontal(
                pl.col("caller") != "",
                pl.col("called") != "",
                pl.col("at").is_not_null(),
                (pl.col("seconds").is_finite() & (pl.col("seconds") >= 0)).fill_null(False),
                pl.col("answered").is_not_null(),
                pl.col("caller") != pl.col("called"),
            )
        )
    )


def scan_reports(file: Path) -> pl.LazyFrame:
    """The reports of a file, not read yet: number, at, reporter, kind, is_usable."""
    return (
        _columns(file, REPORTS)
        .with_columns(pl.all().str.strip_chars())
        .with_columns(is_usable=(pl.col("number") != "") & (pl.col("reporter") != ""))
    )


def no_usable_call(file: Path) -> UnableToReadCalls:
    """The error of a file of calls without any that can be used."""
    return UnableToReadCalls(
        gettext_noop("%(file)s contains no usable call."),
        next_step=gettext_noop(
            "Times are written as 2026-11-30T08:15:00, seconds as numbers, answered as 1 or 0."
        ),
        values={"file": file.name},
    )


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Raise UnableToReadCalls where the quotation marks of a file do not match."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise UnableToReadCalls(
            gettext_noop("%(file)s is a damaged CSV table: a quotation mark is not closed."),
            meaning=gettext_noop("Nothing was read."),
            next_step=gettext_noop("Close it, or write it twice if it belongs to the text."),
            values={"file": file.name},
        ) from error


def _time(name: str) -> pl.Expr:
    """A time as written, without its zone: what counts is the clock of the place."""
    text = pl.col(name).str.strip_chars().str.replace("T", " ", literal=True).str.slice(0, 19)
    seconds = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
    return (
        pl.coalesce(
            text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
            text.str.slice(0, 16).str.to_datetime("%Y-%m-%d %H:%M", strict=False),
            pl.from_epoch(seconds.cast(pl.Int64, strict=False), time_unit="s"),
        )
    ).alias(name)


def _columns(file: Path, names: Sequence[str]) -> pl.LazyFrame:
    if not file.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(file))
    if file.stat().st_size > MAX_BYTES:
        raise UnableToReadCalls(
            gettext_noop("%(file)s is larger than 20 GB."),
            meaning=gettext_noop("Nothing was read."),
            next_step=gettext_noop("Send fewer days in one file."),
            values={"file": file.name},
        )
    try:
        table = pl.scan_csv(
            file, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True
        )
        header = {name.strip().lstrip("\ufeff").lower(): name for name in table.collect_schema()}
    except pl.exceptions.PolarsError as error:
        raise UnableToReadCalls(
            gettext_noop("%(file)s is not a CSV table."),
            next_step=gettext_noop("Save it as CSV in UTF-8 with a header row."),
            values={"file": file.name},
        ) from error
    if missing := [name for name in names if name not in header]:
        raise UnableToReadCalls(
            gettext_noop("%(file)s has no column %(missing)s."),
            next_step=gettext_noop("The columns are %(names)s."),
            values={"file": file.name, "missing": ", ".join(missing), "names": ", ".join(names)},
        )
    return table.select(pl.col(header[name]).fill_null("").alias(name) for name in names)
