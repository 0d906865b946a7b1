"""Read where lines were seen: registrations of the network, or usage records with their country."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from amends.causes.notices.rules.watching import SIGHTED
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_READ: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": lambda path: pl.read_csv(path, infer_schema=False),
    ".csv.gz": lambda path: pl.read_csv(path, infer_schema=False),
    ".jsonl": lambda path: pl.read_ndjson(path, infer_schema_length=None),
}


class UnableToReadSightings(BadInput):
    """The file does not say when which line was seen where."""

    code = "sightings_unreadable"


def read_sightings(path: Path) -> tuple[pl.DataFrame, int]:
    """A frame of `watching.SIGHTED`, and how many rows could not be read.

    Columns: `service`, `at_ms` or `at` (ISO 8601 with a zone), `country` (two letters abroad, empty
    at home). Charges, which happen nowhere, are left out where there is a column `kind`.
    """
    ending = next((suffix for suffix in _READ if path.name.endswith(suffix)), "")
    try:
        raw = _READ[ending](path) if ending else None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refused(path, _("The file cannot be read in the format its name states.")) from error
    if raw is None:
        raise _refused(path, _("Files of this kind cannot be read."))
    named = raw.rename(str.lower)
    missing = [
        column_name for column_name in ("service", "country") if column_name not in named.columns
    ]
    if missing or not {"at", "at_ms"} & set(named.columns):
        raise _refused(
            path, _("The column %(column)s is missing."), column=(missing or ["at_ms"])[0]
        )
    if "kind" in named.columns:
        named = named.filter(pl.col("kind").cast(pl.String).fill_null("") != "charge")
    read = named.select(
        service=pl.col("service").cast(pl.String),
        at_ms=_moment(named),
        country=pl.col("country")
        .cast(pl.String)
        .fill_null("")
        .str.strip_chars()
        .str.to_uppercase(),
    )
    good = read.filter(
        (pl.col("service").fill_null("") != "")
        & pl.col("at_ms").is_not_null()
        & pl.col("country").str.contains("^([A-Z]{2})?$")
    )
    return good.select(pl.col(name).cast(form) for name, form in SIGHTED.items()), (
        len(read) - len(good)
    )


def _moment(named: pl.DataFrame) -> pl.Expr:
    if "at_ms" in named.columns:
        return pl.col("at_ms").cast(pl.Int64, strict=False)
    if named.schema["at"] == pl.String:
        return (
            pl.col("at")
            .str.to_datetime(time_unit="ms", time_zone="UTC", strict=False)
            .dt.epoch("ms")
        )
    return pl.col("at").dt.convert_time_zone("UTC").dt.epoch("ms")


def _refused(path: Path, what: str, **values: object) -> UnableToReadSightings:
    return UnableToReadSightings(
        what,
        meaning=_("It was not searched for lines near a border."),
        next_step=_("Give Parquet, CSV or JSON lines with service, at (or at_ms) and country."),
        where=path.name,
        values=values,
    )
