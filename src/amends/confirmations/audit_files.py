"""Charges and confirmations given as files: columns found, times read, bad rows counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from amends.confirmations.actions.observe import Observed
from amends.confirmations.rules.audit import ENDED, GIVEN
from amends.kit.errors import BadInput
from amends.kit.periods import from_ms

_CHARGES = ("charge", "service", "amount_minor")
_NAMES = ("subscriber", "offer", "kind", "partner", "campaign", "agent")
_EVENTS = {"given": GIVEN, "confirmed": GIVEN, "refused": ENDED, "withdrawn": ENDED}


class UnableToReadTable(BadInput):
    """A file is no table we know, or lacks a column."""

    code = "table_unreadable"


BAD = {"file": pl.String, "row": pl.Int64, "reason": pl.String}
"""A row that could not be read: its file, its number (the first under the header is 1), and why."""


def read_charges(file: Path, currency: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Charges as the audit takes them, and the rows that could not be read (`BAD`).

    Columns: charge, service, charged_at (or charged_at_ms), amount_minor; if there are any:
    subscriber, offer, kind, started_at, currency, partner, campaign, agent.
    """
    raw = _table(file)
    _demand(raw, file, _CHARGES)
    frame = raw.with_row_index("row", offset=1).with_columns(
        _moment(raw, file, "charged_at").alias("charged_at_ms"),
        (_moment(raw, file, "started_at") if _has(raw, "started_at") else pl.lit(None, pl.Int64))
        .alias("started_at_ms"),
        pl.col("amount_minor").cast(pl.Int64, strict=False),
        (pl.col("currency") if "currency" in raw.columns else pl.lit(currency)).alias("currency"),
        *(_text(raw, name) for name in ("charge", "service", *_NAMES)),
    )  # fmt: skip
    return _parted(frame, file, (
        (pl.col("charged_at_ms").is_null(), "charged_at is not a time"),
        (pl.col("amount_minor").is_null(), "amount_minor is not a whole number"),
        (pl.col("service") == "", "service is empty"),
        ((pl.col("charge") != "") & ~pl.col("charge").is_first_distinct(),
         "this charge stands further up already"),
    ))  # fmt: skip


def _parted(
    frame: pl.DataFrame, file: Path, faults: Sequence[tuple[pl.Expr, str]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows without a fault, and the others with the first they have."""
    why = pl.coalesce(*(pl.when(fault).then(pl.lit(reason)) for fault, reason in faults))
    told = frame.with_columns(why.alias("reason"))
    bad = told.filter(pl.col("reason").is_not_null()).select(
        pl.lit(file.name).alias("file"), pl.col("row").cast(pl.Int64), "reason"
    )
    return told.filter(pl.col("reason").is_null()).drop("reason", "row"), bad


def read_confirmations(files: Sequence[Path]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Confirmations, refusals and withdrawals of all files, and the rows that could not be read.

    Columns: service, given_at (or given_at_ms); if there are any: offer, event (given, refused,
    withdrawn).
    """
    parts, bad = [], [pl.DataFrame(schema=BAD)]
    for file in files:
        raw = _table(file)
        _demand(raw, file, ("service",))
        event = pl.lit(GIVEN, pl.Int64)
        if "event" in raw.columns:
            named = pl.col("event").cast(pl.String).str.to_lowercase()
            event = named.replace_strict(_EVENTS, default=None, return_dtype=pl.Int64)
        frame = raw.select(
            _text(raw, "service"), _text(raw, "offer"),
            _moment(raw, file, "given_at").alias("at_ms"), event.alias("event"),
        ).with_row_index("row", offset=1)  # fmt: skip
        good, wrong = _parted(frame, file, (
            (pl.col("at_ms").is_null(), "given_at is not a time"),
            (pl.col("event").is_null(), "event is not given, confirmed, refused or withdrawn"),
            (pl.col("service") == "", "service is empty"),
        ))  # fmt: skip
        bad.append(wrong)
        parts.append(good)
    empty = {"service": pl.String, "offer": pl.String, "at_ms": pl.Int64, "event": pl.Int64}
    return pl.concat(parts) if parts else pl.DataFrame(schema=empty), pl.concat(bad)


def read_reports(file: Path, source: str) -> tuple[list[Observed], pl.DataFrame]:
    """Services as another system reports them, and the rows that could not be read (`BAD`)."""
    raw = _table(file)
    needed = ("service", "subscriber", "offer", "source_ref")
    _demand(raw, file, needed)
    names = (*needed, "kind", "provider", "agent", "campaign")
    frame = raw.select(
        *(_text(raw, name) for name in names), _moment(raw, file, "since").alias("since_ms")
    ).with_row_index("row", offset=1)
    good, bad = _parted(frame, file, (
        (pl.col("since_ms").is_null(), "since is not a time"),
        *((pl.col(name) == "", f"{name} is empty") for name in needed),
    ))  # fmt: skip
    reports = [
        Observed(
            since=from_ms(row["since_ms"]), source=source, **{name: row[name] for name in names}
        )
        for row in good.to_dicts()
    ]
    return reports, bad


def alike(charges: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where one side knows no offers, the services alone decide."""
    if (events["offer"] == "").all() or (charges["offer"] == "").all():
        plain = pl.lit("").alias("offer")
        return charges.with_columns(plain), events.with_columns(plain)
    return charges, events


def _table(file: Path) -> pl.DataFrame:
    try:
        if file.suffix.lower() == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema_length=10_000, truncate_ragged_lines=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnableToReadTable(
            "The file cannot be read as a table.", where=file.name,
            meaning=str(error).splitlines()[0][:200],
            next_step="Give a CSV file in UTF-8 with a header row, or Parquet.",
        ) from error  # fmt: skip


def _demand(frame: pl.DataFrame, file: Path, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise UnableToReadTable(
                f"The file has no column {name}.", where=f"{file.name}, line 1",
                next_step=f"It needs {', '.join(names)}; it has {', '.join(frame.columns)}.",
            )  # fmt: skip


def _has(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns or f"{name}_ms" in frame.columns


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    found = pl.col(name).cast(pl.String).fill_null("") if name in frame.columns else pl.lit("")
    return found.alias(name)


def _moment(frame: pl.DataFrame, file: Path, name: str) -> pl.Expr:
    """Milliseconds since 1970 UTC, from `name_ms`, a moment, or text in ISO 8601."""
    if f"{name}_ms" in frame.columns:
        return pl.col(f"{name}_ms").cast(pl.Int64, strict=False)
    if name not in frame.columns:
        raise UnableToReadTable(
            f"The file has no column {name}.", where=f"{file.name}, line 1",
            next_step=f"Add {name} (ISO 8601) or {name}_ms (milliseconds since 1970 UTC).",
        )  # fmt: skip
    if frame[name].dtype == pl.String:
        return (
            pl.col(name)
            .str.to_datetime(strict=False, time_unit="ms", time_zone="UTC")
            .dt.epoch("ms")
        )
    if frame[name].dtype.is_temporal():
        return pl.col(name).cast(pl.Datetime("ms")).dt.epoch("ms")
    return pl.col(name).cast(pl.Int64, strict=False)
