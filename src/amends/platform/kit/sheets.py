"""A4 sheets for PDF documents, their Chinese in an embedded typeface.

fpdf2 lays out; the typeface is Noto Sans SC (SIL Open Font License), which comes as the package
`pylopdf-fonts-zh-cn`. Only the characters used are embedded, so that it reads the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout

FACE = "noto"
INK, SOFT, LINE, TINT = (22, 32, 31), (90, 105, 110), (190, 200, 199), (225, 240, 242)
_MARGIN_MM = 16


class Sheets(FPDF):
    """A4 sheets with a text and the number at the foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.add_font(FACE, fname=str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
        self.set_font(FACE, size=9)
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(True, margin=18)

    def footer(self) -> None:
        """The foot of each sheet."""
        self.set_y(-12)
        self.set_font(FACE, size=7.5)
        self.set_text_color(*SOFT)
        self.cell(w=self.epw / 2, text=self.foot)
        self.cell(w=self.epw / 2, text=f"{self.page_no()} / {{nb}}", align="R")

    def words(
        self, text: str, *, size: float, colour: tuple[int, int, int] = INK, after: float = 0
    ) -> None:
        """A paragraph; `after` in mm."""
        self.set_font(FACE, size=size)
        self.set_text_color(*colour)
        self.multi_cell(0, size * 0.52, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(after)

    def rows(
        self,
        head: Iterable[str],
        rows: Iterable[Iterable[str]],
        *,
        widths: tuple[float, ...],
        align: tuple[str, ...],
    ) -> None:
        """A table; `align` is LEFT or RIGHT for each column."""
        self.set_font(FACE, size=8)
        self.set_text_color(*INK)
        self.set_draw_color(*LINE)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="", fill_color=TINT),
            col_widths=widths,
            text_align=align,
            line_height=4.6,
            padding=0.7,
        ) as table:
            for cells in (head, *rows):
                line = table.row()
                for cell in cells:
                    line.cell(cell)
