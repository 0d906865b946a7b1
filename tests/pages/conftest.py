"""A real Chromium for tests marked `browser`, and the axe checks every page must pass."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("AMENDS_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; absent is a skip, unless every test is required."""
    if not CHROMIUM.exists():
        if os.environ.get("AMENDS_REQUIRE_ALL"):
            pytest.fail("No Chromium; install it or name it in AMENDS_CHROMIUM.")
        pytest.skip("No Chromium; install it or name it in AMENDS_CHROMIUM.")
    # Playwright's sync interface runs an event loop in this thread; Django asks to be told so.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One person's browser window: language, width and scheme chosen, every fault noted."""

    def __init__(self, browser: Any, base: str, *, language: str, width: int, dark: bool) -> None:
        self.base = base
        self.faults: list[str] = []
        self.strangers: list[str] = []
        height = 844 if width < 600 else 900
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self.context.add_cookies([{"name": "amends_language", "value": language, "url": base}])
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.strangers.append(request.url)

    def open(self, path: str) -> Any:
        """Go to a page and return it."""
        self.page.goto(f"{self.base}{path}")
        return self.page

    def axe(self) -> list[str]:
        """Serious and critical faults axe finds on the page as it stands."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {node['html'][:140]}"
            for fault in found
            if fault["impact"] in {"serious", "critical"}
            for node in fault["nodes"]
        ]


@pytest.fixture
def visitor(chromium: Any, live_server: Any) -> Iterator[Any]:
    """Makes windows: `visitor(language="en", width=390, dark=True)`."""
    opened: list[Visitor] = []

    def make(*, language: str = "zh-hans", width: int = 1440, dark: bool = False) -> Visitor:
        window = Visitor(chromium, live_server.url, language=language, width=width, dark=dark)
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.context.close()
