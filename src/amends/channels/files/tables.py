"""One table out of a file: a header, rows of text with their line numbers, and what was refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from amends.channels.files.encodings import decode
from amends.channels.files.spreadsheets import rows_of
from amends.kit.errors import BadInput
from amends.vault.unsaying import without_person

MAX_FILE_BYTES = 2 * 1024**3
MAX_CELL_CHARACTERS = 1_000_000
_DELIMITERS = ",;\t|"


class UnableToReadFile(BadInput):
    """The file holds no table; nothing of it was imported."""

    code = "file_unreadable"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be used: its line, why, and its cells as they were."""

    line: int
    reason: str
    cells: tuple[str, ...]


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


def read_table(path: Path, *, encoding: str = "") -> Table:
    """Read a CSV, Excel, JSON-lines or Parquet file, told apart by what it holds.

    Raises `UnableToReadFile` (or a kin) if there is no table in it.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise UnableToReadFile(
            f"{path} cannot be read ({error.strerror}).", next_step="Check its name and rights."
        ) from error
    if size == 0:
        raise UnableToReadFile(
            f"{path.name} is empty.", next_step="Send a file with a header row and rows."
        )
    if size > MAX_FILE_BYTES:
        raise UnableToReadFile(f"{path.name} has more than 2 GB.", next_step="Split it.")
    if start[:4] == b"PAR1":
        return _parquet(path)
    if start[:4] == b"PK\x03\x04":
        return _framed(enumerate(rows_of(path), start=1), "xlsx", path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_lines(path, encoding)
    return _delimited(path, encoding)


def _delimited(path: Path, encoding: str) -> Table:
    text, used = decode(path.read_bytes(), encoding=encoding)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise UnableToReadFile(
            f"{path.name} holds only blanks.", next_step="Send a file with rows."
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    csv.field_size_limit(2**31 - 1)
    table = _framed(_numbered(reader), "csv", path)
    table.encoding = used
    return table


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin on."""
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        yield line, row
        line = reader.line_num + 1  # type: ignore[attr-defined]


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
        elif reason := _fault(row, len(header)):
            table.rejects.append(Reject(line, reason, tuple(cell[:1000] for cell in row[:200])))
        else:
            table.rows.append(row)
            table.lines.append(line)
    if not header:
        raise UnableToReadFile(f"{path.name} has no rows.", next_step="Send a file with rows.")
    if not table.read:
        raise UnableToReadFile(
            f"{path.name} has a header and no rows.", next_step="Send a file with rows."
        )
    return table


def _header(row: list[str], path: Path) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in row]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnableToReadFile(
            f"The header names the column {without_person(twice)[:40]!r} twice.",
            where=f"{path.name}, line 1",
            next_step="Give each column a name of its own.",
        )
    return names


def _fault(row: list[str], width: int) -> str:
    if len(row) != width:
        return f"has {len(row)} cells where the header has {width}"
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in row):
        return f"has a cell of more than {MAX_CELL_CHARACTERS:,} characters"
    return ""


def _json_lines(path: Path, encoding: str) -> Table:
    text, used = decode(path.read_bytes(), encoding=encoding)
    objects: list[tuple[int, dict[str, object]]] = []
    rejects: list[Reject] = []
    for line, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            rejects.append(Reject(line, f"is not JSON: {error}", (raw[:1000],)))
            continue
        if isinstance(value, dict):
            objects.append((line, value))
        else:
            rejects.append(Reject(line, "is not a JSON object", (raw[:1000],)))
    header = list(dict.fromkeys(str(key) for _, item in objects for key in item))
    if not header:
        raise UnableToReadFile(f"{path.name} holds no JSON object.", next_step="One object a line.")
    rows = [[_cell(item.get(name)) for name in header] for _, item in objects]
    return Table(header, rows, [line for line, _ in objects], "jsonl", used, rejects)


def _parquet(path: Path) -> Table:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnableToReadFile(
            f"{path.name} is a damaged Parquet file.", next_step="Write it again."
        ) from error
    if frame.is_empty():
        raise UnableToReadFile(f"{path.name} has no rows.", next_step="Send a file with rows.")
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
