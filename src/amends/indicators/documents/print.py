"""The bulletin as PDF, its Chinese in an embedded typeface.

fpdf2 lays out; the typeface is Noto Sans SC (SIL Open Font License), which comes as the package
`pylopdf-fonts-zh-cn`. Only the characters used are embedded, so that it reads the same everywhere.
"""

from __future__ import annotations

from importlib.resources import files

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout

from amends.indicators.documents.cells import shown
from amends.indicators.rules.bulletin import Bulletin, Section
from amends.kit.formats import is_chinese

_FACE = "noto"
_INK, _SOFT, _LINE, _TINT = (22, 32, 31), (90, 105, 110), (190, 200, 199), (225, 240, 242)
_MARGIN_MM = 16
MOST_UPRIGHT = 11
"""With more columns a table is printed on sheets that lie."""


class _Sheets(FPDF):
    """A4 sheets with the quarter and the number at the foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.add_font(_FACE, fname=_typeface_file())
        self.set_font(_FACE, size=9)
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(True, margin=18)

    def footer(self) -> None:
        """The foot of each sheet."""
        self.set_y(-12)
        self.set_font(_FACE, size=7.5)
        self.set_text_color(*_SOFT)
        self.cell(w=self.epw / 2, text=self.foot)
        self.cell(w=self.epw / 2, text=f"{self.page_no()} / {{nb}}", align="R")


def _typeface_file() -> str:
    return str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf")


def as_pdf(made: Bulletin) -> bytes:
    """The document; title, language and subject stand in it for readers of files."""
    sheets = _Sheets(made.title)
    sheets.set_title(made.title)
    sheets.set_subject(made.subtitle)
    sheets.set_lang("zh-CN" if is_chinese(made.language) else "en")
    sheets.add_page()
    _words(sheets, made.title, size=17, after=2)
    _words(sheets, made.subtitle, size=9, colour=_SOFT, after=5)
    for line in made.lead:
        _words(sheets, line, size=11, after=1.5)
    for note in made.notes:
        _words(sheets, note, size=8.5, colour=_SOFT, after=1.5)
    for one in made.sections:
        _table(sheets, one)
    _turn(sheets, is_wide=False)
    sheets.ln(4)
    for name, meaning in made.definitions:
        _words(sheets, name, size=9, after=0.2)
        _words(sheets, meaning, size=8, colour=_SOFT, after=2)
    return bytes(sheets.output())


def _words(
    sheets: FPDF, text: str, *, size: float, colour: tuple[int, int, int] = _INK, after: float = 0
) -> None:
    sheets.set_font(_FACE, size=size)
    sheets.set_text_color(*colour)
    sheets.multi_cell(0, size * 0.52, text, align="L", new_x="LMARGIN", new_y="NEXT")
    sheets.ln(after)


def _table(sheets: FPDF, one: Section) -> None:
    _turn(sheets, is_wide=len(one.header) > MOST_UPRIGHT)
    sheets.ln(5)
    _words(sheets, one.title, size=12, after=1.5)
    sheets.set_font(_FACE, size=8)
    sheets.set_text_color(*_INK)
    sheets.set_draw_color(*_LINE)
    with sheets.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="", fill_color=_TINT),
        col_widths=_widths(one),
        text_align=tuple("LEFT" if form == "text" else "RIGHT" for form in one.forms),
        line_height=4.6,
        padding=0.7,
    ) as table:
        head = table.row()
        for name in one.header:
            head.cell(name)
        for row in one.rows:
            line = table.row()
            for cell, form in zip(row, one.forms, strict=True):
                line.cell(shown(cell, form))
    if one.note:
        sheets.ln(1)
        _words(sheets, one.note, size=7.5, colour=_SOFT)


def _turn(sheets: FPDF, *, is_wide: bool) -> None:
    """A sheet that lies for a wide table, one that stands for the others; and a title never stands
    alone at the end of one."""
    lies = sheets.w > sheets.h
    if lies != is_wide or sheets.will_page_break(34):
        sheets.add_page(orientation="landscape" if is_wide else "portrait")


def _widths(one: Section) -> tuple[float, ...]:
    """Columns of words are as wide as their longest words ask, within reason."""

    def asks(column: int, form: str) -> float:
        if form == "interval":
            return 12.0
        if column == 1 and len(one.header) > MOST_UPRIGHT:
            return 12.0
        if form != "text":
            return 10.0
        longest = max((_length(str(row[column] or "")) for row in one.rows), default=10.0)
        return min(max(longest, 12.0), 34.0)

    return tuple(asks(column, form) for column, form in enumerate(one.forms))


def _length(text: str) -> float:
    return sum(2.0 if ord(letter) > 0x2E7F else 1.1 for letter in text)
