"""A slow server and a slow browser, for proving that no browser test hopes to be fast.

`AMENDS_TEST_SLOW=300 python -m pytest -m browser tests/pages` lets the server wait 300 ms before
and after every answer and the browser compute at a quarter of its speed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from playwright.sync_api import BrowserContext, Page

SLOW = int(os.environ.get("AMENDS_TEST_SLOW") or 0)
"""Milliseconds each way; 0 is as fast as it goes."""


class SlowServer:
    """Middleware of the browser tests' server; a client of Django's own is never slowed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer late, and do what was asked for late."""
        pause = 0 if request.META["SERVER_NAME"] == "testserver" else SLOW / 1_000
        time.sleep(pause)
        response = self.get_response(request)
        time.sleep(pause)
        return response


def slow_down(context: BrowserContext, page: Page) -> None:
    """A quarter of the processor for one page."""
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
