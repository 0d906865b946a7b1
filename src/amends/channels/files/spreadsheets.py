"""Excel workbooks, looked at from outside before they are opened."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_RATIO = 300
MAX_PARTS = 2_000
MAX_CELLS = 20_000_000
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CHUNK = 1 << 20


class UnableToOpenWorkbook(BadInput):
    """The workbook is damaged, or would unpack to more than it should."""

    code = "workbook_refused"


def rows_of(path: Path) -> list[list[str]]:
    """The first sheet's rows as text; dates as ISO 8601, empty cells as "".

    Formulas are never computed: a cell shows the value the workbook stored for it.
    """
    _look_at(path)
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]
    except (CalamineError, IndexError, OSError) as error:
        raise UnableToOpenWorkbook(
            _("The workbook is damaged or has no sheet."),
            meaning=_("Nothing was imported."),
            next_step=_("Open it, save it again as .xlsx or .csv, and send that."),
        ) from error


def _look_at(path: Path) -> None:
    """Refuse archives that unpack to far more than their size, and sheets of absurd extent."""
    try:
        with zipfile.ZipFile(path) as archive:
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
                if part.filename.startswith("xl/worksheets/"):
                    _measure(archive, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise UnableToOpenWorkbook(
            _("The file is not a readable workbook."),
            meaning=_("Nothing was imported."),
            next_step=_("Save it again as .xlsx without a password, or as .csv."),
        ) from error


def _measure(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    rows = columns = cells = 0
    rest = b""
    read = 0
    with archive.open(part) as sheet:
        while chunk := sheet.read(_CHUNK):
            read += len(chunk)
            if read > MAX_UNPACKED_BYTES:
                raise _too_large(_("The workbook would unpack to more than it declares."), {})
            # A cell need not say where it stands, so they are counted, too.
            cells += len(_ANY_CELL.findall(rest[-5:] + chunk))
            for letters, number in _CELL.findall(rest + chunk):
                rows = max(rows, int(number))
                columns = max(columns, _column(letters))
            rest = chunk[-100:]
    if rows * columns > MAX_CELLS:
        raise _too_large(
            _("The workbook would unpack to a sheet of %(rows)s × %(columns)s cells."),
            {"rows": f"{rows:,}", "columns": f"{columns:,}"},
        )
    if cells > MAX_CELLS:
        raise _too_large(
            _("The workbook would unpack to a sheet of %(cells)s cells."), {"cells": f"{cells:,}"}
        )


def _too_large(what: str, values: dict[str, object]) -> UnableToOpenWorkbook:
    return UnableToOpenWorkbook(
        what,
        meaning=_("It was not opened; nothing was imported."),
        next_step=_("Send the rows as CSV, or in several files."),
        values=values,
    )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
