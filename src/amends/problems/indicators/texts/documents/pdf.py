"""The bulletin as PDF, its Chinese in an embedded typeface."""

from __future__ import annotations

from fpdf import FPDF

from amends.platform.kit.formats import is_chinese
from amends.platform.kit.sheets import SOFT, Sheets
from amends.problems.indicators.rules.bulletin import Bulletin, Section
from amends.problems.indicators.texts.documents.cells import shown

MOST_UPRIGHT = 11
"""With more columns a table is printed on sheets that lie."""


def as_pdf(bulletin: Bulletin) -> bytes:
    """The document; title, language and subject stand in it for readers of files."""
    sheets = Sheets(bulletin.title)
    sheets.set_title(bulletin.title)
    sheets.set_subject(bulletin.subtitle)
    sheets.set_lang("zh-CN" if is_chinese(bulletin.language) else "en")
    sheets.add_page()
    sheets.words(bulletin.title, size=17, after=2)
    sheets.words(bulletin.subtitle, size=9, colour=SOFT, after=5)
    for line in bulletin.lead:
        sheets.words(line, size=11, after=1.5)
    for note in bulletin.notes:
        sheets.words(note, size=8.5, colour=SOFT, after=1.5)
    for section in bulletin.sections:
        _table(sheets, section)
    _set_orientation(sheets, is_wide=False)
    sheets.ln(4)
    for name, meaning in bulletin.definitions:
        sheets.words(name, size=9, after=0.2)
        sheets.words(meaning, size=8, colour=SOFT, after=2)
    return bytes(sheets.output())


def _table(sheets: Sheets, section: Section) -> None:
    _set_orientation(sheets, is_wide=len(section.header) > MOST_UPRIGHT)
    sheets.ln(5)
    sheets.words(section.title, size=12, after=1.5)
    sheets.rows(
        section.header,
        (
            [shown(cell, form) for cell, form in zip(row, section.forms, strict=True)]
            for row in section.rows
        ),
        widths=_widths(section),
        align=tuple("LEFT" if form == "text" else "RIGHT" for form in section.forms),
    )
    if section.note:
        sheets.ln(1)
        sheets.words(section.note, size=7.5, colour=SOFT)


def _set_orientation(sheets: FPDF, *, is_wide: bool) -> None:
    """A landscape sheet for a wide table, portrait for the others; a title is never
    alone at the end of one."""
    is_landscape = sheets.w > sheets.h
    if is_landscape != is_wide or sheets.will_page_break(34):
        sheets.add_page(orientation="landscape" if is_wide else "portrait")


def _widths(section: Section) -> tuple[float, ...]:
    """Columns of words are as wide as their longest words ask, within reason."""

    def wanted_width(column: int, form: str) -> float:
        if form == "interval":
            return 12.0
        if column == 1 and len(section.header) > MOST_UPRIGHT:
            return 12.0
        if form != "text":
            return 10.0
        longest = max((_length(str(row[column] or "")) for row in section.rows), default=10.0)
        return min(max(longest, 12.0), 34.0)

    return tuple(wanted_width(column, form) for column, form in enumerate(section.forms))


def _length(text: str) -> float:
    return sum(2.0 if ord(letter) > 0x2E7F else 1.1 for letter in text)
