"""One table out of a file: a header, rows of text with their line numbers, and what was refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from amends.channels.files.encodings import UnableToDecode, decode
from amends.channels.files.spreadsheets import rows_of
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.vault.unsaying import without_person

MAX_FILE_BYTES = 2 * 1024**3
MAX_CELL_CHARACTERS = 1_000_000
_DELIMITERS = ",;\t|"


class UnableToReadFile(BadInput):
    """The file holds no table; nothing of it was imported."""

    code = "file_unreadable"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be used: its line, why, and its cells as they were.

    values  what is filled into the reason, once it is told in the reader's language
    """

    line: int
    reason: str
    cells: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str]) -> str:
        """Why, in another language."""
        reason = translate(self.reason)
        return reason % self.values if self.values else reason


@dataclass(slots=True)
class Table:
    """Header and rows; `lines[i]` is the line of `rows[i]` in the file."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    format: str
    encoding: str = ""
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """All cells of one column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

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


def read_table(path: Path, *, encoding: str = "") -> Table:
    """Read a CSV, Excel, JSON-lines or Parquet file, told apart by what it holds.

    Raises `UnableToReadFile` (or a kin) if there is no table in it.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise not_readable(path, error) from error
    if size == 0:
        raise UnableToReadFile(
            _("%(file)s is empty."),
            next_step=_("Send a file with a header row and rows."),
            values={"file": path.name},
        )
    if size > MAX_FILE_BYTES:
        raise UnableToReadFile(
            _("%(file)s has more than 2 GB."),
            next_step=_("Split it."),
            values={"file": path.name},
        )
    if start[:4] == b"PAR1":
        return _parquet(path)
    if start[:4] == b"PK\x03\x04":
        return _framed(enumerate(rows_of(path), start=1), "xlsx", path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_lines(path, encoding)
    return _delimited(path, encoding)


def _delimited(path: Path, encoding: str) -> Table:
    text, used = _decoded(path, encoding)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise UnableToReadFile(
            _("%(file)s holds only blanks."),
            next_step=_("Send a file with rows."),
            values={"file": path.name},
        )
    csv.field_size_limit(2**31 - 1)
    table = _framed(_numbered(text, path), "csv", path)
    table.encoding = used
    return table


def _decoded(path: Path, encoding: str) -> tuple[str, str]:
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
        self._left = io.StringIO(text, newline="")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._left.readline()
        if not line:
            self.are_over = True
            raise StopIteration
        self.of_row.append(line)
        return line


def _stays_open(lines: list[str], delimiter: str) -> bool:
    """Whether the last row ends within quotation marks, which a lenient reader passes over."""
    closed = [*lines, '"']
    lenient = list(csv.reader(lines, delimiter=delimiter))
    return bool(lenient) and len(list(csv.reader(closed, delimiter=delimiter))) == len(lenient)


def _delimiter(text: str) -> str:
    head = text.lstrip("\ufeff")[:65536].split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


def _framed(rows: Iterator[tuple[int, list[str]]], form: str, path: Path) -> Table:
    """Split header and rows; ragged and oversized rows are set aside with their reason."""
    header: list[str] = []
    table = Table(header, [], [], form)
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if not header:
            header.extend(_header(row, path))
        elif fault := _fault(row, len(header)):
            cells = tuple(cell[:1000] for cell in row[:200])
            table.rejects.append(Reject(line, fault[0], cells, fault[1]))
        else:
            table.rows.append(row)
            table.lines.append(line)
    if not header:
        raise _without_rows(path)
    if not table.read:
        raise UnableToReadFile(
            _("%(file)s has a header and no rows."),
            next_step=_("Send a file with rows."),
            values={"file": path.name},
        )
    return table


def _header(row: list[str], path: Path) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in row]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnableToReadFile(
            _("The header names the column “%(column)s” twice."),
            where=f"{path.name}:1",
            next_step=_("Give each column a name of its own."),
            values={"column": without_person(twice)[:40]},
        )
    return names


def _without_rows(path: Path) -> UnableToReadFile:
    return UnableToReadFile(
        _("%(file)s has no rows."),
        next_step=_("Send a file with rows."),
        values={"file": path.name},
    )


def _fault(row: list[str], width: int) -> tuple[str, dict[str, object]] | None:
    """Why a row cannot be used, and what is filled into the words."""
    if len(row) != width:
        said = _("has a cell count of %(cells)s, the header of %(width)s")
        return said, {"cells": len(row), "width": width}
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in row):
        return _("has a cell of more than %(most)s characters"), {
            "most": f"{MAX_CELL_CHARACTERS:,}"
        }
    return None


def _json_lines(path: Path, encoding: str) -> Table:
    text, used = _decoded(path, encoding)
    objects: list[tuple[int, dict[str, object]]] = []
    rejects: list[Reject] = []
    # Not `splitlines`: within a string of JSON the other separators of lines may stand as they are.
    for line, raw in enumerate(io.StringIO(text, newline=None), start=1):
        if not raw.strip():
            continue
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            why: dict[str, object] = {"why": error}
            rejects.append(Reject(line, _("is not JSON: %(why)s"), (raw[:1000],), why))
            continue
        if isinstance(value, dict):
            objects.append((line, value))
        else:
            rejects.append(Reject(line, _("is not a JSON object"), (raw[:1000],)))
    header = list(dict.fromkeys(str(key) for _, item in objects for key in item))
    if not header:
        raise UnableToReadFile(
            _("%(file)s holds no JSON object."),
            next_step=_("Write one object a line."),
            values={"file": path.name},
        )
    rows = [[_cell(item.get(name)) for name in header] for _, item in objects]
    return Table(header, rows, [line for line, _ in objects], "jsonl", used, rejects)


def _parquet(path: Path) -> Table:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnableToReadFile(
            _("%(file)s is a damaged Parquet file."),
            next_step=_("Write it again."),
            values={"file": path.name},
        ) from error
    if frame.is_empty():
        raise _without_rows(path)
    rows = [[_cell(value) for value in row] for row in frame.iter_rows()]
    return Table(frame.columns, rows, list(range(1, len(rows) + 1)), "parquet")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value)
