"""A real Chromium for tests marked `browser`, and the axe checks every page must pass."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.actions.complaints.conftest import NOW, PHONE, World, world

__all__ = ["world"]

PASSWORD = "harbour-kite-42"
WORDS = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"

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


@dataclass(frozen=True, slots=True)
class Desk:
    """A handler at the desk, and a complaint that was investigated and waits for approval."""

    world: World
    complaint: str
    handler: Any
    client: Client


def complain(key: str = "k1", text: str = WORDS, **fields: Any) -> str:
    """Receive one complaint of the subscriber of the small operator; its id."""
    from amends.complaints.actions.receive import receive
    from amends.complaints.submission import Submission

    said = {"channel": "app", "received_at": NOW, "phone": PHONE, "identity": "operator_login"}
    return receive(Submission(key=key, text=text, **(said | fields)), now=NOW).complaint


def colleague(name: str, *roles: str, brand: str = "") -> Any:
    """A person with an account."""
    from amends.access.actions.add_user import add_user

    return add_user(name, password=PASSWORD, roles=roles or ["handler"], brand=brand)


def signed_in(user: Any, language: str = "en") -> Client:
    """A client in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    client.cookies["amends_language"] = language
    return client


@pytest.fixture
def desk(world: World) -> Desk:
    """The handler's desk in English."""
    from amends.access.actors import system
    from amends.complaints.actions.investigate import investigate_many

    complaint = complain()
    investigate_many([complaint], actor=system("desk"), now=NOW)
    handler = colleague("qiao.lin", "handler")
    return Desk(world, complaint, handler, signed_in(handler))
