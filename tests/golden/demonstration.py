"""Facts and pages of a small demonstration: seed 77, a fixed end."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.golden.fixed import END, fix, masked

SIZE, SEED = 300, 77
READERS = ("", "handler", "senior", "manager", "privacy", "admin")
"""Names of accounts, "" for nobody: each page is told as the first of them sees it."""
FOLLOWED = 4
BLOCKS = {
    "address",
    "br",
    "dd",
    "div",
    "dt",
    "fieldset",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "legend",
    "li",
    "main",
    "nav",
    "option",
    "p",
    "section",
    "summary",
    "tr",
    "ul",
}
SILENT = {"script", "style", "svg", "template"}


class Page(HTMLParser):
    """The visible text of a page, a block a line, and the addresses it links to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.links: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._silent += tag in SILENT
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in BLOCKS:
            self.lines.append("")
        elif tag in ("td", "th"):
            self.lines[-1] += " | "
        for name in ("placeholder", "aria-label", "title"):
            if given.get(name):
                self.lines[-1] += f" ({given[name]})"

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if tag in BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1] += data

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in self.lines)
        return "\n".join(line for line in lines if line.strip(" |"))


def pages(language: str) -> str:
    """Every page a link leads to, one of each address pattern, beginning with those without one.

    Links of a few more of each pattern are followed: not every complaint has a letter.
    """
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import Resolver404, get_resolver, resolve

    found: dict[str, str] = {}
    for reader in READERS:
        client = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": language})
        client.cookies["amends_language"] = language
        if reader:
            client.force_login(get_user_model().objects.get(username=reader))
        waiting = ["/", *_plain_addresses(get_resolver())]
        asked, done, known = Counter[str](), set[str](), set(found)
        while waiting:
            address = waiting.pop(0)
            path = address.split("?")[0].split("#")[0]
            try:
                pattern = resolve(path).route
            except Resolver404:
                continue
            if path in done or pattern.startswith(("admin/", "api/", "account/logout", "static/")):
                continue
            done.add(path)
            if asked[pattern] >= (FOLLOWED if "<" in pattern else 1):
                continue
            asked[pattern] += 1
            if pattern in known and "<" in pattern:
                continue
            answer = client.get(path)
            if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
                continue
            page = Page(answer.content.decode())
            waiting += [link for link in page.links if link.startswith("/")]
            found.setdefault(pattern, f"# /{pattern} {reader}\n{page.text}\n")
    text = masked("\n".join(found[pattern] for pattern in sorted(found)))
    return re.sub(r"(disk_used_ratio \|[^|]*\|).*", r"\1 <varies>", text)


def _plain_addresses(resolver: Any, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _plain_addresses(one, address)
        elif not re.search(r"[<^$(\\]", address):
            yield f"/{address}"


def facts() -> str:
    """Of each kind how many, and a digest over what does not differ between two demonstrations."""
    digests = defaultdict(list)
    for fact in _facts():
        stated = [fact.kind, fact.version, fact.happened_at_ms, fact.source, dict(fact.payload)]
        digests[fact.kind].append(masked(json.dumps(stated, sort_keys=True, ensure_ascii=False)))
    return "".join(
        f"{kind} {len(lines)} {hashlib.sha256(''.join(sorted(lines)).encode()).hexdigest()}\n"
        for kind, lines in sorted(digests.items())
    )


def _facts() -> Iterator[Any]:
    from amends.record.ledger.models import Segment, SegmentPart, SingleFact
    from amends.record.ledger.queries.reading import facts_in, single
    from amends.record.ledger.rules.parts import unpack

    for one in SingleFact.objects.all():
        yield single(bytes(one.canonical), bytes(one.leaf_hash), one.seq)
    for segment in Segment.objects.all():
        parts = SegmentPart.objects.filter(segment=segment).order_by("id")
        columns = unpack([bytes(one.columns) for one in parts])
        yield from facts_in(columns, bytes(segment.canonical), segment.seq, range(segment.rows))


def main(folder: Path) -> None:
    import django

    django.setup()
    fix()
    from tests.shell import amends

    done = amends(
        "demo", "--once", "--json", "--size", str(SIZE), "--seed", str(SEED), "--end", END
    )
    if done.code:
        raise SystemExit(done.err)
    (folder / "facts.txt").write_text(facts(), encoding="utf-8")
    for language in ("en", "zh-hans"):
        (folder / f"pages.{language}.txt").write_text(pages(language), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
