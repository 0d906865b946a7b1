"""Import complaints from a file: history as it was, or (`live`) as if they came in now.

Bad rows never stop an import: they land in a file of rejects with their reason, and read =
accepted + duplicates + rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from amends.channels.files.dates import Order, Reading, UnableToReadDates, reading_of
from amends.channels.files.mapping import ColumnMap, infer
from amends.channels.files.report import FileReport, Progress, batches
from amends.channels.files.tables import Reject, Table, read_table
from amends.complaints.actions.receive import receive_many
from amends.complaints.jobs.desks import read_desk
from amends.complaints.jobs.import_fields import MASKS, WANTED
from amends.complaints.jobs.import_rows import RowReader
from amends.complaints.submission import Submission
from amends.vault.unsaying import without_person

BATCH = 1_000
_DATE_FIELDS = ("received", "closed")


@dataclass(frozen=True, slots=True)
class ImportWishes:
    """What the caller decides: mapping wishes, date order, zone, live or history.

    desk    "zammad" or "osticket" for an export of such a desk; "": any table
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: Order | None = None
    encoding: str = ""
    live: bool = False
    source: str = ""
    desk: str = ""


def import_complaints(
    path: Path,
    *,
    wishes: ImportWishes,
    rejects: Path,
    zone: tzinfo,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> FileReport:
    """Read, map, receive; raises `BadInput` only where the file as a whole cannot be used."""
    if wishes.desk:
        table = read_desk(path, wishes.desk, encoding=wishes.encoding)
    else:
        table = read_table(path, encoding=wishes.encoding)
    columns = infer(table.header, table.rows, WANTED, wishes=wishes.columns)
    readings = _readings(table, columns, wishes.date_order, path)
    reader = RowReader(
        table=table,
        columns=columns,
        orders={name: reading.order for name, reading in readings.items()},
        zone=zone,
        now=now,
        live=wishes.live,
        source=(wishes.source or path.stem)[:40],
    )
    report = FileReport(read=table.read, notes=_notes(table, columns, readings))
    refused = list(table.rejects)
    done = 0
    for batch in batches(_accepted(reader, refused), BATCH):
        receipts = receive_many(batch, now=now)
        repeated = sum(receipt.joined == "repeat" for receipt in receipts)
        report.accepted += len(batch) - repeated
        report.duplicates += repeated
        done += len(batch)
        progress(done, len(table.rows))
    report.duplicates += reader.repeated
    masks = {column: MASKS[name] for name, column in columns.columns.items() if name in MASKS}
    report.set_aside(table.header, refused, rejects, masks=masks)
    report.notes.extend(reader.notes())
    return report


def _readings(
    table: Table, columns: ColumnMap, wish: Order | None, path: Path
) -> dict[str, Reading]:
    readings: dict[str, Reading] = {}
    for name in _DATE_FIELDS:
        if (column := columns.columns.get(name)) is None:
            continue
        reading = reading_of(table.column(column), column=column)
        if reading.ambiguous and wish is None:
            narrow, wide = reading.order, reading.other
            question = UnableToReadDates(
                reading.notes[0],
                where=path.name,
                meaning="Nothing was imported: a wrong guess would move complaints by months.",
                next_step=f"Say which it is with --date-order {narrow} or --date-order {wide}.",
            )
            question.choices = tuple(order for order in (narrow, wide) if order)
            raise question
        readings[name] = Reading(wish, reading.notes) if wish else reading
    return readings


def _notes(table: Table, columns: ColumnMap, readings: dict[str, Reading]) -> list[str]:
    notes = [without_person(f"Columns: {', '.join(columns.sentences())}.")]
    if columns.unused:
        notes.append(without_person(f"Not used: {', '.join(columns.unused)}."))
    if table.encoding not in ("", "utf-8"):
        notes.append(f"Read as {table.encoding}.")
    for name, reading in readings.items():
        notes.extend(reading.notes)
        notes.append(f"Dates of {name} read as {reading.order.upper()}.")
    return [*notes, *table.notes]


def _accepted(reader: RowReader, refused: list[Reject]) -> Iterator[Submission]:
    """The rows that can be used; the others go to `refused`."""
    for outcome in reader:
        if isinstance(outcome, Reject):
            refused.append(outcome)
        else:
            yield outcome
