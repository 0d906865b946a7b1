"""Import complaints from a file: history as it was, or (`live`) as if they came in now.

Bad rows never stop an import: they land in a file of rejects with their reason, and read =
accepted + duplicates + rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.complaints.actions.import_history import Brought, bring_in
from amends.complaints.actions.intake.submission import Receipt, Submission
from amends.complaints.actions.receive import receive_many
from amends.complaints.queries.sources import contact_times, stored_under
from amends.feeds.complaints.fields import MASKS, WANTED
from amends.feeds.complaints.rows import RowReader, latest_day
from amends.feeds.helpdesks.exports import Export, read_desk
from amends.feeds.helpdesks.threads import Threads
from amends.kit.errors import BadInput
from amends.kit.translatable import translated as in_language
from amends.tabular.columns import ColumnMap, infer
from amends.tabular.dates import DateReading, Order, UnableToReadDates, reading_of
from amends.tabular.report import FileReport, Progress, batches
from amends.tabular.tables import Reject, Table, read_table
from amends.vault.redaction import names_person, redact_person

BATCH = 1_000
# Ids looked up under other sources, and how many of them are more than chance.
SAMPLED = 400
MANY = 2
_DATE_FIELDS = ("received", "closed")


class UnableToTellSource(BadInput):
    """The ids of the file stand already under the name of another source."""

    code = "source_unclear"


@dataclass(frozen=True, slots=True)
class ImportWishes:
    """What the caller decides: mapping wishes, date order, zone, live or history.

    desk     "zammad" or "osticket" for an export of such a desk; "": any table
    entries  the messages of osTicket's tickets, in a file of their own
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: Order | None = None
    encoding: str = ""
    live: bool = False
    source: str = ""
    desk: str = ""
    entries: Path | None = None


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
    export = _read(path, wishes, zone)
    table = export.table
    columns = infer(table.header, table.rows, WANTED, wishes=wishes.columns)
    readings = _readings(table, columns, wishes.date_order, path, latest=latest_day(now, zone))
    reader = RowReader(
        table=table,
        columns=columns,
        orders={name: reading.order for name, reading in readings.items()},
        zone=zone,
        now=now,
        live=wishes.live,
        source=(wishes.source or path.stem)[:40],
        named=bool(wishes.source),
        threads=export.threads if export.talks else None,
    )
    _ask_which_source(reader, path)
    report = FileReport(read=table.read, notes=_notes(table, columns, readings))
    report.notes.append(_source_taken(reader))
    moved = 0
    refused = list(table.rejects)
    brought = Brought()
    done = 0
    for batch in batches(_accepted(reader, refused), BATCH):
        receipts = receive_many(batch, now=now)
        repeated = sum(receipt.joined == "repeat" for receipt in receipts)
        report.accepted += len(batch) - repeated
        report.duplicates += repeated
        moved += _at_other_times(batch, receipts)
        brought.add(bring_in(batch, receipts, now=now))
        done += len(batch)
        progress(done, len(table.rows))
    report.duplicates += reader.repeated
    masks = {column: MASKS[name] for name, column in columns.columns.items() if name in MASKS}
    if export.talks:
        _tell_messages(report, export.threads, brought)
    report.set_aside(table.header, refused, rejects, masks=masks, beside=export.threads.rejects)
    report.notes.extend(reader.notes())
    if moved:
        report.notes.append(
            ngettext(
                "%(count)s row known already has another time on record than this file as it is "
                "read now; what is on record stands. Look at --date-order and --zone.",
                "%(count)s rows known already have another time on record than this file as it is "
                "read now; what is on record stands. Look at --date-order and --zone.",
                moved,
            )
            % {"count": f"{moved:,}"}
        )
    return report


def _read(path: Path, wishes: ImportWishes, zone: tzinfo) -> Export:
    if not wishes.desk:
        return Export(read_table(path, encoding=wishes.encoding, flat=True), talks=False)
    return read_desk(path, wishes.desk, zone=zone, encoding=wishes.encoding, entries=wishes.entries)


def _tell_messages(report: FileReport, threads: Threads, brought: Brought) -> None:
    """Count what was written under the tickets; the counts add up as those of the tickets do."""
    threads.end_of_tickets()
    report.messages = {
        "read": threads.read,
        "accepted": brought.contacts + brought.answers,
        "duplicates": brought.known + threads.repeated,
        "left_out": threads.left_out,
        "rejected": len(threads.rejects),
    }
    counts = {name: f"{number:,}" for name, number in report.messages.items()}
    counts |= {"said": f"{brought.contacts:,}", "answered": f"{brought.answers:,}"}
    report.notes.append(
        _(
            "Messages under the tickets: %(read)s. Brought in: %(said)s of complainants, "
            "%(answered)s of the desk; known already: %(duplicates)s; left out (inner notes, and "
            "those of tickets set aside): %(left_out)s; set aside: %(rejected)s."
        )
        % counts
    )
    if brought.files:
        report.notes.append(_("Files kept: %(count)s.") % {"count": f"{brought.files:,}"})


def _source_taken(reader: RowReader) -> str:
    source = {"source": redact_person(reader.source)}
    if reader.named:
        return _("Source: %(source)s (as you named it); ids are told apart by it.") % source
    if reader.ids():
        return _("Source: %(source)s (the name of the file); ids are told apart by it.") % source
    return _("No column of ids: a row is known again by what stands in it.")


def _ask_which_source(reader: RowReader, path: Path) -> None:
    """Refuse a file under a new name whose ids stand under another source: it would be doubled."""
    ids = [] if reader.named else reader.ids()
    every = max(1, len(ids) // SAMPLED)
    asked = [one for one in ids[::every] if not names_person(one)][:SAMPLED]
    for source, known in stored_under(asked, besides=reader.source).items():
        if known >= MANY and 2 * known >= len(asked):
            named = redact_person(source)
            raise UnableToTellSource(
                _(
                    "It looks like a file that was imported as “%(source)s”: %(known)s of "
                    "%(asked)s ids looked up stand there already."
                )
                % {"source": named, "known": f"{known:,}", "asked": f"{len(asked):,}"},
                where=path.name,
                meaning=_("Nothing was imported: its complaints would be counted twice."),
                next_step=_(
                    "Say --source '%(source)s' to go on with that one, or --source and another "
                    "name if these are the ids of another system."
                )
                % {"source": named},
            )


def _at_other_times(batch: list[Submission], receipts: list[Receipt]) -> int:
    """How many of the rows known already were received at another moment than this file says."""
    said = {
        receipt.contact: one.received_at
        for one, receipt in zip(batch, receipts, strict=True)
        if receipt.joined == "repeat"
    }
    return sum(said[ref] != at for ref, at in contact_times(said).items())


def _readings(
    table: Table, columns: ColumnMap, wish: Order | None, path: Path, *, latest: date
) -> dict[str, DateReading]:
    readings: dict[str, DateReading] = {}
    for name in _DATE_FIELDS:
        if (column := columns.columns.get(name)) is None:
            continue
        others = {other: table.column(other) for other in columns.unused}
        reading = reading_of(table.column(column), column=column, latest=latest, others=others)
        if reading.ambiguous and wish is None:
            narrow, wide = reading.order, reading.other
            question = UnableToReadDates(
                reading.told(_),
                where=path.name,
                meaning=_("Nothing was imported: a wrong guess would move complaints by months."),
                next_step=_(
                    "Say which it is with --date-order %(narrow)s or --date-order %(wide)s."
                )
                % {"narrow": narrow, "wide": wide},
            )
            question.choices = tuple(order for order in (narrow, wide) if order)
            raise question
        readings[name] = replace(reading, order=wish) if wish else reading
    return readings


def _notes(table: Table, columns: ColumnMap, readings: dict[str, DateReading]) -> list[str]:
    named = redact_person(", ".join(columns.sentences()))
    notes = [_("Columns: %(columns)s.") % {"columns": named}]
    if columns.unused:
        unused = redact_person(", ".join(columns.unused))
        notes.append(_("Not used: %(columns)s.") % {"columns": unused})
    if table.encoding not in ("", "utf-8"):
        notes.append(_("Read as %(encoding)s.") % {"encoding": table.encoding})
    for name, reading in readings.items():
        notes.extend(filter(None, [reading.told(_)]))
        notes.append(
            _("Dates of %(field)s read as %(order)s.")
            % {"field": name, "order": reading.order.upper()}
        )
    return [*notes, *(str(in_language(note, _)) for note in table.notes)]


def _accepted(reader: RowReader, refused: list[Reject]) -> Iterator[Submission]:
    """The rows that can be used; the others go to `refused`."""
    for outcome in reader:
        if isinstance(outcome, Reject):
            refused.append(outcome)
        else:
            yield outcome
