"""Articles of other help centres: Markdown files, HTML files, Zendesk exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amends.platform.kit.html_text import html_to_text

_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_HEADING = re.compile(r"^#{1,2}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_TITLE = re.compile(r"<(?:title|h1)\b[^>]*>(.*?)</(?:title|h1)>", re.IGNORECASE | re.DOTALL)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ForeignArticle:
    """One article as the file has it, its text as Markdown or plain text.

    ref         its id or file name in the other system
    restricted  the other system shows it to some of its readers only
    """

    ref: str
    language: str
    title: str
    text: str
    restricted: bool = False


def from_markdown(name: str, source: str, language: str) -> ForeignArticle:
    """A Markdown file; front matter may have `title`, `lang` and `slug`.

    >>> from_markdown("stop.md", "---\\nlang: zh-CN\\n---\\n# 退订\\n点停用。", "en")
    ForeignArticle(ref='stop', language='zh', title='退订', text='点停用。', restricted=False)
    """
    front: dict[str, str] = {}
    if front_matter := _FRONT.match(source):
        for line in front_matter[1].splitlines():
            key, colon, value = line.partition(":")
            if colon:
                front[key.strip().lower()] = value.strip().strip("\"'")
        source = source[front_matter.end() :]
    title = front.get("title", "")
    heading = _HEADING.search(source)
    if heading and not source[: heading.start()].strip():
        title = title or heading[1]
        source = source[heading.end() :]
    tag = front.get("lang") or front.get("language") or front.get("locale") or language
    ref = front.get("slug") or name.rpartition(".")[0] or name
    return ForeignArticle(ref=ref, language=two_letters(tag), title=title, text=source.strip())


def from_html(name: str, source: str, language: str) -> ForeignArticle:
    """An HTML file; scripts, styles, forms and hidden parts are dropped, only text remains."""
    title = _TITLE.search(source)
    tag = re.search(r"<html[^>]*\blang=[\"']?([\w-]+)", source, re.IGNORECASE)
    heading = html_to_text(title[1]).strip() if title else ""
    text = html_to_text(source).strip()
    text = text.removeprefix(heading).strip() if heading else text
    ref = name.rpartition(".")[0] or name
    return ForeignArticle(
        ref=ref, language=two_letters(tag[1] if tag else language), title=heading, text=text
    )


def from_zendesk(source: str) -> Iterator[ForeignArticle]:
    """The articles of a Zendesk export: `{"articles": [{"id", "locale", "title", "body"}]}`.

    Drafts are left out. Translations may be separate articles with the same `source_id` or id.
    Raises ValueError where it is not such an export.
    """
    document: Any = json.loads(source)
    rows = document.get("articles") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise ValueError("no list of articles")
    for row in rows:
        if isinstance(row, dict) and not row.get("draft"):
            yield ForeignArticle(
                ref=str(row.get("source_id") or row.get("id") or ""),
                language=two_letters(str(row.get("locale") or "")),
                title=html_to_text(str(row.get("title") or "")).strip(),
                text=html_to_text(str(row.get("body") or "")).strip(),
                restricted=bool(row.get("user_segment_id") or row.get("user_segment_ids")),
            )


def two_letters(tag: str) -> str:
    """`zh` or `en` of a language tag; "" for others.

    >>> [two_letters(tag) for tag in ("zh-Hans-CN", "en_GB", "fr", "")]
    ['zh', 'en', '', '']
    """
    start = tag.strip().lower().replace("_", "-").split("-")[0]
    return start if start in ("zh", "en") else ""


def slug_of(ref: str, title: str) -> str:
    """An address for an article of another system, from its title or id.

    >>> slug_of("360012", "How to stop?"), slug_of("360012", "怎么退订")
    ('how-to-stop', 'article-360012')
    """
    from_title = _NOT_SLUG.sub("-", title.lower()).strip("-")[:60].strip("-")
    from_ref = _NOT_SLUG.sub("-", ref.lower()).strip("-")[:60].strip("-")
    if len(from_title) >= 4:
        return from_title
    return from_ref if from_ref and not from_ref.isdecimal() else f"article-{from_ref or 'x'}"
