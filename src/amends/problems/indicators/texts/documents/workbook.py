"""The bulletin as a workbook: a sheet for each table, figures as numbers, no formula."""

from __future__ import annotations

import io
import re
from typing import Any

import xlsxwriter

from amends.engines.stats.rates import Share
from amends.platform.kit.money import Money, digits_of, sign_of
from amends.platform.tabular.exports import neutral
from amends.problems.indicators.rules.bulletin import HIDDEN, Bulletin, Cell, Section
from amends.problems.indicators.texts.documents.cells import SIGN

_FORMS = {
    "count": "#,##0",
    "rate": "#,##0.0",
    "share": "0.0%",
    "days": "0.0",
    "ratio": "0.00",
}


def as_xlsx(bulletin: Bulletin) -> bytes:
    """The workbook; nothing in it is computed when it is opened."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        styles = {form: book.add_format({"num_format": code}) for form, code in _FORMS.items()}
        styles |= {
            f"money {currency}": book.add_format({"num_format": _of_money(currency)})
            for currency in _currencies(bulletin)
        }
        styles |= {
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "hidden": book.add_format({"align": "right"}),
        }
        _cover_sheet(book, bulletin, styles)
        used_names = {"Sheet"}
        for section in bulletin.sections:
            _table(book.add_worksheet(_sheet_name(section.title, used_names)), section, styles)
    return out.getvalue()


def _currencies(bulletin: Bulletin) -> set[str]:
    cells = (cell for section in bulletin.sections for row in section.rows for cell in row)
    return {cell.currency for cell in cells if isinstance(cell, Money)}


def _of_money(currency: str) -> str:
    """How amounts of a currency are written: a number with the sign before it."""
    sign, digits = sign_of(currency), digits_of(currency)
    space = " " if sign == currency else ""
    return f'"{sign}{space}"#,##0{"." if digits else ""}{"0" * digits}'


def _cover_sheet(book: xlsxwriter.Workbook, bulletin: Bulletin, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(bulletin.quarter)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, neutral(bulletin.title), styles["title"])
    lines = [bulletin.subtitle, *bulletin.lead, *bulletin.notes]
    for row_index, line in enumerate(lines, start=1):
        sheet.write_string(row_index, 0, neutral(line))
    start = len(lines) + 2
    for row_index, (name, meaning) in enumerate(bulletin.definitions, start=start):
        sheet.write_string(row_index, 0, neutral(name), styles["text"])
        sheet.write_string(row_index, 1, neutral(meaning), styles["text"])


def _table(sheet: xlsxwriter.worksheet.Worksheet, section: Section, styles: dict[str, Any]) -> None:
    sheet.write_string(0, 0, neutral(section.title), styles["title"])
    sheet.set_column(0, 0, 30)
    heads = [
        name
        for head, form in zip(section.header, section.forms, strict=True)
        for name in _heads(head, form)
    ]
    sheet.set_column(1, len(heads) - 1, 16)
    for column, head in enumerate(heads):
        sheet.write_string(2, column, neutral(head), styles["head"])
    for row_index, row in enumerate(section.rows, start=3):
        cells = [
            part
            for cell, form in zip(row, section.forms, strict=True)
            for part in _parts(cell, form)
        ]
        for column, (cell, form) in enumerate(cells):
            _cell(sheet, row_index, column, cell, form, styles)
    sheet.freeze_panes(3, 1)
    if section.note:
        sheet.write_string(len(section.rows) + 4, 0, neutral(section.note))


def _heads(head: str, form: str) -> list[str]:
    """A share with its interval has three columns."""
    return [head, f"{head} ≥", f"{head} ≤"] if form == "interval" else [head]


def _parts(cell: Cell, form: str) -> list[tuple[Cell, str]]:
    if form != "interval":
        return [(cell, form)]
    if isinstance(cell, Share):
        return [(cell.share, "share"), (cell.low, "share"), (cell.high, "share")]
    return [(cell, "share")] * 3


def _cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    cell: Cell,
    form: str,
    styles: dict[str, Any],
) -> None:
    if cell is HIDDEN:
        sheet.write_string(row, column, SIGN, styles["hidden"])
    elif isinstance(cell, str):
        sheet.write_string(row, column, neutral(cell), styles["text"])
    elif isinstance(cell, Money):
        sheet.write_number(row, column, cell.major, styles[f"money {cell.currency}"])
    elif cell is not None:
        assert isinstance(cell, int | float)
        sheet.write_number(row, column, cell, styles.get(form, styles["rate"]))


def _sheet_name(title: str, used_names: set[str]) -> str:
    """At most 31 characters, none that a sheet's name may not hold, none twice."""
    tidy = re.sub(r"[\[\]:*?/\\']", " ", title)[:28].strip() or "·"
    name, number = tidy, 2
    while name.lower() in {used_name.lower() for used_name in used_names}:
        name, number = f"{tidy} {number}", number + 1
    used_names.add(name)
    return name
