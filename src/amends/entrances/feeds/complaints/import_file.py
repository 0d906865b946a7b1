"""Import complaints from a file: history as it was, or (`live`) as if they came in now.

Bad rows never stop an import: they land in a file of rejects with their reason, and read =
accepted + duplicates + rejected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.actions.import_history import ImportedMessages, bring_in
from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.receive import receive_many
from amends.cases.complaints.queries.sources import contact_times, stored_under
from amends.entrances.feeds.complaints.fields import ALIASES, IN_DOCUMENT, MASKS, ROLES
from amends.entrances.feeds.complaints.rows import RowReader, latest_day
from amends.entrances.feeds.helpdesks.exports import TicketExport, read_desk
from amends.entrances.feeds.helpdesks.threads import Threads
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.translatable import translated as in_language
from amends.platform.tabular.columns import (
    ChosenColumns,
    UnableToMapColumns,
    choose_columns,
    dates_of_something_else,
    not_found,
    other_dates,
    role,
)
from amends.platform.tabular.date_order import DateReading, UnableToReadDates, reading_of
from amends.platform.tabular.dates import Order
from amends.platform.tabular.narrative import SAID, Narrative, narrative
from amends.platform.tabular.relative_dates import is_relative
from amends.platform.tabular.report import FileReading, FileReport, Progress, batches
from amends.platform.tabular.tables import Reject, Table, read_table
from amends.platform.vault.masks import mask_email, mask_name, mask_phone
from amends.platform.vault.recognisers import mask_texts
from amends.platform.vault.redaction import names_person, redact_person

BATCH = 1_000
# Ids looked up under other sources, and how many of them are more than chance.
SAMPLED = 400
MANY = 2
_DATE_ROLES = ("received", "closed")
# Rows shown before anything is stored, and cells asked whether they count from another day.
FIRST, FIRST_CELLS = 5, 300
# Where so few of so many texts are different, they are categories.
CATEGORIES_OF, CATEGORIES = 1_000, 0.05
_NO_TEXT = gettext_noop(
    "No column looks like the words of complaints (%(field)s); the file has %(columns)s."
)
_TEXT_UNREAD = gettext_noop("Column “%(column)s” is named like a text, but “%(cell)s” is none.")
_NO_DATE = gettext_noop("No column looks like a date (%(field)s); the file has %(columns)s.")
_DATE_UNREAD = gettext_noop(
    "Column “%(column)s” is named like a date, but “%(cell)s” cannot be read as one."
)
_NAME_TEXT = gettext_noop(
    "Name it with --map %(field)s=COLUMN; if the file has no header row, give it one."
)
_NAME_DATE = gettext_noop(
    "Name it with --map %(field)s=COLUMN, or say of which day all rows are with --received DAY; "
    "dates such as “2 months ago” count from --on DAY. If the file has no header row, give it one."
)


_NO_HEADER = gettext_noop(
    "The first row looks like the others, so the file has no header row; by their cells, none of "
    "its columns (%(columns)s) is %(field)s."
)
_NAME_COLUMN = gettext_noop(
    'Give the file a header row, or name a column by its number: --map %(field)s="column 2".'
)
_NAME_COLUMN_OF_DATES = gettext_noop(
    'Give the file a header row, name a column by its number (--map %(field)s="column 2"), or say '
    "of which day all rows are with --received DAY."
)


@dataclass(frozen=True, slots=True)
class ImportWishes:
    """What the caller decides: mapping wishes, date order, zone, live or history.

    received  the day of rows without one
    on        the day from which relative dates count
    desk      "zammad" or "osticket" for an export of such a desk; "": any table
    entries   the messages of osTicket's tickets, in a file of their own
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: Order | None = None
    received: date | None = None
    on: date | None = None
    encoding: str = ""
    live: bool = False
    source: str = ""
    desk: str = ""
    entries: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it will be read: its table, which column is what, in which order its dates are."""

    path: Path
    export: TicketExport
    columns: ChosenColumns
    texts: Narrative
    readings: dict[str, DateReading]
    reader: RowReader

    @property
    def table(self) -> Table:
        return self.export.table

    def reading(self) -> FileReading:
        """How the file is read, for the document of the command."""
        columns = {
            name: self.columns.of(*roles)
            for name, roles in IN_DOCUMENT.items()
            if self.columns.of(*roles)
        }
        columns["text"] = list(self.texts.columns or self.texts.topics)
        received = self.readings.get("received")
        if self.reader.separate_times == 0 and self.columns.get("time"):
            columns["received_at"] = self.columns.of("received")
        return FileReading(
            columns=columns,
            date_order=received.code if received else None,
            zone=str(self.reader.zone),
            encoding=self.table.encoding,
            languages=dict(self.reader.languages.most_common()),
        )


def open_file(path: Path, *, wishes: ImportWishes, zone: tzinfo, now: datetime) -> ImportFile:
    """Read a file and choose its columns; raises `BadInput` where it cannot be used as a whole."""
    export = _read(path, wishes, zone)
    table = export.table
    named = {ALIASES.get(name, name): column for name, column in wishes.columns.items()}
    columns = choose_columns(table.header, table.rows, ROLES, wishes=named)
    texts = narrative(table.header, columns, text=named.get("text", ""))
    _check_needed(table, columns, texts, wishes)
    readings = _readings(table, columns, wishes.date_order, path, latest=latest_day(now, zone))
    reader = RowReader(
        table=table,
        columns=columns,
        texts=texts,
        readings=readings,
        zone=zone,
        now=now,
        live=wishes.live,
        source=(wishes.source or path.stem)[:40],
        received_on=wishes.received,
        on=wishes.on,
        named=bool(wishes.source),
        threads=export.threads if export.talks else None,
    )
    return ImportFile(
        path=path, export=export, columns=columns, texts=texts, readings=readings, reader=reader
    )


def import_complaints(
    path: Path,
    *,
    wishes: ImportWishes,
    rejects: Path,
    zone: tzinfo,
    now: datetime,
    progress: Progress = lambda processed, total: None,
) -> FileReport:
    """Read, map, receive; raises `BadInput` only where the file as a whole cannot be used."""
    file = open_file(path, wishes=wishes, zone=zone, now=now)
    export, table, reader = file.export, file.table, file.reader
    _ask_which_source(reader, path)
    report = FileReport(read=table.read, notes=_notes(file))
    report.notes.append(_source_taken(reader))
    moved = 0
    refused = list(table.rejects)
    brought = ImportedMessages()
    processed = 0
    for batch in batches(_accepted(reader, refused), BATCH):
        receipts = receive_many(batch, now=now)
        repeated = sum(receipt.joined == "repeat" for receipt in receipts)
        report.accepted += len(batch) - repeated
        report.duplicates += repeated
        moved += _at_other_times(batch, receipts)
        brought.add(bring_in(batch, receipts, now=now))
        processed += len(batch)
        progress(processed, len(table.rows))
    report.duplicates += reader.repeated
    if export.talks:
        _tell_messages(report, export.threads, brought)
    report.set_aside(
        table.header, refused, rejects, masks=_masks(file), further_rejects=export.threads.rejects
    )
    report.notes.extend(reader.notes())
    report.reading = file.reading()
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


def preview_complaints(
    path: Path, *, wishes: ImportWishes, zone: tzinfo, now: datetime
) -> FileReport:
    """What an import would do, with the first rows as they are read; nothing is stored.

    What is on record already is not looked up: `duplicates` are those within the file.
    """
    file = open_file(path, wishes=wishes, zone=zone, now=now)
    refused = list(file.table.rejects)
    first: list[dict[str, str]] = []
    report = FileReport(read=file.table.read, notes=_notes(file))
    for submission in _accepted(file.reader, refused):
        report.accepted += 1
        if len(first) < FIRST:
            first.append(_shown(submission, zone))
    report.duplicates, report.rejected = file.reader.repeated, len(refused)
    if refused:
        report.notes.extend(_reasons(refused))
    report.notes.extend(file.reader.notes())
    report.reading = replace(file.reading(), first=first)
    return report


def _shown(submission: Submission, zone: tzinfo) -> dict[str, str]:
    """A row as it is read, what names somebody masked."""
    return {
        "text": mask_texts([submission.text])[0].text[:400],
        "id": submission.original_id,
        "received_at": submission.received_at.astimezone(zone).isoformat(timespec="minutes"),
        "email": mask_email(submission.email) if submission.email else "",
        "phone": mask_phone(submission.phone) if submission.phone else "",
        "name": mask_name(submission.name) if submission.name else "",
        "area": submission.place,
        "channel": submission.channel,
        "service": submission.service,
        "language": submission.language,
    }


def _reasons(refused: Sequence[Reject]) -> list[str]:
    """The reasons of refused rows, each with its first line."""
    first: dict[str, Reject] = {}
    for reject in refused:
        first.setdefault(reject.reason, reject)
    counts = Counter(reject.reason for reject in refused)
    return [
        _("Refused: %(count)s, the first on line %(line)s: %(reason)s.")
        % {
            "count": f"{count:,}",
            "line": f"{first[reason].line:,}",
            "reason": redact_person(first[reason].translated(_)),
        }
        for reason, count in counts.most_common(5)
    ]


def _masks(file: ImportFile) -> dict[str, Callable[[str], str]]:
    return {
        column: MASKS[name]
        for name, columns in file.columns.by_role.items()
        if name in MASKS
        for column in columns
    }


def _check_needed(
    table: Table, columns: ChosenColumns, texts: Narrative, wishes: ImportWishes
) -> None:
    """Refuse a file without words or without dates, and dates that count from an unknown day."""
    if not texts.columns and not texts.topics:
        raise not_found(
            table.header,
            table.rows,
            role("text"),
            missing=_NO_HEADER if table.headerless else _NO_TEXT,
            alternative=_TEXT_UNREAD,
            remedy=_NAME_COLUMN if table.headerless else _NAME_TEXT,
        )
    column = columns.get("received")
    if column is None and wishes.received is None:
        if other_columns := dates_of_something_else(table.header, table.rows):
            raise UnableToMapColumns(
                _("No column says when the complaints came: “%(column)s” is another day.")
                % {"column": redact_person("”, “".join(other_columns[:5]))},
                meaning=_("Nothing was imported."),
                next_step=_(
                    "If it is the day of the complaints all the same, say --map "
                    "received='%(column)s'; else say of which day all rows are with --received DAY."
                )
                % {"column": redact_person(other_columns[0])},
            )
        raise not_found(
            table.header,
            table.rows,
            role("received"),
            missing=_NO_HEADER if table.headerless else _NO_DATE,
            alternative=_DATE_UNREAD,
            remedy=_NAME_COLUMN_OF_DATES if table.headerless else _NAME_DATE,
        )
    if column is None or wishes.on is not None:
        return
    cells = [cell for cell in table.column(column)[:FIRST_CELLS] if cell.strip()]
    relative = [cell for cell in cells if is_relative(cell)]
    if relative and 2 * len(relative) >= len(cells):
        raise BadInput(
            _("The dates of column “%(column)s” count from a day that is not named: “%(cell)s”.")
            % {"column": redact_person(column), "cell": relative[0]},
            meaning=_("Nothing was imported."),
            next_step=_(
                "Say from which day they count with --on DAY (when the file was made), or of which "
                "day all rows are with --map received= --received DAY."
            ),
            code="dates_relative",
        )


def _read(path: Path, wishes: ImportWishes, zone: tzinfo) -> TicketExport:
    if not wishes.desk:
        return TicketExport(read_table(path, encoding=wishes.encoding, flat=True), talks=False)
    return read_desk(path, wishes.desk, zone=zone, encoding=wishes.encoding, entries=wishes.entries)


def _tell_messages(report: FileReport, threads: Threads, brought: ImportedMessages) -> None:
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
    sampled_ids = [ref for ref in ids[::every] if not names_person(ref)][:SAMPLED]
    for source, match_count in stored_under(sampled_ids, besides=reader.source).items():
        if match_count >= MANY and 2 * match_count >= len(sampled_ids):
            named = redact_person(source)
            raise BadInput(
                _(
                    "It looks like a file that was imported as “%(source)s”: %(known)s of "
                    "%(asked)s ids looked up stand there already."
                )
                % {"source": named, "known": f"{match_count:,}", "asked": f"{len(sampled_ids):,}"},
                where=path.name,
                meaning=_("Nothing was imported: its complaints would be counted twice."),
                next_step=_(
                    "Say --source '%(source)s' to go on with that one, or --source and another "
                    "name if these are the ids of another system."
                )
                % {"source": named},
                code="source_unclear",
            )


def _at_other_times(batch: list[Submission], receipts: list[Receipt]) -> int:
    """How many of the rows known already were received at another moment than this file says."""
    received_by_contact = {
        receipt.contact: submission.received_at
        for submission, receipt in zip(batch, receipts, strict=True)
        if receipt.joined == "repeat"
    }
    return sum(
        received_by_contact[ref] != at for ref, at in contact_times(received_by_contact).items()
    )


def _readings(
    table: Table, columns: ChosenColumns, wish: Order | None, path: Path, *, latest: date
) -> dict[str, DateReading]:
    """In which order the dates of each column are, the others of the same rows compared."""
    readings: dict[str, DateReading] = {}
    for name in _DATE_ROLES:
        if (column := columns.get(name)) is None:
            continue
        if wish:
            reading = reading_of(table.column(column), column=column, latest=latest)
            readings[name] = replace(reading, order=wish, note="", ambiguous=False)
            continue
        reading = reading_of(
            table.column(column),
            column=column,
            latest=latest,
            witness_columns=other_dates(table.header, table.rows, column),
        )
        received = readings.get("received")
        if reading.ambiguous and received and received.code in (reading.order, reading.other):
            reading = DateReading(received.order)  # one program wrote both
        if reading.ambiguous:
            narrow, wide = reading.order, reading.other
            question = UnableToReadDates(
                reading.translated(_),
                where=path.name,
                meaning=_("Nothing was imported: a wrong guess would move complaints by months."),
                next_step=_(
                    "Say which it is with --date-order %(narrow)s or --date-order %(wide)s."
                )
                % {"narrow": narrow, "wide": wide},
            )
            question.choices = tuple(order for order in (narrow, wide) if order)
            raise question
        readings[name] = reading
    return readings


def _notes(file: ImportFile) -> list[str]:
    """How the file is read, in words."""
    columns, table = file.columns, file.table
    text = " + ".join(file.texts.columns or file.texts.topics)
    other_fields = [
        f"{name} ← {' + '.join(headings)}"
        for name, headings in columns.by_role.items()
        if name not in SAID
    ]
    named = redact_person(", ".join([f"text ← {text}", *other_fields]))
    notes = [_("Columns: %(columns)s.") % {"columns": named}]
    notes.extend(_not_free_text(file))
    if columns.unused:
        unused = redact_person(", ".join(columns.unused))
        notes.append(_("Not used: %(columns)s.") % {"columns": unused})
    if table.encoding not in ("", "utf-8"):
        notes.append(_("Read as %(encoding)s.") % {"encoding": table.encoding})
    for name, reading in file.readings.items():
        notes.extend(filter(None, [reading.translated(_)]))
        if reading.code:
            notes.append(
                _("Dates of %(field)s read as %(order)s.")
                % {"field": name, "order": reading.code.upper()}
            )
    return [*notes, *(str(in_language(note, _)) for note in [*columns.notes, *table.notes])]


def _not_free_text(file: ImportFile) -> list[str]:
    """What to say where the texts are no sentences but categories."""
    if file.texts.columns:
        texts = file.texts.texts(file.table.rows[:CATEGORIES_OF])
        different = len(set(texts))
        if len(texts) < CATEGORIES_OF // 10 or different > CATEGORIES * len(texts):
            return []
    named = redact_person(" + ".join(file.texts.columns or file.texts.topics))
    return [
        _("The file has no free text: the texts are the categories of %(columns)s.")
        % {"columns": named}
    ]


def _accepted(reader: RowReader, refused: list[Reject]) -> Iterator[Submission]:
    """The rows that can be used; the others go to `refused`."""
    for outcome in reader:
        if isinstance(outcome, Reject):
            refused.append(outcome)
        else:
            yield outcome
