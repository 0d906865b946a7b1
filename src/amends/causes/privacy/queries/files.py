"""Files of looks and cases, as columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from amends.causes.privacy import refusals
from amends.causes.privacy.refusals import UnableToReadLooks
from amends.causes.privacy.rules.alerts import CASES, LOOKS

MAX_BYTES = 400_000_000
MAX_ROWS = 3_000_000
MAX_DAYS = 1_100
MAX_USERS = 5_000
MAX_USER_DAYS = 100_000
MAX_CELLS = 1_000_000
SECONDS = 15.0
"""How long a file of 10 MB or less may be examined; a larger one longer in proportion."""
_LONGEST_HEADER = 10_000
_FIRST, _LAST = pl.datetime(1990, 1, 1), pl.datetime(2100, 1, 1)
_OPTIONAL = {"role", "team", "case", "purpose", "closed_at", "opened_by"}
_TIME = (
    r"^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$"
)


@dataclass(frozen=True, slots=True)
class LooksRead:
    """Looks and cases in the clock of the looks file.

    zone      what its times end with most often, "" where they name no zone
    rejected  rows of either file without user, subscriber or a time that can be read
    """

    looks: pl.DataFrame
    cases: pl.DataFrame | None
    zone: str
    rejected: int


def read_looks(looks: Path, cases: Path | None = None) -> LooksRead:
    """Read a file of looks, and one of cases; refused where they hold more than is examined."""
    table = _times(_columns(looks, LOOKS), ("at",))
    zones = table.drop_nulls("at")["at_zone"].drop_nulls()
    zone = str(zones.mode().sort()[0]) if len(zones) else ""
    table = _in_zone(table, ("at",), zone)
    good = table.filter(
        pl.col("at").is_between(_FIRST, _LAST), pl.col("user") != "", pl.col("subscriber") != ""
    )
    rejected = len(table) - len(good)
    _check_extent(good, looks.name)
    opened = None
    if cases is not None:
        case_times = _in_zone(_times(_columns(cases, CASES), CASES[2:4]), CASES[2:4], zone)
        opened = case_times.filter(
            pl.col("opened_at").is_between(_FIRST, _LAST), pl.col("case") != ""
        )
        rejected += len(case_times) - len(opened)
        opened = opened.select(CASES)
    return LooksRead(looks=good.select(LOOKS), cases=opened, zone=zone, rejected=rejected)


def seconds_for(*files: Path | None) -> float:
    """How long files of that size may be examined."""
    size = sum(file.stat().st_size for file in files if file is not None and file.is_file())
    return SECONDS * max(1.0, size / 10_000_000)


def _check_extent(looks: pl.DataFrame, name: str) -> None:
    """Refuse more users and days than one table holds: a year of a thousand users is far below."""
    if looks.is_empty():
        return
    users = looks["user"].n_unique()
    days = looks.select((pl.col("at").max() - pl.col("at").min()).dt.total_days() + 1).item()
    user_days = looks.select(pl.struct("user", pl.col("at").dt.date()).n_unique()).item()
    for what, count, limit in (
        (
            refusals.TOO_MANY_DAYS,
            days,
            MAX_DAYS,
        ),
        (
            refusals.TOO_MANY_USERS,
            users,
            MAX_USERS,
        ),
        (
            refusals.TOO_MANY_DAYS_OF_WORK,
            user_days,
            MAX_USER_DAYS,
        ),
        (
            refusals.TOO_MANY_CELLS,
            users * days,
            MAX_CELLS,
        ),
    ):
        if count > limit:
            raise _too_large(what, name, count, limit)


def _columns(file: Path, names: Sequence[str]) -> pl.DataFrame:
    if not file.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(file))
    header = _header(file, names)
    try:
        table = pl.read_csv(
            file,
            infer_schema=False,
            encoding="utf8-lossy",
            truncate_ragged_lines=True,
            columns=[index for index, name in enumerate(header) if name in names],
        )
    except pl.exceptions.PolarsError as error:
        raise _no_table(file) from error
    table = table.rename(_plain)
    kept_columns = [
        pl.col(name).fill_null("").str.strip_chars()
        if name in table.columns
        else pl.lit("").alias(name)
        for name in names
    ]
    table = table.select(kept_columns)
    return table.filter(pl.any_horizontal(pl.all() != ""))


def _header(file: Path, names: Sequence[str]) -> list[str]:
    """The names of the columns; what is larger than any table of looks is refused unread."""
    if (size := file.stat().st_size) > MAX_BYTES:
        what = refusals.TOO_MANY_MB
        raise _too_large(what, file.name, size // 1_000_000, MAX_BYTES // 1_000_000)
    with file.open("rb") as lines:
        first = lines.readline(_LONGEST_HEADER)
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
    if len(first) == _LONGEST_HEADER:
        raise _no_table(file)
    if rows > MAX_ROWS:
        what = refusals.TOO_MANY_ROWS
        raise _too_large(what, file.name, rows, MAX_ROWS)
    cells = next(csv.reader([first.decode("utf-8-sig", "replace")], strict=False), [])
    header = [_plain(cell) for cell in cells]
    if missing := [name for name in names if name not in {*header, *_OPTIONAL}]:
        raise refusals.column_missing(
            file=file.name, missing=", ".join(missing), names=", ".join(names)
        )
    if double := [name for name in names if header.count(name) > 1]:
        raise refusals.column_twice(file=file.name, double=", ".join(double))
    return header


def _plain(name: str) -> str:
    return name.strip().lstrip("\ufeff").lower()


def _no_table(file: Path) -> UnableToReadLooks:
    return refusals.not_csv(file=file.name)


def _too_large(what: str, file: str, count: int, limit: int) -> UnableToReadLooks:
    return refusals.too_large(what=what, file=file, count=f"{count:,}", most=f"{limit:,}")


def _times(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Reads the times in UTC where they name a zone; the column NAME_zone holds that zone."""
    for name in names:
        day, clock, zone = (
            pl.col(name).str.extract(_TIME, group_index) for group_index in (1, 2, 3)
        )
        clock = pl.when(clock.str.len_chars() == 5).then(clock + ":00").otherwise(clock)
        table = table.with_columns(
            (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).alias(name),
            zone.alias(f"{name}_zone"),
        )
        table = table.with_columns(pl.col(name) - _ahead(pl.col(f"{name}_zone")))
    return table


def _in_zone(table: pl.DataFrame, names: Sequence[str], zone: str) -> pl.DataFrame:
    ahead = _ahead(pl.lit(zone))
    return table.with_columns(
        pl.when(pl.col(f"{name}_zone").is_null())
        .then(pl.col(name))
        .otherwise(pl.col(name) + ahead)
        .alias(name)
        for name in names
    )


def _ahead(zone: pl.Expr) -> pl.Expr:
    """How far a zone's clock is ahead of UTC."""
    digits = zone.str.replace(":", "", literal=True)
    minutes = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(
        3, 2
    ).cast(pl.Int64, strict=False)
    signed = pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes)
    return pl.duration(minutes=signed.fill_null(0))
