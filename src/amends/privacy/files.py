"""Files of looks and cases, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from amends.kit.errors import BadInput, gettext_noop
from amends.privacy.rules.alerts import CASES, LOOKS

_OPTIONAL = {"role", "team", "case", "purpose", "closed_at", "opened_by"}
_TIME = (
    r"^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$"
)


class UnableToReadLooks(BadInput):
    """The file is no CSV with the columns that are needed."""

    code = "unable_to_read_looks"


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
    """Read a file of looks, and one of cases."""
    table = _times(_columns(looks, LOOKS), ("at",))
    zones = table.drop_nulls("at")["at_zone"].drop_nulls()
    zone = str(zones.mode().sort()[0]) if len(zones) else ""
    table = _in_zone(table, ("at",), zone)
    good = table.filter(
        pl.col("at").is_not_null(), pl.col("user") != "", pl.col("subscriber") != ""
    )
    rejected = len(table) - len(good)
    opened = None
    if cases is not None:
        given = _in_zone(_times(_columns(cases, CASES), CASES[2:4]), CASES[2:4], zone)
        opened = given.filter(pl.col("opened_at").is_not_null(), pl.col("case") != "")
        rejected += len(given) - len(opened)
        opened = opened.select(CASES)
    return LooksRead(good.select(LOOKS), opened, zone, rejected)


def _columns(file: Path, names: Sequence[str]) -> pl.DataFrame:
    if not file.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(file))
    try:
        table = pl.read_csv(
            file, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True
        )
    except pl.exceptions.PolarsError as error:
        raise UnableToReadLooks(
            gettext_noop("%(file)s is no CSV table."),
            next_step=gettext_noop("Save it as CSV in UTF-8 with a header row."),
            values={"file": file.name},
        ) from error
    table = table.rename(lambda name: name.strip().lstrip("\ufeff").lower())
    if missing := [name for name in names if name not in {*table.columns, *_OPTIONAL}]:
        raise UnableToReadLooks(
            gettext_noop("%(file)s has no column %(missing)s."),
            next_step=gettext_noop("The columns are %(names)s."),
            values={"file": file.name, "missing": ", ".join(missing), "names": ", ".join(names)},
        )
    kept = [
        pl.col(name).fill_null("").str.strip_chars()
        if name in table.columns
        else pl.lit("").alias(name)
        for name in names
    ]
    return table.select(kept)


def _times(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Reads the times in UTC where they name a zone; `NAME_zone` is what they end with."""
    for name in names:
        day, clock, zone = (pl.col(name).str.extract(_TIME, place) for place in (1, 2, 3))
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
