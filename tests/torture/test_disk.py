"""A disk that is full: a page that says so, no half state, and it goes on by itself."""

from __future__ import annotations

import http.client
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.ports import free_port

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 96 MB, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=700", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("Only root may mount a file system.")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class Desk:
    """`amends serve` over a data directory, and somebody who files complaints by the API."""

    def __init__(self, data: Path) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AMENDS_")}
        self.environment = {**kept, "AMENDS_DATA_DIR": str(data), "AMENDS_REQUIRE_MFA": "no"}
        self.database = data / "amends.sqlite3"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def amends(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "amends", *words], env=self.environment, check=True,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "amends", "serve", "--no-jobs", "--port", str(self.port)],
            env=self.environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.until(lambda: self.ask("GET", "/healthz")[0] == 200)

    def until(self, true: object) -> None:
        end = time.monotonic() + 120
        while True:
            try:
                if true():  # type: ignore[operator]
                    return
            except OSError:
                pass
            assert time.monotonic() < end
            time.sleep(0.2)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)) as line:
            line.request(method, path, body or None, {"Accept-Language": "en", **headers})
            answer = line.getresponse()
            return answer.status, answer.read().decode()

    def sign_in(self) -> tuple[int, str]:
        """A form with a page of its own: reads the token, sends name and password."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)) as line:
            line.request("GET", "/account/login/", headers={"Accept-Language": "en"})
            page = line.getresponse()
            text, cookie = page.read().decode(), page.getheader("Set-Cookie", "").split(";")[0]
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
            assert token is not None, text[:300]
            form = {"csrfmiddlewaretoken": token[1], "login": "wei", "password": "harbour-kite-42"}
            line.request("POST", "/account/login/", urlencode(form), {
                "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie,
                "Accept-Language": "en",
            })  # fmt: skip
            answer = line.getresponse()
            return answer.status, answer.read().decode()

    def sessions(self) -> int:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as line:
            assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return int(line.execute("SELECT count(*) FROM django_session").fetchone()[0])


@pytest.fixture
def desk(small_disk: Path) -> Iterator[Desk]:
    one = Desk(small_disk / "data")
    one.amends("migrate")
    one.amends("user", "wei", "--role", "handler", "--password", "harbour-kite-42")
    one.start()
    yield one
    if one.process is not None:
        # Asked to stop, so that the process that answers for it stops too.
        one.process.terminate()
        one.process.wait(60)


def _fill(folder: Path) -> Path:
    """Take every byte that is left."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4_096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


def test_a_full_disk_is_told_and_when_there_is_room_again_it_goes_on(
    desk: Desk, small_disk: Path
) -> None:
    assert desk.sign_in()[0] == 302
    before = desk.sessions()
    ballast = _fill(small_disk)
    # What still fits into pages that are there may be written; then it is said, and said well.
    for _ in range(400):
        status, page = desk.sign_in()
        assert status in (302, 503), page[:500]
        if status == 503:
            break
    assert status == 503
    assert "Nothing can be saved at the moment" in page
    assert "send it again" in page
    had = desk.sessions()
    assert had >= before
    ballast.unlink()
    desk.until(lambda: desk.sign_in()[0] == 302)
    assert desk.sessions() > had
    assert desk.ask("GET", "/healthz")[0] == 200
