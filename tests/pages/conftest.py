"""The clock of all tests of pages, a real Chromium for those marked `browser`, people signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from tests.actions.complaints.conftest import NOW, PHONE, World, world
from tests.actions.hotissues.conftest import fewer_drawn
from tests.clock import begin_at
from tests.needs import CHROMIUM
from tests.pages.slowness import SLOW
from tests.pages.window import PASSWORD, PATIENCE, Window

__all__ = ["PASSWORD", "fewer_drawn", "world"]

WORDS = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser.

    One for each module: while it is open an event loop runs in this thread, which no test of
    another module should find there.
    """
    # Playwright's sync interface runs an event loop in this thread; Django asks to be told so.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=FLAGS, timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _slow_server() -> None:
    """Before any server starts: it waits where `AMENDS_TEST_SLOW` says so."""
    if SLOW:
        settings.MIDDLEWARE = ["tests.pages.slowness.SlowServer", *settings.MIDDLEWARE]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask the clock; a test that is about another moment sets it itself."""
    begin_at(monkeypatch)


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Window]]:
    """Makes windows: `visitor(language="en", width=390, dark=True)`."""
    opened: list[Window] = []

    def make(**wishes: Any) -> Window:
        opened.append(Window(chromium, live_server.url, **wishes))
        return opened[-1]

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
    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.receive import receive

    said = {"channel": "app", "received_at": NOW, "phone": PHONE, "identity": "operator_login"}
    return receive(Submission(key=key, text=text, **(said | fields)), now=NOW).complaint


def colleague(name: str, *roles: str, brand: str = "") -> Any:
    """A person with an account."""
    from amends.people.access.actions.add_user import add_user
    from amends.people.partners.actions.register import register_partners
    from amends.people.partners.queries import PartnerView

    partner = ""
    if "agent" in roles:
        partner = "par-a"
        register_partners([PartnerView(partner, "agent", "甲", "A")])
    return add_user(
        name, password=PASSWORD, roles=roles or ["handler"], brand=brand, partner=partner
    )


def approve(client: Client, ref: str, **letter: str) -> Any:
    """Approve on the page and let the time to undo pass; the page that follows the approval."""
    from amends.cases.complaints.actions.approve_later import UNDO_WITHIN, approve_due
    from amends.cases.complaints.queries.status import newest_decisions

    form = {"seen": newest_decisions([ref])[ref].id, "confirmed": "yes"} | letter
    answer = client.post(f"/desk/c/{ref}/approve/", form, follow=True)
    approve_due(now=timezone.now() + UNDO_WITHIN)
    return answer


def signed_in(user: Any, language: str = "en") -> Client:
    """A client in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    client.cookies["amends_language"] = language
    return client


PARTS_OF_COMPLAINT = ("", "tab/evidence/", "tab/customer/", "tab/issue/", "dialogs/")
"""Addresses below that of a complaint: the page, and what it asks for when somebody opens it."""


def complaint_page(client: Client, ref: str) -> str:
    """The page of a complaint with every tab and dialog opened."""
    return "".join(
        client.get(f"/desk/c/{ref}/{part}", headers={"HX-Request": "true"}).content.decode()
        for part in PARTS_OF_COMPLAINT
    )


@pytest.fixture
def desk(world: World) -> Desk:
    """The handler's desk in English."""
    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.platform.kit.actors import system

    complaint = complain()
    investigate_many([complaint], actor=system("desk"), now=NOW)
    handler = colleague("qiao.lin", "handler")
    return Desk(world, complaint, handler, signed_in(handler))
