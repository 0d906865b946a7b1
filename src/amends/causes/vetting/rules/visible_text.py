"""The text of a page as a reader sees it, with what is printed small or hidden marked.

A sample may be plain text, HTML or a whole page. Scripts and styles are left out. Text in small or
pale print is preceded by `zzsmallprint`, so that where a charge is disclosed counts as well.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

_LONGEST = 1_500_000
_TAG = re.compile(r"<(?:/?[a-zA-Z][\w:-]*(?:\s[^<>]{0,4000})?/?|!--|!doctype)", re.IGNORECASE)
_UNSEEN = frozenset(("script", "style", "template", "noscript", "svg", "head"))
_BLOCKS = frozenset(
    "p div br li tr td th h1 h2 h3 h4 h5 h6 section article header footer form button option "
    "label ul ol table title".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_SMALL_TAGS = frozenset(("small", "sub", "sup", "footer"))
_SMALL_STYLE = re.compile(
    r"font-size\s*:\s*(?:[0-9]px|10px|0?\.[0-7]\d*r?em|[0-6]?\dpt|x{1,2}-small|small)"
    r"|display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.[0-4]"
    r"|color\s*:\s*#(?:([c-f])\w{0,1}){3}|color\s*:\s*(?:lightgr[ae]y|white|silver|#ccc|#ddd|#eee)",
    re.IGNORECASE,
)
_SMALL_CLASS = re.compile(r"small|fine-?print|terms|tips|disclaimer|footnote|gray|grey", re.I)
SMALL = " zzsmallprint "


def visible_text(source: str) -> str:
    """The text of `source` that a reader sees.

    >>> visible_text('<script>x()</script><b>Free!</b><small>then 9 a month</small>')
    'Free! zzsmallprint then 9 a month'
    >>> visible_text("1 < 2 & 3")
    '1 < 2 & 3'
    """
    source = source[:_LONGEST].replace("\x00", " ")
    if len(_TAG.findall(source[:20_000])) < 2:
        return _spaces(unescape(source) if "&" in source and ";" in source else source)
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return _spaces("".join(reader.parts))


def _spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BLOCKS:
            self.parts.append(" ")
        if tag == "input":
            self._input(attributes)
        for name in ("alt", "placeholder"):
            if value := attributes.get(name):
                self.parts.append(f" {value} ")
        small = tag in _SMALL_TAGS or bool(
            _SMALL_STYLE.search(attributes.get("style") or "")
            or _SMALL_CLASS.search(attributes.get("class") or "")
        )
        if small and not self._unseen:
            self.parts.append(SMALL)
        if tag not in _VOID and len(self._open) < 5_000:
            self._open.append((tag, small))

    def _input(self, attributes: dict[str, str | None]) -> None:
        if attributes.get("type") in ("checkbox", "radio") and "checked" in attributes:
            self.parts.append(" ☑ ")
        elif attributes.get("type") in ("submit", "button") and attributes.get("value"):
            self.parts.append(f" {attributes['value']} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in _BLOCKS:
            self.parts.append(" ")
        for tag_index in range(len(self._open) - 1, max(-1, len(self._open) - 50), -1):
            if self._open[tag_index][0] == tag:
                del self._open[tag_index:]
                break

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
