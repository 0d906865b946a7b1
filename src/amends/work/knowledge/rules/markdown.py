"""Markdown of articles as HTML and as plain text; HTML in it is shown, never passed on."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

_MARKS = re.compile(r"(\*\*|__|`|^#{1,6}\s+|^>\s?)", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_SCHEME = re.compile(r"\s*([^/?#:]*):")
_SENTENCE_ENDS = re.compile(r"[。！？.!?](?=\s|$|[^\w])")


class _SafeMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        scheme = _SCHEME.match(url)
        return scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel")


@cache
def _renderer() -> MarkdownIt:
    return _SafeMarkdown("commonmark", {"html": False}).enable("table").disable("image")


def html_of(text: str) -> str:
    """The text as HTML; headings begin at the second level.

    >>> html_of("Stop it **today**. <script>")
    '<p>Stop it <strong>today</strong>. &lt;script&gt;</p>\\n'
    """
    return str(_renderer().render(re.sub(r"^#(?=\s)", "##", text, flags=re.MULTILINE)))


def plain_text(text: str, *, longest: int | None = None) -> str:
    """The text without marks; cut at the end of a sentence where it is too long.

    >>> plain_text("See **[your page](/mine/)**. It takes a minute.", longest=20)
    'See your page.'
    """
    plain = _MARKS.sub("", _LINK.sub(r"\1", text)).strip()
    if longest is None or len(plain) <= longest:
        return plain
    ends = [sentence_end.end() for sentence_end in _SENTENCE_ENDS.finditer(plain[: longest + 1])]
    last = max((end for end in ends if end <= longest), default=0)
    return plain[:last] if last else plain[: longest - 1].rstrip() + "…"
