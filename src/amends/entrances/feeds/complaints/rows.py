"""One row of a file to one submission, or to a reject with its reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.actions.intake import Submission
from amends.entrances.feeds.complaints.fields import CHANNELS, STATES, date_shown, known
from amends.entrances.feeds.helpdesks.threads import Threads
from amends.platform.kit.dates import local_day
from amends.platform.kit.errors import AmendsError, gettext_noop
from amends.platform.kit.languages import SAMPLE, ColumnLanguages, column_languages
from amends.platform.tabular.columns import ChosenColumns
from amends.platform.tabular.date_order import DateReading
from amends.platform.tabular.dates import CellMoment, combine, read_moment, read_time
from amends.platform.tabular.narrative import Narrative
from amends.platform.tabular.relative_dates import relative_day
from amends.platform.tabular.tables import Reject, Table
from amends.platform.tabular.values import YES, is_area, language_code
from amends.platform.vault.redaction import redact_person

_EARLIEST_YEAR = 1990
UNKNOWN_LANGUAGE = "und"
"""ISO 639-2 for a text whose language nobody can tell."""
_MAP_DATES = gettext_noop(
    "Name the column of dates with --map received=COLUMN (--map closed= leaves that one out), "
    "write the dates like 2026-11-24, or say --received DAY for rows without one."
)
_RELATIVE = gettext_noop(
    "Say from which day such dates count with --on DAY, or name the day of all rows with "
    "--map received= --received DAY."
)
_ORDER_DATES = gettext_noop(
    "Say in which order the dates are written with --date-order, or name another column with --map."
)


class _Unusable(Exception):
    """Why a row cannot be used: the words, what is filled in, and what to do about a whole file
    of such rows."""

    def __init__(self, reason: str, remedy: str = "", **values: object) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.values = reason, remedy, values


@dataclass(slots=True)
class RowReader:
    """Iterates over a table's rows as submissions and rejects; counts what it sees twice.

    texts        how the text of a row is put together
    received_on  the day of rows without one
    on           the day from which relative dates count
    source       the system the ids are of; `named` if somebody said so, else it is the file's name
    threads      what was written under the tickets of another desk, by their ids
    clocks_beside  rows whose time of day is in a column of its own
    """

    table: Table
    columns: ChosenColumns
    texts: Narrative
    readings: dict[str, DateReading]
    zone: tzinfo
    now: datetime
    live: bool
    source: str
    received_on: date | None = None
    on: date | None = None
    named: bool = False
    threads: Threads | None = None
    repeated: int = 0
    separate_times: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    _column: ColumnLanguages | None = None
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    _unknown: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _without_time: int = 0
    _without_zone: int = 0
    _without_day: int = 0
    _no_areas: int = 0

    def __iter__(self) -> Iterator[Submission | Reject]:
        indexes = {
            name: self.table.header.index(columns[0])
            for name, columns in self.columns.by_role.items()
        }
        for number, (line, row) in enumerate(zip(self.table.lines, self.table.rows, strict=True)):
            cells = {name: row[index].strip() for name, index in indexes.items()}
            cells["text"] = self.texts.of(row)
            try:
                submission = self._submission(number, row, cells)
            except _Unusable as why:
                cut = tuple(cell[:1000] for cell in row)
                yield Reject(
                    line=line, reason=why.reason, cells=cut, values=why.values, remedy=why.remedy
                )
                continue
            except AmendsError as why:
                yield Reject(line, why.in_words(_), tuple(cell[:1000] for cell in row))
                continue
            content = hash("\x1f".join(row))
            if (before := self._seen.get(submission.key)) is None:
                self._seen[submission.key] = (content, line)
            elif before[0] == content:
                self.repeated += 1
                continue
            else:
                message = _("has the id of line %(line)s and other content; that one was kept")
                reason = message % {"line": f"{before[1]:,}"}
                yield Reject(line, reason, tuple(cell[:1000] for cell in row))
                continue
            self.languages[submission.language] += 1
            yield self._with_messages(submission, cells) if self.threads else submission

    def ids(self) -> list[str]:
        """The ids of the rows as the source gave them, once each, in order."""
        column = self.columns.get("original_id")
        cells = self.table.column(column) if column else []
        return list(dict.fromkeys(_short(cell.strip(), 80) for cell in cells if cell.strip()))

    def notes(self) -> list[str]:
        """What people should know after the whole file was read."""
        notes = [
            ngettext(
                "%(count)s row has the unknown %(field)s “%(cell)s”; it was kept as “%(kept)s”.",
                "%(count)s rows have the unknown %(field)s “%(cell)s”; it was kept as “%(kept)s”.",
                number,
            )
            % {"count": f"{number:,}", "field": field, "cell": cell, "kept": fallback}
            for (field, cell, fallback), number in sorted(self._unknown.items())
        ]
        counts = {
            "time": self._without_time,
            "zone": self._without_zone,
            "day": self._without_day,
            "area": self._no_areas,
            "row": 0 if "original_id" in self.columns.by_role else self.repeated,
        }
        if count := counts["time"]:
            notes.append(
                ngettext(
                    "%(count)s row has no time of day; midnight was taken.",
                    "%(count)s rows have no time of day; midnight was taken.",
                    count,
                )
                % {"count": f"{count:,}"}
            )
        if count := counts["zone"]:
            notes.append(
                ngettext(
                    "%(count)s row has a time without a zone; it was taken as %(zone)s. --zone "
                    "names another.",
                    "%(count)s rows have a time without a zone; it was taken as %(zone)s. --zone "
                    "names another.",
                    count,
                )
                % {"count": f"{count:,}", "zone": self.zone}
            )
        if count := counts["day"]:
            notes.append(
                ngettext(
                    "%(count)s row has no date; %(day)s was taken, as you said.",
                    "%(count)s rows have no date; %(day)s was taken, as you said.",
                    count,
                )
                % {"count": f"{count:,}", "day": self.received_on}
            )
        if count := counts["area"]:
            notes.append(
                ngettext(
                    "%(count)s row has an address in place of an area; it was left out.",
                    "%(count)s rows have an address in place of an area; it was left out.",
                    count,
                )
                % {"count": f"{count:,}"}
            )
        if count := counts["row"]:
            notes.append(
                ngettext(
                    "%(count)s row equals an earlier one in every cell; it was taken once.",
                    "%(count)s rows equal an earlier one in every cell; each was taken once.",
                    count,
                )
                % {"count": f"{count:,}"}
            )
        return notes

    def _submission(self, number: int, row: list[str], cells: dict[str, str]) -> Submission:
        if cells.get("inbound") and cells["inbound"].lower() not in YES:
            raise _Unusable(_("was written by the company, not by a complainant"))
        received = self._moment("received", number, cells)
        closed = self._moment("closed", number, cells) if cells.get("closed") else None
        self._check_sequence(received, closed)
        return Submission(
            channel=self._word(cells, "channel", CHANNELS, "import"),
            key=self._key(row, cells),
            text=cells["text"],
            received_at=received,
            name=cells.get("name", ""),
            phone=cells.get("phone", ""),
            email=cells.get("email", ""),
            service=cells.get("service", "")[:64],
            language=self._language(cells),
            province=cells.get("province", "")[:8],
            place=self._area(cells.get("place", "")),
            brand=cells.get("brand", "")[:40],
            wanted=cells.get("wanted", ""),
            on_behalf=cells.get("on_behalf", "").lower() in YES,
            urgent=cells.get("urgent", "").lower() in YES,
            by="import",
            history=not self.live,
            state="" if self.live else self._word(cells, "state", STATES, "received"),
            closed_at=closed,
            original_id=_short(cells.get("original_id", ""), 80),
            original_source=self.source if cells.get("original_id") else "",
        )

    def _language(self, cells: dict[str, str]) -> str:
        """The code in the column of languages, else the language of the text within its file."""
        if code := language_code(cells.get("language", "")):
            return code
        if self._column is None:
            rows = self.table.rows
            texts = self.texts.texts(rows[:: max(1, len(rows) // SAMPLE)])
            self._column = column_languages(texts, expected=settings.CUSTOMER_LANGUAGES)
        return self._column.language_of(cells["text"]) or UNKNOWN_LANGUAGE

    def _with_messages(self, submission: Submission, cells: dict[str, str]) -> Submission:
        """The submission with what was written to and fro under its ticket."""
        assert self.threads is not None
        messages = self.threads.take(
            cells.get("original_id", ""),
            channel=submission.channel,
            received_at=submission.received_at,
            zone=self.zone,
            now=self.now,
        )
        if not messages:
            return submission
        noted = "".join(message.noted for message in messages if message.opens)
        return replace(submission, messages=messages, noted=noted)

    def _key(self, row: list[str], cells: dict[str, str]) -> str:
        """The source's own id, else a hash of the row: importing a file twice doubles nothing."""
        if cells.get("original_id"):
            return _short(f"{self.source}:{cells['original_id']}", 120)
        # Every cell under its column, in an order that does not depend on the file.
        content = "\x1f".join(sorted(map("\x1e".join, zip(self.table.header, row, strict=True))))
        # Without an id the row itself is what is known, under whatever name its file comes.
        source = self.source if self.named else "row"
        return f"{source}:{hashlib.sha256(content.encode()).hexdigest()[:32]}"

    def _area(self, cell: str) -> str:
        """The area a row names; where somebody lives is nobody's area."""
        if not cell or is_area(cell):
            return cell[:64]
        self._no_areas += 1
        return ""

    def _moment(self, name: str, number: int, cells: dict[str, str]) -> datetime:
        cell = cells.get(name, "")
        if not cell and name == "received" and self.received_on:
            self._without_day += 1
            return combine_day(self.received_on, self.zone)
        if not cell:
            raise _Unusable(_("has no date in %(field)s"), _(_MAP_DATES), field=name)
        moment = read_moment(cell) or self._relative(cell)
        if moment is None:
            message, shown_cell = _("%(field)s “%(cell)s” is not a date"), date_shown(cell[:60])
            raise _Unusable(message, _(_MAP_DATES), field=name, cell=shown_cell)
        clock = read_time(cells.get("time", "")) if name == "received" else None
        reading = self.readings[name]
        if reading.days is not None:
            moment = replace(moment, parts=None, fixed=reading.days[number])
        instant = combine(moment, order=reading.order, clock=clock, zone=self.zone)
        if instant is None:
            message = _("%(field)s “%(cell)s” is not a day of the calendar")
            raise _Unusable(message, _(_ORDER_DATES), field=name, cell=date_shown(cell[:60]))
        if name == "received":
            timed = clock is not None or moment.clock is not None
            self.separate_times += clock is not None and moment.clock is None
            self._without_time += not timed
            self._without_zone += timed and moment.zone is None
        return instant

    def _relative(self, cell: str) -> CellMoment | None:
        """A date that counts from another day."""
        day = relative_day(cell, self.on or local_day(self.zone, self.now))
        if day and self.on is None:
            message = _("“%(cell)s” counts from a day that the file does not name")
            raise _Unusable(message, _(_RELATIVE), cell=cell[:40])
        return CellMoment(None, day, None) if day else None

    def _check_sequence(self, received: datetime, closed: datetime | None) -> None:
        latest = latest_day(self.now, self.zone)
        came = local_day(self.zone, received)
        if came > latest:
            message = _("was received on %(day)s, which lies in the future")
            raise _Unusable(message, _(_ORDER_DATES), day=came)
        if came.year < _EARLIEST_YEAR:
            message = _("was received in %(year)s, before %(earliest)s")
            raise _Unusable(message, _(_ORDER_DATES), year=came.year, earliest=_EARLIEST_YEAR)
        if closed is None:
            return
        # A closing date without a time of day may lie at midnight of the day of receipt.
        ended = local_day(self.zone, closed)
        if ended < came:
            message = _("was closed on %(day)s, before it was received on %(came)s")
            raise _Unusable(message, _(_ORDER_DATES), day=ended, came=came)
        if ended > latest:
            message = _("was closed on %(day)s, which lies in the future")
            raise _Unusable(message, _(_ORDER_DATES), day=ended)

    def _word(
        self, cells: dict[str, str], name: str, table: dict[str, tuple[str, ...]], default: str
    ) -> str:
        cell = cells.get(name, "")
        if not cell:
            return default
        canonical = known(cell, table)
        if not canonical:
            key = (name, redact_person(cell)[:40], default)
            self._unknown[key] = self._unknown.get(key, 0) + 1
        return canonical or default


def latest_day(now: datetime, zone: tzinfo) -> date:
    """The last day a complaint may be of: a source's clock may go ahead, or stand further east."""
    return local_day(zone, now) + timedelta(days=1)


def combine_day(day: date, zone: tzinfo) -> datetime:
    """The beginning of a day in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _short(text: str, max_length: int) -> str:
    """The text, or its beginning and a print of the whole, so that two long ids stay two."""
    if len(text) <= max_length:
        return text
    return f"{text[: max_length - 33]}~{hashlib.sha256(text.encode()).hexdigest()[:32]}"
