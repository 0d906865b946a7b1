"""HTML to text: words and lines only. Nothing is loaded, run, or shown that a reader would not see.

The scanner goes once over the input (a parser that backtracks can be made to hang by a mail).
"""

from __future__ import annotations

import html
import re

MAX_HTML = 2_000_000
_DROPPED = {"script", "style", "head", "title", "template", "noscript", "svg", "math", "object"}
_BLOCKS = {
    "p",
    "div",
    "tr",
    "table",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "section",
    "article",
    "header",
    "footer",
    "dl",
    "dt",
    "dd",
    "hr",
    "center",
    "form",
}
_VOID = {"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "source"}
_NAME = re.compile(r"/?\s*([a-zA-Z][a-zA-Z0-9:]*)")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
# How mail programs mark the history they quote.
_QUOTES = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite-prefix|isreplycontent|appendonsend|divrplyfwdmsg|"
    r"ntes-mailmaster-quote|qmbox|foxmail_quote|mail-quote|type\s*=\s*[\"']?cite|"
    r"protonmail_quote|zmail_extra",
    re.I,
)
# Outlook and QQ mark only where history begins; it runs to the end.
_QUOTE_TO_END = re.compile(r"appendonsend|divrplyfwdmsg|moz-cite-prefix", re.I)
# str.lower() makes some letters two, and places in both texts must agree.
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ENDLESS_NUMBER = re.compile(r"&#\d{8,};?")
_SPACE = re.compile(r"[ \t\n\r\f\u00a0\u200b]+")


def html_to_text(source: str) -> str:
    """The visible words of an HTML document; quoted history gets `> ` before each line.

    >>> html_to_text("<p>Hello&nbsp;<b>Ann</b><br>again</p><script>x()</script>")
    'Hello Ann\\nagain'
    >>> html_to_text('<div>新的话</div><blockquote type="cite">旧的话</blockquote>')
    '新的话\\n> 旧的话'
    """
    writer = _Writer()
    source = source[:MAX_HTML]
    lower = source.translate(_ASCII_LOWER)
    at = 0
    while at < len(source):
        opening = source.find("<", at)
        if opening < 0:
            writer.words(source[at:])
            break
        writer.words(source[at:opening])
        at = _after_markup(source, lower, opening, writer)
    return writer.text()


def _after_markup(source: str, lower: str, start: int, writer: _Writer) -> int:
    """Handle what begins with `<` at `start`; where reading goes on."""
    if lower.startswith("<!--", start):
        end = lower.find("-->", start + 4)
        return len(source) if end < 0 else end + 3
    if lower.startswith(("<!", "<?"), start):
        end = lower.find(">", start)
        return len(source) if end < 0 else end + 1
    name = _NAME.match(source, start + 1, start + 60)
    if not name:
        writer.words("<")
        return start + 1
    end = _end_of_tag(source, start)
    tag, closing = name[1].lower(), source[start + 1] == "/"
    if tag in _DROPPED and not closing and source[end - 2 : end - 1] != "/":
        closing_tag = lower.find(f"</{tag}", end)
        return len(source) if closing_tag < 0 else _end_of_tag(source, closing_tag)
    if closing:
        writer.close(tag)
    else:
        writer.open(tag, source[start:end][:2_000])
    return end


def _end_of_tag(source: str, start: int) -> int:
    """Just after the `>` that ends a tag; one inside a quote that ends does not."""
    at, limit = start, min(len(source), start + 20_000)
    while at < limit:
        char = source[at]
        if char == ">":
            return at + 1
        if char in "\"'" and source[at - 1] == "=":
            close = source.find(char, at + 1, limit)
            if close < 0:
                break
            at = close
        at += 1
    end = source.find(">", start, limit)
    return limit if end < 0 else end + 1


class _Writer:
    """Collects lines; knows whether it is inside hidden, quoted or preformatted markup."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._stack: list[tuple[str, bool, bool]] = []
        self._hidden = self._quoted = self._pre = 0
        self._rest_is_quoted = False

    def words(self, raw: str) -> None:
        if self._hidden or not raw:
            return
        text = html.unescape(_ENDLESS_NUMBER.sub("\ufffd", raw))
        if self._pre:
            first, *further_lines = text.split("\n")
            self._line.append(first)
            for line in further_lines:
                self._end_line()
                self._line.append(line)
        else:
            self._line.append(_SPACE.sub(" ", text))

    def open(self, tag: str, markup: str) -> None:
        if tag == "br":
            self._end_line(keep_empty=True)
            return
        if tag in _BLOCKS:
            self._end_line()
        if tag in {"td", "th"} and self._line:
            self._line.append("  ")
        if _QUOTE_TO_END.search(markup):
            self._rest_is_quoted = True
        if tag in _VOID or markup.endswith("/>"):
            return
        hidden = bool(_HIDDEN.search(markup))
        quoted = tag == "blockquote" or bool(_QUOTES.search(markup))
        if len(self._stack) < 1_000:
            self._stack.append((tag, hidden, quoted))
            self._hidden += hidden
            self._quoted += quoted
            self._pre += tag == "pre"

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        # A stray closing tag closes nothing; a missing one is closed by its parent's.
        if not any(open_tag == tag for open_tag, _, _ in self._stack[-50:]):
            return
        while self._stack:
            open_tag, hidden, quoted = self._stack.pop()
            self._hidden -= hidden
            self._quoted -= quoted
            self._pre -= open_tag == "pre"
            if open_tag == tag:
                return

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = "".join(self._line)
        self._line = []
        line = line.rstrip() if self._pre else _SPACE.sub(" ", line).strip()
        if not line and not keep_empty:
            return
        if self._quoted or self._rest_is_quoted:
            line = f"> {line}"
        if line or (self._lines and self._lines[-1]):
            self._lines.append(line)

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")
