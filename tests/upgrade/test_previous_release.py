"""The previous release's processes on the schema of this version: during an upgrade, and after a
rollback of the code.

Its own code makes a database and serves it. This version's `amends migrate` runs meanwhile. Then
the same processes take complaints, orders and usage, and show a page of each app.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from installation import Answer, Installation, until
from tests.databases import Databases
from tests.upgrade.previous_code import previous_code, previous_path
from tests.upgrade.sample_data import PASSWORD, PHONE

pytestmark = [pytest.mark.upgrade, pytest.mark.needs("history")]
_PAUSE_S = 0.1
_DURING = 1000
_MOST_S = 5.0 if os.environ.get("AMENDS_TEST_DATABASE") == "postgres" else 30.0
"""How long a complaint may take during the migration; on SQLite it waits until that has ended."""
STORY = "你们每月扣我10块钱彩铃费，我从来没有订过。"


class PreviousRelease(Installation):
    """`amends` of the previous release over a data directory; its log is a file."""

    def __init__(self, data: Path, url: str) -> None:
        super().__init__(data, url)
        self.present = self.environment | {"AMENDS_PACK": "cn", "AMENDS_SEMANTIC": "no"}
        self.environment = self.present | {"PYTHONPATH": previous_path()}
        self.log = data / "serve.log"

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command of the previous release."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "amends", *words],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def post(self, path: str, token: str, key: str, body: dict[str, str]) -> Answer:
        """A request to the interface, under a key."""
        return self.ask(
            "POST",
            f"/api/v1/{path}",
            json.dumps(body).encode(),
            Authorization=f"Bearer {token}",
            Idempotency_Key=key,
            Content_Type="application/json",
        )

    def complain_of(self, number: int, token: str) -> Answer:
        """A complaint of a person of their own: those of one person would join the first."""
        body = {"text": STORY, "phone": f"1390002{number:04d}"}
        return self.post("complaints", token, f"complaint-{number}", body)

    def migrate(self) -> None:
        """`amends migrate` of this version."""
        done = subprocess.run(
            [sys.executable, "-m", "amends", "migrate"],
            env=self.present,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def failures(self, *, since: int) -> list[str]:
        """Exceptions in the log after its first `since` bytes."""
        entries = self.log.read_bytes()[since:].decode().splitlines()
        return [line for line in entries if '"error": ' in line or "Traceback" in line]


class Browser:
    """Cookies and forms of one person."""

    def __init__(self, installation: Installation) -> None:
        self._base = f"http://127.0.0.1:{installation.port}"
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> Answer:
        """A page, redirections followed."""
        return self._ask(path, None)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """A form of the page at this address, sent with its token."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)
        assert token is not None, path
        return self._ask(path, {"csrfmiddlewaretoken": token[1], **form})

    def _ask(self, path: str, form: dict[str, str] | None) -> Answer:
        data = urlencode(form).encode() if form is not None else None
        request = Request(self._base + path, data, {"Accept-Language": "en"})
        try:
            response = self._opener.open(request, timeout=90)
        except HTTPError as error:
            response = error
        with response:
            text = response.read().decode(errors="replace")
            return Answer(response.status, text, {"address": response.geturl()})


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The previous release, still serving, after this version migrated its database.

    intake       status and seconds of each complaint sent while the migration ran
    migrated_at  bytes of its log before the migration ended
    """

    release: PreviousRelease
    token: str
    pages: dict[str, list[str]]
    intake: list[tuple[int, float]]
    migrated_at: int

    def shows(self, code: str) -> bool:
        """Whether the interface shows the complaint of this tracking code."""
        token = f"Bearer {self.token}"
        path = f"/api/v1/complaints/{code}"
        return self.release.ask("GET", path, Authorization=token).status == 200

    def order(self, key: str) -> Answer:
        """Order the ringtone over the interface."""
        body = {"order": "open", "phone": PHONE, "offer": "ring"}
        return self.release.post("orders", self.token, key, body)


@contextmanager
def _intake(release: PreviousRelease, token: str) -> Iterator[list[tuple[int, float]]]:
    """Complaints one after the other, over the interface, until the block ends."""
    taken: list[tuple[int, float]] = []
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(_PAUSE_S):
            began = time.monotonic()
            try:
                status = release.complain_of(_DURING + len(taken), token).status
            except (OSError, HTTPException):
                status = 0
            taken.append((status, time.monotonic() - began))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    databases = Databases(os.environ.get("AMENDS_DATABASE_URL", ""))
    release = PreviousRelease(tmp_path_factory.mktemp("data"), databases.empty())
    sample = Path(__file__).with_name("sample_data.py")
    made = subprocess.run(
        [sys.executable, str(sample)],
        env=release.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    about: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    assert Path(about["code"]).is_relative_to(previous_code())
    try:
        release.start()
        assert release.complain_of(1, about["token"]).status == 201
        with _intake(release, about["token"]) as intake:
            release.migrate()
        migrated_at = release.log.stat().st_size
        yield Upgraded(release, about["token"], about["pages"], intake, migrated_at)
    finally:
        release.stop()
        databases.drop()


def test_complaints_are_taken_while_the_migration_runs(upgraded: Upgraded) -> None:
    longest = max(seconds for _status, seconds in upgraded.intake)
    print(f"{len(upgraded.intake)} complaints, the longest took {longest:.2f} s")  # noqa: T201
    assert {status for status, _seconds in upgraded.intake} == {201}
    assert longest <= _MOST_S


def test_the_interface_takes_complaints(upgraded: Upgraded) -> None:
    taken = upgraded.release.complain_of(2, upgraded.token)
    assert taken.status == 201, taken.text
    again = upgraded.release.complain_of(2, upgraded.token)
    assert again.document["tracking_code"] == taken.document["tracking_code"], taken.text


def test_the_public_form_ends_with_a_receipt(upgraded: Upgraded) -> None:
    person = Browser(upgraded.release)
    assert person.post("/complain/", {"text": STORY, "wanted": ""}).status == 200
    assert person.post("/complain/about/", {"about": ""}).status == 200
    reach = {"phone": "139 0000 7777", "email": "", "name": "Lin"}
    assert person.post("/complain/reach/", reach).status == 200
    sent = person.post("/complain/check/", {})
    assert sent.status == 200, sent.text[:500]
    assert sent.headers["address"].endswith("/complain/receipt/")
    receipt = person.get("/complain/receipt/").text
    code = re.search(r'<p class="code">([0-9A-Z-]{14})</p>', receipt)
    assert code is not None, receipt
    until(lambda: upgraded.shows(code[1]), "its job receives the complaint")


def test_pages_of_each_app_open(upgraded: Upgraded) -> None:
    wei = Browser(upgraded.release)
    signed_in = wei.post("/account/login/", {"login": "wei", "password": PASSWORD})
    assert signed_in.status == 200, signed_in.text[:500]
    failed, shown = [], set()
    for app, paths in sorted(upgraded.pages.items()):
        for path in paths:
            if path in ("/healthz", "/healthz/ready"):  # another version's guards are not its own
                continue
            status = wei.get(path).status
            if status == 500:
                failed.append(f"{path}: {status}")
            elif status == 200:
                shown.add(app)
    assert failed == [], upgraded.release.log.read_text()[-3000:]
    assert upgraded.pages.keys() - shown == set()


def test_an_order_waits_for_the_confirmation_of_the_user(upgraded: Upgraded) -> None:
    placed = upgraded.order("order-1")
    assert placed.status == 201, placed.text
    assert placed.document["state"] == "waiting"


def test_usage_makes_notices(upgraded: Upgraded, tmp_path: Path) -> None:
    lines, usage = tmp_path / "lines.csv", tmp_path / "usage.csv"
    lines.write_text(
        "service,subscriber,zone,day,plan,data_mb\nsvc-0,person-0,Asia/Shanghai,1,small,100\n",
        encoding="utf-8",
    )
    at_ms = int(time.time() * 1000) - 60_000
    usage.write_text(
        "record,service,at_ms,kind,amount,charge_minor,country\n"
        f"r1,svc-0,{at_ms},data,{95 * 2**20},0,CN\n",
        encoding="utf-8",
    )
    enrolled = json.loads(upgraded.release.amends("notices", "enrol", str(lines), "--json"))
    assert enrolled["added"] == 1
    counted = json.loads(upgraded.release.amends("notices", "run", str(usage), "--json"))
    assert (counted["records"], counted["rejected"]) == (1, 0)
    assert counted["notices"] >= 1


def test_its_jobs_go_on_and_it_starts_again(upgraded: Upgraded) -> None:
    """Its jobs have run since the migration; a rollback of the code starts it on the new schema."""
    release = upgraded.release
    assert release.failures(since=upgraded.migrated_at) == []
    release.stop()
    began = release.log.stat().st_size
    release.start()
    assert release.complain_of(3, upgraded.token).status == 201
    assert release.failures(since=began) == []
