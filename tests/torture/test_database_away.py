"""A database that is slow, or gone for a while: told in words, nothing half done, no hand needed.

`AMENDS_OUTAGE_S` is how long it stays away, 3 seconds unless set.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import psycopg
import pytest

from installation import Answer, Installation, remount, until
from slow_line import SlowLine

OUTAGE_S = float(os.environ.get("AMENDS_OUTAGE_S", "3"))
pytestmark = [pytest.mark.nightly, pytest.mark.postgres]


@dataclass(frozen=True)
class Server:
    """The PostgreSQL the tests run on, with a database for these."""

    url: str
    socket: Path
    name: str


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    url = os.environ["AMENDS_DATABASE_URL"]
    folder = dict(parse_qsl(urlsplit(url).query))["host"]
    name = f"amends_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as line:
        line.execute(f'CREATE DATABASE "{name}"')
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    yield Server(own, Path(folder) / ".s.PGSQL.5432", name)
    with psycopg.connect(url, autocommit=True) as line:
        line.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def line(server: Server) -> Iterator[SlowLine]:
    one = SlowLine(server.socket)
    yield one
    one.close()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A file system of its own for keys and files, where one may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="ams-", dir="/tmp"))
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def desk(line: SlowLine, data: Path, server: Server) -> Iterator[Installation]:
    """`amends serve` with its jobs, behind the line."""
    one = Installation(
        data / "amends", f"postgresql://postgres@localhost:{line.port}/{server.name}"
    )
    one.amends("migrate")
    one.amends("user", "wei", "--role", "handler", "--password", "harbour-kite-42")
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def token(desk: Installation) -> str:
    return desk.amends("client", "crm", "--scope", "complaints:write").strip()


def _one(server: Server, question: str) -> Any:
    with psycopg.connect(server.url) as line:
        return line.execute(question).fetchone()[0]  # type: ignore[index]


def _until_whole(server: Server) -> None:
    """Every complaint has its contact and its fact, and every fact its number."""
    until(
        lambda: _one(server, "SELECT count(*) FROM ledger_fact WHERE seq IS NULL") == 0,
        "the jobs number what waits",
    )
    complaints = _one(server, "SELECT count(*) FROM complaints_complaint")
    facts = "SELECT count(*) FROM ledger_fact WHERE kind = 'ComplaintReceived'"
    assert _one(server, facts) == complaints
    lonely = "SELECT count(*) FROM complaints_complaint c WHERE NOT EXISTS"
    contact = f"{lonely} (SELECT 1 FROM complaints_contact t WHERE t.complaint_id = c.id)"
    assert _one(server, contact) == 0


def test_a_slow_database_makes_answers_late_and_not_wrong(
    desk: Installation, line: SlowLine, server: Server, token: str
) -> None:
    line.delay_s = 0.2
    try:
        assert desk.complain(token, "slow").status == 201
        assert desk.ask("GET", "/").status == 200
        assert desk.ask("GET", "/healthz").status == 200
    finally:
        line.delay_s = 0.0
    assert desk.complain(token, "slow").document["joined"] == "repeat"
    _until_whole(server)


def test_a_database_that_is_gone_is_told_and_comes_back_by_itself(
    desk: Installation, line: SlowLine, server: Server, token: str
) -> None:
    before = desk.complain(token, "before").document
    line.cut()
    try:
        left = time.monotonic() + OUTAGE_S
        refused = desk.complain(token, "during")
        assert (refused.status, refused.document["error"]) == (503, "unavailable"), refused.text
        assert refused.headers["retry-after"]
        assert desk.ask("GET", "/healthz").status == 503
        for language, says in (("en", "Our records cannot be reached"), ("zh-hans", "暂时无法")):
            page = desk.ask("GET", "/follow/", Accept_Language=language)
            signing = desk.sign_in(language)
            assert signing.status == 503, signing.text[:500]
            assert says in signing.text
            assert page.status in (200, 503)
            assert "Traceback" not in page.text + signing.text
        time.sleep(max(left - time.monotonic(), 0))
    finally:
        line.mend()
    until(lambda: desk.complain(token, "during").status in (200, 201), "intake goes on")
    assert desk.complain(token, "before").document == before | {"joined": "repeat"}
    until(lambda: desk.sign_in().status == 302, "sign-in goes on")
    assert _one(server, "SELECT count(*) FROM complaints_contact WHERE key LIKE '%during'") == 1
    _until_whole(server)


def test_a_cut_in_the_middle_of_intake_leaves_all_or_nothing(
    desk: Installation, line: SlowLine, server: Server, token: str
) -> None:
    """Wherever the line breaks: the same key sent again is one complaint."""
    for number, after_s in enumerate((0.02, 0.06, 0.12, 0.25)):
        line.delay_s = 0.02
        found: list[Answer] = []

        def file(key: str = f"cut-{number}", into: list[Answer] = found) -> None:
            into.append(desk.complain(token, key))

        filing = threading.Thread(target=file)
        filing.start()
        time.sleep(after_s)
        line.cut()
        filing.join(90)
        line.delay_s = 0.0
        line.mend()
        assert [one.status for one in found if one.status not in (200, 201, 503)] == []
        key = f"cut-{number}"
        until(lambda key=key: desk.complain(token, key).status in (200, 201), "intake goes on")
    asked = "SELECT count(*) FROM complaints_contact WHERE key LIKE '%cut-_'"
    assert _one(server, asked) == 4
    _until_whole(server)


@pytest.mark.mounts
def test_a_data_directory_that_takes_nothing_stops_no_reading(
    desk: Installation, data: Path, server: Server, token: str
) -> None:
    if not os.path.ismount(data):
        pytest.skip("Only root may mount a file system.")
    assert desk.complain(token, "first").status == 201, "the first complaint ever makes a key"
    remount(data, "ro")
    try:
        assert not os.access(data / "amends", os.W_OK)
        assert desk.complain(token, "ro").status == 201, "the record is in the database"
        page = desk.ask("GET", "/")
        assert page.status == 200
        signing = desk.sign_in()
        assert signing.status == 503, "whoever guesses could not be counted"
        assert "Nothing can be saved" in signing.text
    finally:
        remount(data, "rw")
    until(lambda: desk.sign_in().status == 302, "sign-in goes on")
    _until_whole(server)
