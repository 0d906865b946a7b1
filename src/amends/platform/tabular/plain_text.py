"""HTML within cells as plain text."""

from __future__ import annotations

import html
import re

_TAGS = re.compile(
    r"<(?:/?(?:p|div|span|br|html|body|a|b|i|u|em|strong|ul|ol|li|table|tr|td|h[1-6]|font|pre|"
    r"blockquote|hr)\b[^<>]*|!--)>?",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,5});")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def plain_text(cell: str) -> str:
    """The words of a cell; posts and letters of other systems come as HTML.

    >>> plain_text("No signal<br />since <b>Monday</b> &amp; nobody answers")
    'No signal\\nsince Monday & nobody answers'
    >>> plain_text("speed < 5 and price > 3")
    'speed < 5 and price > 3'
    """
    if "<" in cell and _TAGS.search(cell):
        from inscriptis import get_text
        from inscriptis.model.config import ParserConfig

        lines = get_text(cell.replace("\n", "<br>"), ParserConfig(display_links=False))
        stripped = "\n".join(line.strip() for line in lines.splitlines())
        return _BLANK_LINES.sub("\n\n", stripped).strip()
    return html.unescape(cell) if "&" in cell and _ENTITY.search(cell) else cell
