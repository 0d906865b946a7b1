"""What each page of a demonstration costs, as each role reads it, and the figures it shows.

Run in a process of its own, whose `AMENDS_DATA_DIR` is a copy of a demonstration:

    python -m tests.pages.page_costs [FOLDER]

One JSON document on standard output: under `costs` route → role → address, statements, bytes;
under `figures` id, scope and period → value and interval → the first address that shows it, as
readers of every brand see them. Requests that
follow without a click (`hx-trigger="load"`) are part of a page. FOLDER receives the pages
themselves. The clock is stopped at the end of the demonstration, so that two runs read the same
pages.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.pages.links import Links

FOLLOWED = 2
"""Addresses read of each route that has arguments."""
CHEAP = 6
"""A page of more statements is read twice: a process reads some tables only the first time."""
LEFT_OUT = ("admin/", "api/", "account/", "static/", "gallery/", "kiosk/end/")
"""Beginnings of routes that are no pages of ours, or that sign the reader out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """The dearest page of a route for one role.

    size   bytes of the page and of what it loads by itself
    """

    address: str
    statements: int
    size: int


class Reader:
    """A person who reads pages and counts what each costs."""

    def __init__(self, username: str, language: str = "en") -> None:
        from django.contrib.auth import get_user_model
        from django.test import Client

        self.client = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": language})
        self.client.cookies["amends_language"] = language
        if username:
            self.client.force_login(get_user_model().objects.get(username=username))

    def read(self, address: str) -> tuple[PageCost, str] | None:
        """A page with what it loads by itself; None where it is no page or refused."""
        answer, statements = self._ask(address)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            return None
        html = answer.content.decode()
        size = len(answer.content)
        for part in Links(html).loaded:
            answer, more = self._ask(part, headers={"HX-Request": "true"})
            statements += more
            size += len(answer.content)
            html += answer.content.decode()
        return PageCost(address=address, statements=statements, size=size), html

    def _ask(self, address: str, **more: Any) -> tuple[Any, int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            answer = self.client.get(address, **more)
        return answer, len(asked)


_FIGURE = re.compile(
    r'data-figure="([^"]*)" data-scope="([^"]*)" data-period="([^"]*)" '
    r'data-value="([^"]*)" data-interval="([^"]*)"'
)


def page_costs(
    folder: Path | None = None, figures: dict[str, dict[str, str]] | None = None
) -> dict[str, dict[str, PageCost]]:
    """Every page that a link leads to, of every role and of nobody ("").

    figures  receives the shown figures: id, scope and period → value and interval → address
    """
    from django.contrib.auth import get_user_model

    usernames = get_user_model().objects.order_by("username").values_list("username", flat=True)
    costs: dict[str, dict[str, PageCost]] = {}
    for username in ["", *usernames]:
        for route, cost, html in _crawl(username):
            of_route = costs.setdefault(route, {})
            before = of_route.get(username)
            if before is None or before.statements < cost.statements:
                of_route[username] = cost
            if figures is not None:
                for name, scope, period, value, interval in _FIGURE.findall(html):
                    shown = figures.setdefault(f"{name} {scope} {period}".strip(), {})
                    shown.setdefault(f"{value} {interval}".strip(), cost.address)
            if folder is not None:
                name = re.sub(r"\W+", "_", f"{username or 'nobody'} {cost.address}")
                (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return costs


def _crawl(username: str) -> Iterator[tuple[str, PageCost, str]]:
    from django.urls import Resolver404, get_resolver, resolve

    reader = Reader(username)
    waiting = ["/", *_plain_addresses(get_resolver())]
    asked, done = Counter[str](), set[str]()
    while waiting:
        address = waiting.pop(0).split("#")[0]
        path = address.split("?")[0]
        try:
            route = resolve(path).route
        except Resolver404:
            continue
        if username and not route.startswith("desk/"):
            continue
        limit = FOLLOWED if "<" in route else 1
        if path in done or route.startswith(LEFT_OUT) or asked[route] >= limit:
            continue
        done.add(path)
        asked[route] += 1
        read = reader.read(path)
        if read is not None and read[0].statements > CHEAP:
            read = reader.read(path)
        if read is None:
            continue
        cost, html = read
        waiting += [link for link in Links(html).followed if link.startswith("/")]
        yield route, cost, html


def _plain_addresses(resolver: Any, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _plain_addresses(pattern, address)
        elif not re.search(r"[<^$(\\]", address):
            yield f"/{address}"


def stop_clock() -> None:
    """From here on it is the moment at which the demonstration ended."""
    from django.conf import settings
    from django.utils import timezone

    played = json.loads((Path(settings.DATA_DIR) / "demonstration.json").read_bytes())
    end = datetime.fromisoformat(played["end"])
    timezone.now = lambda: end


def main(folder: Path | None) -> None:
    import django

    django.setup()
    stop_clock()
    figures: dict[str, dict[str, str]] = {}
    costs = {
        route: {name: asdict(cost) for name, cost in of_route.items()}
        for route, of_route in page_costs(folder, figures).items()
    }
    print(json.dumps({"costs": costs, "figures": figures}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
