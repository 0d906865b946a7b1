"""Write the rows of a table that were recorded after a number of the ledger, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from amends.entrances.feeds.exports.tables import BASE, TABLES, VERSION, ExportTable
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.record.ledger.queries.numbered import facts_numbered, newest_entry

_AT_ONCE = 10_000
_SUFFIXES = {".csv", ".parquet"}


class UnableToExport(BadInput):
    """There is no such table, the file has another ending, or it cannot be written."""

    code = "unable_to_export"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenExport:
    """The result of an export.

    version  of the table's columns
    next     `--after` of the next export: rows up to this number are in the file
    """

    table: str
    version: int
    file: str
    rows: int
    after: int
    next: int


def write_export(name: str, out: Path, *, after: int = -1) -> WrittenExport:
    """Write a table to a file, which exists only once it is complete."""
    table = TABLES.get(name)
    if table is None:
        raise UnableToExport(
            _("There is no table “%(name)s”."),
            next_step=_("Choose from %(known)s."),
            values={"name": name, "known": ", ".join(TABLES)},
        )
    if out.suffix.lower() not in _SUFFIXES:
        raise UnableToExport(
            _("The name of the file must end in .csv or .parquet."),
            next_step=_("Choose another name."),
        )
    last = newest_entry()
    if not -1 <= after <= last:
        raise UnableToExport(
            _("The ledger has no entry %(number)s yet."),
            next_step=_("Give the “next” of the last export, or leave --after out."),
            values={"number": after},
        )
    partial = out.with_name(f".{out.name}.partial")
    try:
        rows = _write(name, table, partial, out.suffix.lower(), after, last)
        partial.replace(out)
    except OSError as error:
        raise UnableToExport(
            _("%(file)s cannot be written: %(why)s."),
            next_step=_("Choose another name."),
            values={"file": out, "why": error.strerror or ""},
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return WrittenExport(
        table=name, version=VERSION, file=str(out), rows=rows, after=after, next=last
    )


def _schema(name: str, table: ExportTable) -> pa.Schema:
    base = [("number", pa.int64()), ("fact", pa.string()), ("kind", pa.string())]
    own = [
        (field, pa.int64() if table.field_type(field) is int else pa.string())
        for field in table.fields
    ]
    metadata = {"amends.table": name, "amends.version": str(VERSION)}
    return pa.schema([*base, ("happened_at_ms", pa.int64()), *own], metadata=metadata)


def _write(name: str, table: ExportTable, path: Path, suffix: str, after: int, last: int) -> int:
    schema = _schema(name, table)
    count = 0
    writer: Any = (
        pa_csv.CSVWriter(path, schema) if suffix == ".csv" else pq.ParquetWriter(path, schema)
    )
    with writer:
        rows = _rows(table, after, last)
        while batch := list(islice(rows, _AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def _rows(table: ExportTable, after: int, last: int) -> Iterator[dict[str, str | int | None]]:
    for fact in facts_numbered(after, last, kinds=table.kinds):
        base = (fact.seq, fact.id, fact.kind, fact.happened_at_ms)
        yield dict(zip(BASE, base, strict=True)) | {
            field: fact.payload.get(field) for field in table.fields
        }
