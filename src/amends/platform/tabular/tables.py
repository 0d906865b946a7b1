"""One table out of a file: a header, rows of text with their line numbers, and what was refused."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from amends.platform.environment.limited_process import LimitReached, ReaderLimits, output_lines
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.received_files import sniff
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular import parquet_reader
from amends.platform.tabular.columns import known_columns
from amends.platform.tabular.encodings import UnableToDecode, decode
from amends.platform.tabular.first_row import is_data
from amends.platform.tabular.json_shapes import entries
from amends.platform.tabular.parquet_reader import cell_text
from amends.platform.tabular.rich_text import rich_cell, rich_text
from amends.platform.tabular.spreadsheets import rows_of
from amends.platform.vault.redaction import redact_person

MAX_FILE_BYTES = 2 * 1024**3
MAX_CELL_CHARACTERS = 1_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2_000
MAX_CELLS = 20_000_000
# Text repeated in a Parquet file is stored once: a small file may hold far more than memory.
_MOST_PARQUET_BYTES = 256_000_000
_MOST_PARQUET_TIMES = 20
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# Comments before JSON, and the assignment of archives that are read by a script of theirs.
_JSON_BEGINS = re.compile(
    rb"(?:\s*(?://|#)[^\r\n]*[\r\n])*\s*(?:(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$\[\]\"']*\s*=\s*)?[{\[]"
)
_ASSIGNED = re.compile(r"(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$\[\]\"']*\s*=\s*(?=[{\[])")
_COMMENT = re.compile(r"\s*(?://|#)")
_HEADER_WITHIN = 20
_SAMPLE = 200
_MOST_NESTED = 4
# Below an empty row another table may begin; where such rows are many, they only set rows apart.
_MOST_GAPS = 4
_WIDE = 3
# What the words and the speaker of an utterance are called within a transcript.
_UTTERANCES = ("text", "content", "utterance", "message", "body", "value")
_SPEAKERS = ("speaker", "role", "from", "author", "sender", "participant")
# What a file is that holds no table, by the kind its first bytes show.
_NO_TABLES = {
    "application/msword": _(
        "%(file)s is a workbook of the old Excel form (.xls), which is not read."
    ),
    "text/html": _("%(file)s is a web page (HTML), whatever its name says."),
    "image": _("%(file)s is a picture."),
    "application/pdf": _("%(file)s is a PDF document."),
    "application/x-archive": _("%(file)s is a packed archive."),
}


class UnableToReadFile(BadInput):
    """The file holds no table; nothing of it was imported."""

    code = "file_unreadable"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be used: its line, why, and its cells as they were.

    values  what is filled into the reason, once it is told in the reader's language; of an error
            what it says
    remedy  what to do if it is so with every row
    """

    line: int
    reason: str
    cells: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""

    def translated(self, translate: Callable[[str], str]) -> str:
        """Why, in another language."""
        reason = translate(self.reason)
        values = {
            name: value.translated(translate)[0] if isinstance(value, AmendsError) else value
            for name, value in self.values.items()
        }
        return reason % values if values else reason


@dataclass(slots=True)
class Table:
    """Header and rows; `lines[i]` is the line of `rows[i]` in the file.

    headerless  the first row looks like the others, so the columns are called by their numbers
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    format: str
    encoding: str = ""
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headerless: bool = False

    def column(self, name: str) -> list[str]:
        """All cells of one column."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]

    @property
    def read(self) -> int:
        """Rows the file holds, good and bad."""
        return len(self.rows) + len(self.rejects)


def not_readable(path: Path, error: OSError) -> UnableToReadFile:
    """What to say of a file that is not there, or may not be read."""
    return UnableToReadFile(
        _("%(file)s cannot be read: %(why)s."),
        next_step=_("Check its name and rights."),
        values={"file": path, "why": error.strerror},
    )


def _refusal(path: Path, message: str, remedy: str) -> UnableToReadFile:
    return UnableToReadFile(message, next_step=remedy, values={"file": path.name})


def read_table(path: Path, *, encoding: str | None = None, flat: bool = False) -> Table:
    """Read a CSV, Excel, JSON or Parquet file, told apart by what it holds.

    encoding  a wish; "" where none was expressed, None where whoever asks can express none
    flat      what stands in JSON objects within others gets columns of its own, `outer.inner`

    Raises `UnableToReadFile` (or a kin) if there is no table in it.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise not_readable(path, error) from error
    if size == 0:
        raise _refusal(path, _("%(file)s is empty."), _("Send a file with a header row and rows."))
    if size > MAX_FILE_BYTES:
        raise _refusal(path, _("%(file)s has more than 2 GB."), _("Split it."))
    if start[:4] == b"PAR1":
        return _parquet(path)
    if start[:4] == b"PK\x03\x04":
        rows = enumerate(rows_of(path, is_header=_names_columns), start=1)
        return _framed(rows, "xlsx", path, repeats=flat)
    _refuse_other_kinds(path, start)
    if _JSON_BEGINS.match(start.removeprefix(b"\xef\xbb\xbf")):
        return _json(path, encoding, flat=flat)
    return _delimited(path, encoding, repeats=flat)


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    kind = sniff(start)
    if kind == "text/html" and not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return  # a complaint may quote a web page
    if message := _NO_TABLES.get(kind) or _NO_TABLES.get(kind.partition("/")[0]):
        raise UnableToReadFile(
            message,
            meaning=_("Nothing was imported."),
            next_step=_(
                "Open it in the program it is of, save it as .xlsx or .csv, and send that."
            ),
            values={"file": path.name},
        )


def _delimited(path: Path, encoding: str | None, *, repeats: bool) -> Table:
    text, used = _decoded(path, encoding)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise _refusal(path, _("%(file)s holds only blanks."), _("Send a file with rows."))
    csv.field_size_limit(2**31 - 1)
    text, comments = _without_comments(text, is_comment=_is_no_row)
    table = _framed(_numbered(text, path), "csv", path, repeats=repeats)
    table.encoding = used
    table.notes.extend(comments)
    return table


def _without_comments(
    text: str, *, is_comment: Callable[[str, str], bool]
) -> tuple[str, list[str]]:
    """The text with its first lines left empty where they are comments, and what to say of it.

    is_comment  whether the line is one, with the text below it
    """
    below = text.removeprefix("\ufeff")
    passed: list[str] = []
    while match := _LINE.match(below):
        line, following = match[0], below[match.end() :]
        if line.strip() and not (_COMMENT.match(line) and is_comment(line, following)):
            break
        passed.append(line.strip())
        below = following
    comments = list(filter(None, passed))
    if not comments:
        return text, []
    sentence = _("Comment lines passed over at the beginning: %(count)s (“%(first)s”).")
    note = Translatable(sentence, count=len(comments), first=redact_person(comments[0])[:80])
    return "\n" * len(passed) + below, [note]


def _is_no_row(line: str, below: str) -> bool:
    """Whether a line with a sign of comments is none of the table: "#" may name a column."""
    after = next(
        (following_line for following_line in below[:65536].splitlines() if following_line.strip()),
        "",
    )
    if _COMMENT.match(after):
        return line.lstrip().startswith("//") or line[:2] in ("# ", "##")
    sign = _delimiter(below)
    return bool(after) and len(line.split(sign)) != len(after.split(sign))


def _decoded(path: Path, encoding: str | None) -> tuple[str, str]:
    try:
        return decode(path.read_bytes(), encoding=encoding)
    except UnableToDecode as why:
        raise why.found_in(path.name) from why


def _numbered(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin on."""
    delimiter = _delimiter(text)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    while True:
        lines.of_row.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        if lines.are_over and _stays_open(lines.of_row, delimiter):
            raise UnableToReadFile(
                _("A quotation mark that opens here is not closed before the end of the file."),
                where=f"{path.name}:{line}",
                meaning=_("All that follows would be one cell, so nothing was imported."),
                next_step=_(
                    "Close it, or write it twice if it belongs to the words; if the file was cut"
                    " off, send it whole."
                ),
            )
        yield line, row
        line = reader.line_num + 1


class _Lines:
    """The lines of a text; those of the row that is being read are kept."""

    def __init__(self, text: str) -> None:
        self.of_row: list[str] = []
        self.are_over = False
        self._left = _LINE.finditer(text)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        numbered_line = next(self._left, None)
        if numbered_line is None:
            self.are_over = True
            raise StopIteration
        self.of_row.append(numbered_line[0])
        return numbered_line[0]


def _stays_open(lines: list[str], delimiter: str) -> bool:
    """Whether the last row ends within quotation marks, which a lenient reader passes over."""
    closed = [*lines, '"']
    lenient = list(csv.reader(lines, delimiter=delimiter))
    return bool(lenient) and len(list(csv.reader(closed, delimiter=delimiter))) == len(lenient)


def _delimiter(text: str) -> str:
    """The sign of the line that names the most columns, else of the first line."""
    lines = [line for line in text.lstrip("\ufeff")[:65536].splitlines() if line.strip()]
    lines = lines[:_HEADER_WITHIN] or [""]

    def names(sign: str) -> tuple[int, int]:
        return max(known_columns(line.split(sign)) for line in lines), lines[0].count(sign)

    return max(_DELIMITERS, key=names)


def _framed(
    rows: Iterator[tuple[int, list[str]]], form: str, path: Path, *, repeats: bool
) -> Table:
    """Split header and rows; ragged and oversized rows are set aside with their reason.

    repeats  columns of the same name are numbered, as an export of Jira has a "Comment" for each;
             else they are refused
    """
    filled = _Filled(rows)
    first = list(itertools.islice(filled, _SAMPLE))
    if not first:
        raise _without_rows(path)
    at = _header_at([row for _line, row in first])
    if is_data(first[at][1], [row for _line, row in first[at + 1 :]]):
        at = -1
    width = len(first[max(at, 0)][1])
    notes: list[str] = []
    names = first[at][1] if at >= 0 else [""] * width
    if repeats:
        names, notes = _numbered_names(names)
    header = _header(names, path)
    table = Table(header=header, rows=[], lines=[], format=form, notes=notes, headerless=at < 0)
    if at < 0:
        sentence = _(
            "The first row looks like the others, so the file has no header row: it was read as "
            "a row, and the columns are called “column 1”, “column 2” and so on."
        )
        table.notes.append(sentence)
    elif at:
        sentence = _("Lines skipped above the header: %(count)s.")
        table.notes.append(Translatable(sentence, count=first[at][0] - 1))
    below = itertools.chain(first[at + 1 :], filled)
    repeated = 0
    for line, row in below:
        gaps = len(filled.after_blank) <= _MOST_GAPS
        if gaps and line in filled.after_blank and _begins_table(row, table):
            left = 1 + sum(1 for _row in below)
            sentence = _(
                "A second table begins on line %(line)s (%(columns)s): its rows were not read "
                "(%(count)s lines). Send it as a file of its own."
            )
            named = redact_person(", ".join(filter(None, map(str.strip, row))))[:200]
            values = {"line": f"{line:,}", "columns": named, "count": f"{left:,}"}
            table.notes.append(Translatable(sentence, **values))
            break
        if row[0].strip() == header[0] and [cell.strip() for cell in row] == header:
            repeated += 1
            continue
        if fault := _fault(row, len(header)):
            cells = tuple(cell[:1000] for cell in row[:200])
            table.rejects.append(Reject(line=line, reason=fault[0], cells=cells, values=fault[1]))
        else:
            table.rows.append(list(map(rich_cell, row)))
            table.lines.append(line)
        _limit(table.read, len(header), path)
    if repeated:
        sentence = _(
            "The header stands again between the rows: %(count)s times, which are no rows."
        )
        table.notes.append(Translatable(sentence, count=f"{repeated:,}"))
    if not table.read:
        raise _refusal(path, _("%(file)s has a header and no rows."), _("Send a file with rows."))
    return table


class _Filled:
    """The rows that are not empty; `after_blank` are the lines of those below an empty one."""

    def __init__(self, rows: Iterator[tuple[int, list[str]]]) -> None:
        self._rows = rows
        self._blank = False
        self.after_blank: set[int] = set()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        for line, row in self._rows:
            if not any(cell.strip() for cell in row):
                self._blank = True
                continue
            if self._blank:
                self.after_blank.add(line)
                self._blank = False
            return line, row
        raise StopIteration


def _begins_table(row: list[str], table: Table) -> bool:
    """Whether a row below an empty one is the title or the header of another table.

    A row of the first table fills most of its columns, and nearly all rows hold a digit.
    """
    filled = [cell.strip() for cell in row if cell.strip()]
    usual = [sum(map(bool, table_row)) for table_row in table.rows[:_HEADER_WITHIN]]
    if not usual or any(map(str.isdecimal, "".join(filled))):
        return False
    named = _names_columns(row) and filled != [name for name in table.header if name in filled]
    return named or (len(filled) == 1 and sorted(usual)[len(usual) // 2] >= _WIDE)


def _header_at(rows: Sequence[Sequence[str]]) -> int:
    """Where the header stands: below titles and notes, which fill few cells and name no column."""
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = Counter(widths).most_common(1)[0][0]
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        if _names_columns(row) and all(width < usual for width in widths[:at]):
            return at
    return next((at for at, width in enumerate(widths[:_HEADER_WITHIN]) if 2 * width > usual), 0)


def _names_columns(row: Sequence[str]) -> bool:
    return known_columns(row) > 1


def _limit(rows: int, columns: int, path: Path) -> None:
    """Refuse a table that would take all memory."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise UnableToReadFile(
            _("%(file)s has more than %(rows)s rows, %(columns)s columns or %(cells)s cells."),
            meaning=_("Nothing was imported."),
            next_step=_("Split it, and leave out the columns that are not needed."),
            values={
                "file": path.name,
                "rows": f"{MAX_ROWS:,}",
                "columns": f"{MAX_COLUMNS:,}",
                "cells": f"{MAX_CELLS:,}",
            },
        )


def _numbered_names(row: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of columns, those that come again with their number, and what to say of them."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for cell in row:
        name = cell.strip()
        seen[name] += 1
        names.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else cell)
    repeated_names = [name for name, count in seen.items() if name and count > 1]
    sentence = _(
        "Names that several columns have: %(columns)s; the further ones are called “… (2)” and so "
        "on."
    )
    named = redact_person(", ".join(repeated_names[:10]))[:200]
    return names, [Translatable(sentence, columns=named)] if repeated_names else []


def _header(row: list[str], path: Path) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in row]
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnableToReadFile(
            _("The header names the column “%(column)s” twice."),
            where=f"{path.name}:1",
            next_step=_("Give each column a name of its own."),
            values={"column": redact_person(twice)[:40]},
        )
    return names


def _without_rows(path: Path) -> UnableToReadFile:
    return _refusal(path, _("%(file)s has no rows."), _("Send a file with rows."))


def _fault(row: list[str], width: int) -> tuple[str, dict[str, object]] | None:
    """Why a row cannot be used, and what is filled into the words."""
    if len(row) != width:
        sentence = _("has a cell count of %(cells)s, the header of %(width)s")
        return sentence, {"cells": len(row), "width": width}
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in row):
        return _("has a cell of more than %(most)s characters"), {
            "most": f"{MAX_CELL_CHARACTERS:,}"
        }
    return None


def _json(path: Path, encoding: str | None, *, flat: bool) -> Table:
    """One object a line, one list of objects, or one object that holds such a list."""
    text, used = _decoded(path, encoding)
    text, notes = _without_comments(text, is_comment=lambda _line, _below: True)
    if assigned := _ASSIGNED.match(text.lstrip("\ufeff \t\r\n")):
        lead = text.index(assigned[0]) + len(assigned[0])
        text = "\n" * text.count("\n", 0, lead) + text[lead:].rstrip().removesuffix(";")
    objects = _listed(text, path)
    rejects: list[Reject] = []
    indexes: dict[str, int] = {}
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, value in _lines_of_json(text, rejects) if objects is None else objects:
        if not isinstance(value, dict):
            rejects.append(Reject(line, _("is not a JSON object"), (str(value)[:1000],)))
            _limit(len(rejects), 1, path)
            continue
        row = [""] * len(indexes)
        for name, cell in _flat(value) if flat else value.items():
            cell = _as_talk(cell) if flat else cell
            index = indexes.setdefault(name, len(indexes))
            if index == len(row):
                row.append("")
            row[index] = cell_text(cell)
        rows.append(row)
        lines.append(line)
        _limit(len(rows), len(indexes), path)
    if not indexes:
        remedy = _("Write one object a line, or one list of objects.")
        raise _refusal(path, _("%(file)s holds no JSON object."), remedy)
    for row in rows:
        row.extend("" for _index in range(len(indexes) - len(row)))
    notes.extend(_pull_requests(indexes, rows))
    return Table(
        header=list(indexes),
        rows=rows,
        lines=lines,
        format="jsonl",
        encoding=used,
        rejects=rejects,
        notes=notes,
    )


def _pull_requests(indexes: Mapping[str, int], rows: Sequence[Sequence[str]]) -> list[str]:
    """What to say of changes of code among the issues of a project."""
    own = [index for name, index in indexes.items() if name.split(".")[0] == "pull_request"]
    count = sum(any(row[index] for index in own) for row in rows)
    sentence = _("Pull requests among the rows: %(count)s. They were read like issues.")
    return [Translatable(sentence, count=f"{count:,}")] if count else []


def _listed(text: str, path: Path) -> Iterator[tuple[int, object]] | None:
    """The entries of the one table that the text is or holds; None where it is no such thing."""
    first, _end, remainder = text.strip().partition("\n")
    if first.startswith("{") and first.rstrip().endswith("}") and remainder:
        return None  # an object a line
    _limit(text.count("{"), 1, path)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    entry_rows = entries(document)
    return None if entry_rows is None else _emptied(entry_rows)


def _emptied(listed: list[object]) -> Iterator[tuple[int, object]]:
    """The entries with their numbers; each is given up with its turn, for memory's sake."""
    listed.reverse()
    for number in range(1, len(listed) + 1):
        yield number, listed.pop()


def _lines_of_json(text: str, rejects: list[Reject]) -> Iterator[tuple[int, object]]:
    # Not `splitlines`: within a string of JSON the other separators of lines may stand as they are.
    for line, raw in enumerate(io.StringIO(text, newline=None), start=1):
        if not raw.strip():
            continue
        try:
            yield line, orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            why: dict[str, object] = {"why": error}
            rejects.append(
                Reject(line=line, reason=_("is not JSON: %(why)s"), cells=(raw[:1000],), values=why)
            )


def _parquet(path: Path) -> Table:
    max_bytes = max(_MOST_PARQUET_BYTES, _MOST_PARQUET_TIMES * path.stat().st_size)
    limits = ReaderLimits(memory_bytes=4_000_000_000, cpu_s=300, wait_s=600, output_bytes=max_bytes)
    damaged = _refusal(path, _("%(file)s is a damaged Parquet file."), _("Write it again."))
    rows: list[list[str]] = []
    try:
        with path.open("rb") as file:
            wanted = (str(MAX_ROWS), str(MAX_COLUMNS))
            lines = output_lines(parquet_reader.__name__, *wanted, file=file, limits=limits)
            head = orjson.loads(next(lines))
            if "damaged" in head:
                raise damaged
            if not head["rows"]:
                raise _without_rows(path)
            _limit(head["rows"], len(head["columns"]), path)
            for line in lines:
                row = orjson.loads(line)
                if isinstance(row, dict):
                    raise damaged
                rows.append(row)
    except LimitReached as error:
        raise UnableToReadFile(
            _("%(file)s could not be read within the limits of time and memory."),
            meaning=_(
                "It may be built to exhaust the machine that opens it; nothing was imported."
            ),
            next_step=_("Send the rows as CSV, or in several files."),
            values={"file": path.name},
        ) from error
    return Table(
        header=head["columns"], rows=rows, lines=list(range(1, len(rows) + 1)), format="parquet"
    )


def _flat(entry: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """The values of an entry; what stands in objects within it under `outer.inner`."""
    for name, value in entry.items():
        if (text := rich_text(value)) is not None:
            yield before + name, text
        elif isinstance(value, dict) and value and before.count(".") < _MOST_NESTED:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _as_talk(value: object) -> object:
    """A list of utterances as lines, each after who spoke; anything else as it is."""
    if not isinstance(value, list) or not value:
        return value
    lines: list[str] = []
    for utterance in value:
        if not isinstance(utterance, dict):
            return value
        spoken = next(
            (utterance[name] for name in _UTTERANCES if isinstance(utterance.get(name), str)), None
        )
        if spoken is None:
            return value
        who = next(
            (utterance[name] for name in _SPEAKERS if isinstance(utterance.get(name), str)), ""
        )
        lines.append(f"{who}: {spoken}" if who else spoken)
    return "\n".join(lines)
