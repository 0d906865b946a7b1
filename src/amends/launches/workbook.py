"""A case as a workbook: the template a product manager fills in, and the way back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell

from amends.kit.errors import gettext_noop as _
from amends.launches.rules.case import Case, PriceOf, Row, case_of
from amends.launches.rules.lessons import Lessons
from amends.launches.rules.sheets import BY_NAME, SHEETS, Sheet, UnableToReadCase
from amends.tabular.spreadsheets import check_workbook

_HEADER, _FIRST = 1, 3
"""Rows, from 0: an explanation, the names of the columns, what they mean, then the figures."""
MAX_BYTES = 5_000_000
_MAX_ROWS = 500


def write_template(
    path: Path, translate: Callable[[str], str] = str, lessons: Lessons | None = None
) -> None:
    """Write a workbook with every sheet explained and a worked example in it.

    lessons  what earlier launches brought: rows beneath the example's
    """
    with xlsxwriter.Workbook(path) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        quiet = book.add_format({"italic": True, "font_color": "#5A6472", "text_wrap": True,
                                 "valign": "top", "font_size": 9})  # fmt: skip
        share = book.add_format({"num_format": "0.##%"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            words = translate(sheet.explained)
            if not sheet.needed:
                words += " " + translate(_("This sheet may stay empty."))
            page.write(0, 0, words)
            page.set_row(_FIRST - 1, 64)
            page.freeze_panes(_FIRST, 0)
            for place, column in enumerate(sheet.columns):
                page.set_column(place, place, max(16, len(column.name) + 3))
                page.write(_HEADER, place, column.name, heading)
                said = translate(column.explained)
                if not column.needed:
                    said += " " + translate(_("May be empty."))
                page.write(_FIRST - 1, place, said, quiet)
                if column.choices:
                    choices = {"validate": "list", "source": list(column.choices)}
                    page.data_validation(_FIRST, place, _MAX_ROWS, place, choices)
                form = share if column.kind == "share" else None
                for number, row in enumerate(_rows_to_begin_with(sheet, lessons)):
                    if row.get(column.name) is not None:
                        page.write(_FIRST + number, place, row[column.name], form)


def _rows_to_begin_with(sheet: Sheet, lessons: Lessons | None) -> list[Row]:
    """The worked example; a factor that earlier launches give takes the example's place."""
    names = [column.name for column in sheet.columns]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.example]
    added = lessons.rows(sheet.name) if lessons else []
    if sheet.name == "uncertainty":
        inputs = {row["input"] for row in added}
        rows = [row for row in rows if row["input"] not in inputs]
    return rows + added


def read_workbook(path: Path, price_of: PriceOf | None = None) -> Case:
    """The checked case of a workbook; a refusal names sheet and cell."""
    _refuse_macros(path)
    check_workbook(path)
    try:
        book = CalamineWorkbook.from_path(path)
        document: dict[str, list[dict[str, Any]]] = {}
        numbers: dict[str, list[int]] = {}
        for name in book.sheet_names:
            if sheet := BY_NAME.get(name):
                document[name], numbers[name] = _rows(sheet, book.get_sheet_by_name(name))
    except (CalamineError, OSError) as error:
        raise UnableToReadCase(
            _("The workbook cannot be read."),
            meaning=_("Nothing was calculated, and nothing is lost."),
            next_step=_("Open it, save it again as .xlsx, and send that."),
        ) from error

    def place(sheet: str, row: int, column: str) -> tuple[str, dict[str, object]]:
        known = numbers.get(sheet, [])
        line = known[row] if row < len(known) else _FIRST + len(known)
        names = [one.name for one in BY_NAME[sheet].columns]
        return _in_cell(sheet, line, names.index(column))

    return case_of(document, place=place, price_of=price_of)


def _rows(sheet: Sheet, page: CalamineSheet) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows that say something, and where each stands."""
    cells = page.to_python(skip_empty_area=False)
    names = [str(one).strip() for one in cells[_HEADER]] if len(cells) > _HEADER else []
    columns = [one.name for one in sheet.columns]
    for place, name in enumerate(names):
        if name and name not in columns:
            raise _refusal(sheet.name, _HEADER, place, _("There is no column “%(given)s”."),
                           given=name[:40])  # fmt: skip
    if missing := next((one for one in columns if one not in names), None):
        raise _refusal(sheet.name, _HEADER, len(names), _("The column “%(given)s” is missing."),
                       given=missing)  # fmt: skip
    rows, numbers = [], []
    for number, row in enumerate(cells[_FIRST:], start=_FIRST):
        if any(str(one).strip() for one in row):
            rows.append({name: one for name, one in zip(names, row, strict=False) if name})
            numbers.append(number)
    if len(rows) > _MAX_ROWS:
        raise _refusal(sheet.name, _FIRST + _MAX_ROWS, 0, _("There are more than %(most)s rows."),
                       most=_MAX_ROWS)  # fmt: skip
    return rows, numbers


def _refuse_macros(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise UnableToReadCase(
            _("The file is larger than %(most)s MB; a case is small."),
            next_step=_("Begin with `amends launches template`."),
            values={"most": MAX_BYTES // 1_000_000},
        )
    try:
        with zipfile.ZipFile(path) as archive:
            has_macros = any("vbaproject" in name.lower() for name in archive.namelist())
    except zipfile.BadZipFile:
        return  # what is no archive is refused when it is opened
    if has_macros or path.suffix.lower() == ".xlsm":
        raise UnableToReadCase(
            _("The workbook has macros, and is not opened."),
            meaning=_("Nothing was calculated, and nothing is lost."),
            next_step=_("Save it as .xlsx without macros, and send that."),
        )


def _in_cell(sheet: str, row: int, column: int) -> tuple[str, dict[str, object]]:
    cell = xl_rowcol_to_cell(row, column)
    return _("sheet %(sheet)s, cell %(cell)s"), {"sheet": sheet, "cell": cell}


def _refusal(sheet: str, row: int, column: int, what: str, **values: object) -> UnableToReadCase:
    where, at = _in_cell(sheet, row, column)
    return UnableToReadCase(
        what, meaning=_("Nothing was calculated, and nothing is lost."),
        next_step=_("Correct the cell and run it again."),
        where=where, at=at, values=values,
    )  # fmt: skip
