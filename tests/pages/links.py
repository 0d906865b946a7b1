"""The addresses that a page links to and those it loads by itself."""

from __future__ import annotations

from html.parser import HTMLParser


class Links(HTMLParser):
    """The addresses in a page.

    followed   of its links
    loaded     of requests that follow without a click
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.followed: list[str] = []
        self.loaded: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.followed.append(str(values["href"]))
        triggers = [trigger.strip() for trigger in (values.get("hx-trigger") or "").split(",")]
        if values.get("hx-get") and any(trigger.split(" ")[0] == "load" for trigger in triggers):
            self.loaded.append(str(values["hx-get"]))
