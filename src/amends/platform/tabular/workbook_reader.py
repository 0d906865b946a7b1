"""Read an Excel workbook from standard input, in the limited process that `spreadsheets` starts.

    heads N      check the workbook, then a line for each sheet: its name and its first N rows
    rows NAME    a line for each row of a sheet, every cell as text
    cells        check the workbook, then a line for each sheet: its name and its cells

Each line is JSON. A refusal is one line `{"refusal": …}`. Dates are in ISO 8601, empty cells "".
Formulas are never computed: a cell has the value that the workbook stored for it.
"""

from __future__ import annotations

import itertools
import lzma
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any
from xml.parsers import expat

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_RATIO = 300
MAX_PARTS = 2_000
MAX_CELLS = 2_000_000
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_CHUNK = 1 << 16


class UnableToOpenWorkbook(BadInput):
    """The workbook is damaged, or would unpack to more than it should."""

    code = "workbook_refused"


DAMAGED = UnableToOpenWorkbook(
    _("The workbook is damaged or has no sheet."),
    meaning=_("Nothing was imported."),
    next_step=_("Open it, save it again as .xlsx or .csv, and send that."),
)


def check_workbook(file: IO[bytes]) -> None:
    """Refuse archives that unpack to far more than their size, and sheets of absurd extent."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
                raise _too_large(
                    _("The workbook would unpack to %(size)s MB in %(parts)s parts."),
                    {"size": f"{unpacked // 1_000_000:,}", "parts": len(parts)},
                )
            if unpacked > 10_000_000 and unpacked / packed > MAX_RATIO:
                raise _too_large(
                    _("The workbook would unpack to %(times)s times its size."),
                    {"times": f"{unpacked / packed:,.0f}"},
                )
            for part in parts:
                if part.filename.startswith("xl/worksheets/") or "haredStrings" in part.filename:
                    _measure(archive, part)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        expat.ExpatError,
        NotImplementedError,
        RuntimeError,
        # What `zipfile` raises for entries that are damaged rather than absent.
        ValueError,
        IndexError,
        EOFError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise UnableToOpenWorkbook(
            _("The file is not a readable workbook."),
            meaning=_("Nothing was imported."),
            next_step=_("Save it again as .xlsx without a password, or as .csv."),
        ) from error


def _measure(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a sheet that has, or spans, more cells than memory has room for."""
    extent = _Extent()
    parser = expat.ParserCreate()
    parser.StartElementHandler = extent.begin
    parser.StartDoctypeDeclHandler = _refuse_entities
    read = 0
    with archive.open(part) as sheet:
        while chunk := sheet.read(_CHUNK):
            read += len(chunk)
            if read > MAX_UNPACKED_BYTES:
                raise _too_large(_("The workbook would unpack to more than it declares."), {})
            parser.Parse(chunk)
    if extent.cells > MAX_CELLS:
        raise _too_large(
            _("The workbook would unpack to a sheet of %(cells)s cells."),
            {"cells": f"{extent.cells:,}"},
        )
    if extent.rows * extent.columns > MAX_CELLS:
        raise _too_large(
            _("The workbook would unpack to a sheet of %(rows)s × %(columns)s cells."),
            {"rows": f"{extent.rows:,}", "columns": f"{extent.columns:,}"},
        )


class _Extent:
    """How many cells (or shared texts) a part has, and how far its last row and column are."""

    def __init__(self) -> None:
        self.cells = self.rows = self.columns = 0
        self._row = self._column = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in one element; a cell or row that does not say where it stands is the next one."""
        kind = name.rpartition(":")[2]
        if kind == "row":
            row_text = attributes.get("r", "")
            self._row = int(row_text) if row_text.isdecimal() else self._row + 1
            self._column = 0
        elif kind == "c":
            self.cells += 1
            self._column += 1
            if match := _CELL.fullmatch(attributes.get("r", "")):
                self._column, self._row = _number(match[1]), int(match[2])
        elif kind == "si":
            self.cells += 1
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)


def _refuse_entities(*_declared: object) -> None:
    raise UnableToOpenWorkbook(
        _("The file is not a readable workbook."),
        meaning=_("Nothing was imported."),
        next_step=_("Save it again as .xlsx without a password, or as .csv."),
    )


def _too_large(what: str, values: dict[str, object]) -> UnableToOpenWorkbook:
    return UnableToOpenWorkbook(
        what,
        meaning=_("It was not opened; nothing was imported."),
        next_step=_("Send the rows as CSV, or in several files."),
        values=values,
    )


def _number(letters: str) -> int:
    """The number of a column by its letters.

    >>> _number("XFD")
    16384
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def answer(task: str, arguments: Sequence[str], file: IO[bytes]) -> Iterator[Any]:
    """The documents of a task, one a line."""
    try:
        if task != "rows":
            check_workbook(file)
            file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
        if task == "rows":
            for row in book.get_sheet_by_name(arguments[0]).iter_rows():
                yield [_text(cell) for cell in row]
            return
        if not book.sheet_names:
            raise IndexError
        for name in book.sheet_names:
            if task == "heads":
                rows = book.get_sheet_by_name(name).iter_rows()
                heads = itertools.islice(rows, int(arguments[0]))
                yield {"name": name, "rows": [[_text(cell) for cell in row] for row in heads]}
            else:
                cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                yield {"name": name, "rows": cells}
    except UnableToOpenWorkbook as refusal:
        yield {"refusal": refusal.parts()}
    except (CalamineError, IndexError, OSError):
        yield {"refusal": DAMAGED.parts()}


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def _main() -> None:
    file = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    for document in answer(sys.argv[1], sys.argv[2:], file):
        sys.stdout.buffer.write(orjson.dumps(document, default=str) + b"\n")


if __name__ == "__main__":
    _main()
