"""A case as a workbook: the template a product manager fills in, and the way back."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from amends.causes.launches import refusals
from amends.causes.launches.rules.case import Case, PriceOf, Row, case_of
from amends.causes.launches.rules.lessons import Lessons
from amends.causes.launches.rules.sheets import (
    BY_NAME,
    COLUMN_MAY_BE_EMPTY,
    SHEET_MAY_BE_EMPTY,
    SHEETS,
    PlanSheet,
    UnableToReadCase,
)
from amends.platform.tabular.spreadsheets import cells_of
from amends.platform.tabular.workbook_reader import UnableToOpenWorkbook

_HEADER, _FIRST = 1, 3
"""Rows, from 0: an explanation, the names of the columns, what they mean, then the figures."""
MAX_BYTES = 4_000_000
_MAX_ROWS = 500
_NOTE = re.compile(
    r"\s*(?:\*|†|(?:data )?sources?\b|notes?\b|as of\b|quelle|fuente"
    r"|(?:数据|资料)?来源|备注|注|说明|截至)",
    re.IGNORECASE,
)
"""How a line beneath a table begins that says where its figures come from."""


def write_template(
    path: Path, translate: Callable[[str], str] = str, lessons: Lessons | None = None
) -> None:
    """Write a workbook with every sheet explained and a worked example in it.

    lessons  what earlier launches brought: rows beneath the example's
    """
    plain = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, plain) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        quiet = book.add_format(
            {
                "italic": True,
                "font_color": "#5A6472",
                "text_wrap": True,
                "valign": "top",
                "font_size": 9,
            }
        )
        share = book.add_format({"num_format": "0.##%"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            explanation = translate(sheet.explained)
            if not sheet.needed:
                explanation += " " + translate(SHEET_MAY_BE_EMPTY)
            page.write(0, 0, explanation)
            page.set_row(_FIRST - 1, 64)
            page.freeze_panes(_FIRST, 0)
            for column_index, column in enumerate(sheet.columns):
                page.set_column(column_index, column_index, max(16, len(column.name) + 3))
                page.write(_HEADER, column_index, column.name, heading)
                column_note = translate(column.explained)
                if not column.needed:
                    column_note += " " + translate(COLUMN_MAY_BE_EMPTY)
                page.write(_FIRST - 1, column_index, column_note, quiet)
                if column.choices:
                    choices = {"validate": "list", "source": list(column.choices)}
                    page.data_validation(_FIRST, column_index, _MAX_ROWS, column_index, choices)
                form = share if column.kind == "share" else None
                for number, row in enumerate(_rows_to_begin_with(sheet, lessons)):
                    if row.get(column.name) is not None:
                        page.write(_FIRST + number, column_index, row[column.name], form)


def _rows_to_begin_with(sheet: PlanSheet, lessons: Lessons | None) -> list[Row]:
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
    document: dict[str, list[dict[str, Any]]] = {}
    numbers: dict[str, list[int]] = {}
    columns: dict[str, list[str]] = {}
    try:
        sheets = cells_of(path)
    except UnableToOpenWorkbook as refusal:
        raise refusal.meaning_that(refusals.NOTHING_CALCULATED) from None
    for name, cells in sheets.items():
        if sheet := BY_NAME.get(name.strip().lower()):
            columns[sheet.name], document[sheet.name], numbers[sheet.name] = _rows(cells)
    amiss = {name: _columns_amiss(BY_NAME[name], columns[name]) for name in document}

    def place(sheet: str, row: int, column: str) -> tuple[str, dict[str, object]]:
        row_numbers = numbers.get(sheet, [])
        line = row_numbers[row] if row < len(row_numbers) else _FIRST + len(row_numbers)
        names = columns.get(sheet, [])
        return _in_cell(sheet, line, names.index(column) if column in names else 0)

    for title, rows in document.items():
        column_names = {column.name for column in BY_NAME[title].columns}
        document[title] = [
            {name: cell for name, cell in row.items() if name in column_names} for row in rows
        ]
    return case_of(
        document,
        locate=place,
        price_of=price_of,
        amiss={name: errors for name, errors in amiss.items() if errors},
    )


def _rows(cells: list[list[Any]]) -> tuple[list[str], list[dict[str, Any]], list[int]]:
    """The names of the columns, the rows that say something, and where each row stands."""
    names = [str(cell).strip().lower() for cell in cells[_HEADER]] if len(cells) > _HEADER else []
    rows, numbers = [], []
    for number, row in enumerate(cells[_FIRST:], start=_FIRST):
        filled = [cell for cell in row if str(cell).strip()]
        if filled and not (len(filled) == 1 and _NOTE.match(str(filled[0]))):
            rows.append({name: cell for name, cell in zip(names, row, strict=False) if name})
            numbers.append(number)
    return names, rows, numbers


def _columns_amiss(sheet: PlanSheet, names: list[str]) -> list[UnableToReadCase]:
    """Columns that no case has, that stand twice, or that are missing."""
    column_names = [column.name for column in sheet.columns]
    errors = []
    for column_index, name in enumerate(names):
        if name and name not in column_names:
            what = refusals.UNKNOWN_COLUMN
        elif name and name in names[:column_index]:
            what = refusals.COLUMN_TWICE
        else:
            continue
        errors.append(_refusal(sheet.name, _HEADER, column_index, what, given=name[:40]))
    what = refusals.COLUMN_MISSING
    missing = [name for name in column_names if name not in names]
    return errors + [
        _refusal(sheet.name, _HEADER, len(names), what, given=name) for name in missing
    ]


def refuse_large(path: Path) -> None:
    """Refuse a file that is larger than any case or list of formulas."""
    if path.stat().st_size > MAX_BYTES:
        raise refusals.file_too_large(most=MAX_BYTES // 1_000_000)


def _refuse_macros(path: Path) -> None:
    refuse_large(path)
    try:
        with zipfile.ZipFile(path) as archive:
            has_macros = any("vbaproject" in name.lower() for name in archive.namelist())
    except zipfile.BadZipFile:
        return  # what is no archive is refused when it is opened
    if has_macros or path.suffix.lower() == ".xlsm":
        raise refusals.workbook_with_macros()


def _in_cell(sheet: str, row: int, column: int) -> tuple[str, dict[str, object]]:
    cell = xl_rowcol_to_cell(row, column)
    return refusals.CELL, {"sheet": sheet, "cell": cell}


def _refusal(sheet: str, row: int, column: int, what: str, **values: object) -> UnableToReadCase:
    where, at = _in_cell(sheet, row, column)
    return refusals.cell_unusable(what=what, where=where, at=at, values=values)
