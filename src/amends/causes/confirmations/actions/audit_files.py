"""Charges and confirmations given as files: columns found, times read, bad rows counted.

References stay the text they are ("00123" is not 123), whatever else is in their column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from amends.causes.confirmations.actions.record_observed import Observed
from amends.causes.confirmations.rules.audit import ENDED, GIVEN
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import from_ms
from amends.platform.tabular.hash_partitions import read_batches

_CHARGES = ("charge", "service", "amount_minor")
_NAMES = ("subscriber", "offer", "kind", "partner", "campaign", "agent")
_EVENTS = {"given": GIVEN, "confirmed": GIVEN, "refused": ENDED, "withdrawn": ENDED}


LAST_MS = (1 << 32) * 1000 - 1
"""The audit knows times from 1970 to 2106; any other is taken for a mistake."""
MOST_MINOR = 10**11
"""Above it an amount is taken for a mistake; ten million of the largest still add up exactly."""
BAD = {"file": pl.String, "row": pl.Int64, "reason": pl.String}
"""A row that could not be read: its file, its number (the first under the header is 1), and why."""


def charge_batches(file: Path, currency: str, zone: str) -> Iterator[pl.DataFrame]:
    """Charges as the audit takes them, some at once, each with its `row` and its `fault`.

    zone  of times that state none

    Columns: charge, service, charged_at (or charged_at_ms), amount_minor; if there are any:
    subscriber, offer, kind, started_at, currency, partner, campaign, agent.
    """
    for raw, first in _batches(file, _CHARGES):
        started = _has(raw, "started_at")
        has_start = _is_filled(raw, "started_at") if started else pl.lit(False)
        frame = raw.select(
            *(_text(raw, name) for name in ("charge", "service", *_NAMES)),
            _moment(raw, file, "charged_at", zone).alias("charged_at_ms"),
            (_moment(raw, file, "started_at", zone) if started else pl.lit(None, pl.Int64)).alias(
                "started_at_ms"
            ),
            _whole(raw, "amount_minor"),
            (_text(raw, "currency") if "currency" in raw.columns else pl.lit(currency)).alias(
                "currency"
            ),
            has_start.alias("has_start"),
        )
        yield _numbered(
            frame,
            first,
            (
                (pl.col("charged_at_ms").is_null(), "charged_at is not a time"),
                (
                    pl.col("has_start") & pl.col("started_at_ms").is_null(),
                    "started_at is not a time",
                ),
                (pl.col("amount_minor").is_null(), "amount_minor is not a whole number"),
                (
                    pl.col("amount_minor").abs() > MOST_MINOR,
                    "amount_minor is larger than any charge",
                ),
                (pl.col("service") == "", "service is empty"),
            ),
        ).drop("has_start")


def confirmation_batches(file: Path, zone: str) -> Iterator[pl.DataFrame]:
    """Confirmations, refusals and withdrawals, some at once, each with its `row` and its `fault`.

    Columns: service, given_at (or given_at_ms); if there are any: offer, event (given, refused,
    withdrawn).
    """
    for raw, first in _batches(file, ("service",)):
        event = pl.lit(GIVEN, pl.Int64)
        if "event" in raw.columns:
            event = _text(raw, "event").str.to_lowercase()
            event = event.replace_strict(_EVENTS, default=None, return_dtype=pl.Int64)
        frame = raw.select(
            _text(raw, "service"),
            _text(raw, "offer"),
            _moment(raw, file, "given_at", zone).alias("at_ms"),
            event.alias("event"),
        )
        yield _numbered(
            frame,
            first,
            (
                (pl.col("at_ms").is_null(), "given_at is not a time"),
                (pl.col("event").is_null(), "event is not given, confirmed, refused or withdrawn"),
                (pl.col("service") == "", "service is empty"),
            ),
        )


def bad_rows(frame: pl.DataFrame, file: Path) -> pl.DataFrame:
    """The rows with a fault, as `BAD`."""
    return frame.filter(pl.col("fault").is_not_null()).select(
        pl.lit(file.name).alias("file"),
        pl.col("row").cast(pl.Int64),
        pl.col("fault").alias("reason"),
    )


def _numbered(
    frame: pl.DataFrame, first: int, faults: Sequence[tuple[pl.Expr, str]]
) -> pl.DataFrame:
    """Rows with their number and the first fault they have."""
    why = pl.coalesce(*(pl.when(fault).then(pl.lit(reason)) for fault, reason in faults))
    return frame.with_columns(why.alias("fault")).with_row_index("row", offset=first)


def read_reports(file: Path, source: str, zone: str) -> tuple[list[Observed], pl.DataFrame]:
    """Services as another system reports them, and the rows that could not be read (`BAD`)."""
    needed = ("service", "subscriber", "offer", "source_ref")
    raw = pl.concat([batch for batch, _first in _batches(file, needed)])
    names, ends = (*needed, "kind", "provider", "agent", "campaign"), _has(raw, "until")
    frame = raw.select(
        *(_text(raw, name) for name in names),
        _moment(raw, file, "since", zone).alias("since_ms"),
        (_moment(raw, file, "until", zone) if ends else pl.lit(None, pl.Int64)).alias("until_ms"),
        (_is_filled(raw, "until") if ends else pl.lit(False)).alias("has_end"),
    )
    numbered = _numbered(
        frame,
        1,
        (
            (pl.col("since_ms").is_null(), "since is not a time"),
            (pl.col("has_end") & pl.col("until_ms").is_null(), "until is not a time"),
            (pl.col("until_ms") < pl.col("since_ms"), "until lies before since"),
            *((pl.col(name) == "", f"{name} is empty") for name in needed),
        ),
    )
    reports = [
        Observed(
            since=from_ms(row["since_ms"]),
            source=source,
            until=None if row["until_ms"] is None else from_ms(row["until_ms"]),
            **{name: row[name] for name in names},
        )
        for row in numbered.filter(pl.col("fault").is_null()).to_dicts()
    ]
    return reports, bad_rows(numbered, file)


def _batches(file: Path, needed: Sequence[str]) -> Iterator[tuple[pl.DataFrame, int]]:
    """Rows of the file, some at once, and the number of the first of them."""
    try:
        if file.suffix.lower() == ".parquet":
            scan = pl.scan_parquet(file)
        else:
            scan = pl.scan_csv(file, infer_schema=False, truncate_ragged_lines=True)
        _demand(scan.collect_schema().names(), file, needed)
        first = 1
        for batch in read_batches(scan):
            yield batch, first
            first += batch.height
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadInput(
            _("The file cannot be read as a table."),
            where=file.name,
            meaning=str(error).splitlines()[0][:200],
            next_step=_("Give a CSV file in UTF-8 with a header row, or Parquet."),
            code="table_unreadable",
        ) from error


def _demand(columns: Sequence[str], file: Path, names: Sequence[str]) -> None:
    for name in names:
        if name not in columns:
            raise BadInput(
                _("The file has no column %(columns)s."),
                where=_("%(file)s, line %(line)s"),
                at={"file": file.name, "line": 1},
                next_step=_("It needs %(needed)s; it has %(there)s."),
                values={
                    "columns": name,
                    "needed": ", ".join(names),
                    "there": ", ".join(columns),
                },
                code="table_unreadable",
            )


def _has(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns or f"{name}_ms" in frame.columns


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    if name not in frame.columns:
        return pl.lit("").alias(name)
    # PostgreSQL keeps no NUL; a reference that is nothing else is none.
    plain = pl.col(name).cast(pl.String).str.replace_all("\0", "", literal=True)
    return plain.str.strip_chars().fill_null("").alias(name)


def _is_filled(frame: pl.DataFrame, name: str) -> pl.Expr:
    return _text(frame, name if name in frame.columns else f"{name}_ms") != ""


def _whole(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Whole numbers; null for anything else: no part of an amount is dropped silently."""
    kind = frame[name].dtype
    if kind == pl.String:
        return pl.col(name).str.strip_chars().cast(pl.Int64, strict=False)
    whole_number = pl.col(name).cast(pl.Int64, strict=False)
    if kind.is_integer():
        return whole_number
    return pl.when(pl.col(name) == pl.col(name).round(0)).then(whole_number).alias(name)


def _moment(frame: pl.DataFrame, file: Path, name: str, zone: str) -> pl.Expr:
    """Milliseconds since 1970 UTC, from the column NAME_ms, a moment, or text in ISO 8601."""
    milliseconds = _stated(frame, file, name, zone)
    return pl.when(milliseconds.is_between(0, LAST_MS)).then(milliseconds)


def _stated(frame: pl.DataFrame, file: Path, name: str, zone: str) -> pl.Expr:
    if f"{name}_ms" in frame.columns:
        return _whole(frame, f"{name}_ms")
    if name not in frame.columns:
        raise BadInput(
            _("The file has no column %(columns)s."),
            where=_("%(file)s, line %(line)s"),
            at={"file": file.name, "line": 1},
            next_step=_("Add %(name)s (ISO 8601) or %(name)s_ms (milliseconds since 1970 UTC)."),
            values={"columns": name, "name": name},
            code="table_unreadable",
        )
    if (kind := frame[name].dtype) == pl.String:
        return pl.lit(_read_moments(frame[name], zone))
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return pl.col(name).dt.epoch("ms")
    if kind.is_temporal():
        return _in_zone(pl.col(name).cast(pl.Datetime("ms")), zone)
    return _whole(frame, name)


_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_USUAL = (
    ("%Y-%m-%dT%H:%M:%SZ", False),
    ("%Y-%m-%dT%H:%M:%S", True),
    ("%Y-%m-%d %H:%M:%S", True),
    ("%Y-%m-%d", True),
)
_OFFSET = r"T.*?\s*(Z|z|[+-]\d{2}:?\d{2})$"


def _read_moments(texts: pl.Series, zone: str) -> pl.Series:
    """Milliseconds of texts, each with its own way of writing; null for what is no time.

    A time without an offset is one of `zone`: of an hour that comes twice the first, and none of
    an hour that is left out. What is written as the first row is read at once, the rest by itself.
    """
    moments = _read_usual(texts, zone)
    odd = moments.is_null() & texts.is_not_null()
    if not odd.any():
        return moments
    return moments.scatter(odd.arg_true(), _read_odd(texts.filter(odd), zone))


def _read_usual(texts: pl.Series, zone: str) -> pl.Series:
    """The times that are written as the first of all, if that is a usual way."""
    first = texts.drop_nulls().head(1)
    for form, is_local in _USUAL:
        if first.str.to_datetime(form, strict=False, time_unit="ms").drop_nulls().len():
            read = texts.str.to_datetime(form, strict=False, time_unit="ms").alias("read")
            placed = _in_zone(pl.col("read"), zone) if is_local else pl.col("read").dt.epoch("ms")
            return read.to_frame().select(placed).to_series()
    return pl.Series("read", [None] * len(texts), dtype=pl.Int64)


def _read_odd(texts: pl.Series, zone: str) -> pl.Series:
    text_column = pl.col("text")
    frame = (
        texts.alias("text")
        .to_frame()
        .with_columns(
            text_column.str.strip_chars()
            .str.replace(r"^(\d{4})[-/](\d\d?)[-/](\d\d?)", "$1-$2-$3")
            .str.replace(r"^(\S+)\s+(\d)", "${1}T$2")
        )
        .with_columns(text_column.str.extract(_OFFSET).alias("offset"))
    )
    frame = frame.with_columns(text_column.str.replace(r"(T.*?)\s*(?:Z|z|[+-]\d{2}:?\d{2})$", "$1"))
    read = pl.Series("read", [None] * len(frame), dtype=pl.Datetime("ms"))
    for form in _FORMATS:
        if read.null_count() > texts.null_count():
            tried = frame["text"].str.to_datetime(form, strict=False, time_unit="ms")
            read = pl.select(pl.coalesce(read, tried)).to_series()
    digits = pl.col("offset").str.replace(":", "")
    minutes = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(
        3, 2
    ).cast(pl.Int64, strict=False)
    away = pl.when(digits.str.starts_with("-")).then(-minutes).otherwise(minutes).fill_null(0)
    moment = pl.col("read")
    return (
        frame.with_columns(read.alias("read"))
        .select(
            pl.when(pl.col("offset").is_null())
            .then(_in_zone(moment, zone))
            .otherwise(moment.dt.epoch("ms") - away * 60_000)
        )
        .to_series()
    )


def _in_zone(moment: pl.Expr, zone: str) -> pl.Expr:
    placed = moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.epoch("ms")
