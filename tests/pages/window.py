"""A browser window of the tests, in which every action waits for what it leads to.

A click returns once the button is pressed; the page it leads to comes later, on a busy machine
much later. So a test presses with `Window.press`, which waits for the next page, and asks with
`expect`, which asks again until the answer is right or `PATIENCE` is over. What answers at once
(`is_visible`, `count`, `inner_text`, …) is called in this file only, of a page that has loaded;
`tests/conventions/test_browser_tests_wait.py` holds that line.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.pages.slowness import SLOW, slow_down

PASSWORD = "harbour-kite-42"
PATIENCE = 120_000
"""Milliseconds until a page that does not come is a fault: many times what a busy machine needs."""

SMALL_TARGETS = """
[...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter(one => one.checkVisibility() && !one.closest('.visually-hidden, .skip'))
  .map(one => [one, (one.closest('label.choice') || one).getBoundingClientRect()])
  .filter(([one, box]) => box.height < 43.9)
  .map(([one, box]) => `${Math.round(box.height)} px: ${one.outerHTML.slice(0, 70)}`)
"""

expect.set_options(timeout=PATIENCE)


class Window:
    """One person's window: language, width and scheme chosen, every fault noted."""

    def __init__(
        self,
        browser: Browser,
        base: str,
        *,
        language: str = "zh-hans",
        width: int = 1440,
        dark: bool = False,
        script: bool = True,
    ) -> None:
        self.base, self.width = base, width
        self.faults: list[str] = []
        self.strangers: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_cookies([{"name": "amends_language", "value": language, "url": base}])
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._request)
        if SLOW:
            slow_down(self.context, self.page)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.strangers.append(request.url)

    def _one(self, target: str | Locator) -> Locator:
        return self.page.locator(target) if isinstance(target, str) else target

    def let_in(self, client: Client) -> None:
        """Carry on where a client of Django's has signed in."""
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.base}]
        )

    def sign_in(self, name: str, onward: str = "/desk/") -> Page:
        """Sign in by the form and stand at the page one wanted."""
        self.open(f"/account/login/?next={onward}")
        self.page.fill("#id_login", name)
        self.page.fill("#id_password", PASSWORD)
        self.press("button.main")
        self.stands_at(re.escape(onward))
        return self.page

    # --- actions ------------------------------------------------------------------------------

    def open(self, path: str) -> Page:
        """Go to a page, wait until it has loaded, and return it."""
        self.page.goto(f"{self.base}{path}")
        return self.page

    def press(self, target: str | Locator = "", *, key: str = "") -> None:
        """Press what leads to another page (or to this one anew), and wait until it has loaded."""
        with self.page.expect_navigation(wait_until="load"):
            self.touch(target, key=key)

    def touch(self, target: str | Locator = "", *, key: str = "") -> None:
        """Press what changes something on this page; the test then expects the change."""
        if key:
            self.page.keyboard.press(key)
        else:
            self._one(target).click()

    def download(self, target: str | Locator) -> Path:
        """Press what hands out a file; the file, once it is whole."""
        with self.page.expect_download() as waiting:
            self.touch(target)
        return Path(waiting.value.path())

    def back(self) -> None:
        """The browser's way back."""
        self.page.go_back()

    def again(self) -> None:
        """Load the page anew."""
        self.page.reload()

    # --- what the loaded page says ------------------------------------------------------------

    def where(self) -> str:
        """Path and query of the page."""
        return self.page.url.removeprefix(self.base)

    def stands_at(self, pattern: str) -> None:
        """Path and query match the regular expression as a whole."""
        expect(self.page).to_have_url(re.compile(f"^{re.escape(self.base)}{pattern}$"))

    def source(self) -> str:
        """All of the page, hidden parts and attributes too."""
        self.page.wait_for_load_state()
        return self.page.content()

    def text(self, target: str | Locator) -> str:
        """The words of the one element meant, once it is seen."""
        expect(self._one(target)).to_be_visible()
        return self._one(target).inner_text()

    def measure(self, script: str) -> Any:
        """What a script finds on the page, once it has loaded."""
        self.page.wait_for_load_state()
        return self.page.evaluate(script)

    def wider_than_itself(self) -> int:
        """Pixels by which the page runs off the side."""
        return max(0, int(self.measure("document.documentElement.scrollWidth")) - self.width)

    def small_targets(self) -> list[str]:
        """Links and controls too low for a thumb."""
        return list(self.measure(SMALL_TARGETS))

    def axe(self, *, besides: Collection[str] = ()) -> list[str]:
        """Faults axe finds on the page as it stands, but for minor ones and those named."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.wait_for_load_state()
        found = Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {node['html'][:140]}"
            for fault in found
            if fault["impact"] in {"moderate", "serious", "critical"} and fault["id"] not in besides
            for node in fault["nodes"]
        ]
