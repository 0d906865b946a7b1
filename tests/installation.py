"""An installation as an operator runs it: a data directory, `amends serve`, and who asks it."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.ports import free_port
from tests.shell import run_amends

PATIENCE_S = 120
"""How long anything may take on a machine that is busy with other tests."""


def until(true: Callable[[], object], what: str) -> None:
    """Wait for a condition; a connection that fails meanwhile is not one."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            if true():
                return
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.2)


def remount(folder: Path, how: str) -> None:
    """Make a mounted file system "ro" or "rw"; a file being written at that moment is waited for."""
    words = ["mount", "-o", f"remount,{how}", str(folder)]
    until(
        lambda: subprocess.run(words, check=False, capture_output=True).returncode == 0,
        f"{folder} is {how}",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]
    """By their names in small letters."""

    @property
    def document(self) -> Any:
        """The text as JSON."""
        return json.loads(self.text)


def _answer(got: http.client.HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in got.getheaders()}
    return Answer(got.status, got.read().decode(), headers)


class Installation:
    """`amends` over a data directory; "" for the embedded database."""

    def __init__(self, data: Path, url: str = "") -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AMENDS_")}
        self.data = data
        self.environment = {
            **kept,
            "AMENDS_DATA_DIR": str(data),
            "AMENDS_DATABASE_URL": url,
            "AMENDS_REQUIRE_MFA": "no",
        }
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        """The file of the embedded database."""
        return self.data / "amends.sqlite3"

    def amends(self, *words: str) -> str:
        """Run a command that must succeed; what it printed."""
        done = self.try_amends(*words)
        assert done.returncode == 0, f"{words}: {done.stdout[-500:]}{done.stderr[-1500:]}"
        return done.stdout

    def try_amends(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return run_amends(words, self.environment)

    def start(self, *words: str) -> None:
        """Serve, and wait until it answers."""
        self.process = self.run("serve", "--port", str(self.port), *words)
        until(lambda: self.ask("GET", "/healthz").status == 200, "amends serve comes up")

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "amends", *words],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """Ask to stop, so that the processes that answer for it stop too."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(180)
        self.process = None

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> Answer:
        """One request."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)) as line:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body or None, {"Accept-Language": "en", **named})
            answer = line.getresponse()
            return _answer(answer)

    def complain(self, token: str, key: str, text: str = "我没有订过彩铃，请退费") -> Answer:
        """File a complaint by the interface, under a key."""
        body = json.dumps({"text": text, "phone": "13900001234"}).encode()
        return self.ask(
            "POST",
            "/api/v1/complaints",
            body,
            Authorization=f"Bearer {token}",
            Idempotency_Key=key,
            Content_Type="application/json",
        )

    def sign_in(self, language: str = "en") -> Answer:
        """A form with a page of its own: reads the token, sends the name wei and the password."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)) as line:
            line.request("GET", "/account/login/", headers={"Accept-Language": language})
            page = line.getresponse()
            text, cookie = page.read().decode(), page.getheader("Set-Cookie", "").split(";")[0]
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
            if token is None:
                return Answer(page.status, text, {})
            form = {"csrfmiddlewaretoken": token[1], "login": "wei", "password": "harbour-kite-42"}
            line.request(
                "POST",
                "/account/login/",
                urlencode(form),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": cookie,
                    "Accept-Language": language,
                },
            )
            answer = line.getresponse()
            return _answer(answer)
