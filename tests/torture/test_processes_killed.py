"""Web, sequencer, sender and worker, each killed and each stopped while at work, on both databases.

What was acknowledged is there, once; what was not and is sent again under its key is there, once.
"""

from __future__ import annotations

import contextlib
import email
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mailservers.smtp import SmtpServer
from tests.installation import Answer, Installation, until

pytestmark = pytest.mark.nightly
EACH = 6
KINDS = {
    "web": ("serve", "--no-jobs"),
    "sequencer": ("work", "--jobs", "sequence"),
    "sender": ("work", "--jobs", "send"),
    "worker": ("work", "--jobs", "rest"),
}
LATER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from amends.channels.jobs.send_due import send_due
send_due(clock=lambda: timezone.now() + timedelta({days}), limit=500)
"""


class House(Installation):
    """An installation whose processes run apart, as the units start them."""

    def __init__(self, data: Path, url: str, smtp: SmtpServer) -> None:
        super().__init__(data, url)
        self.url = url
        self.environment |= {
            "AMENDS_SMTP_URL": smtp.url,
            "AMENDS_MAIL_FROM": "complaints@operator.example",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, kind: str) -> None:
        """Start a process of a kind, in a group of its own."""
        words = [*KINDS[kind], *(("--port", str(self.port)) if kind == "web" else ())]
        self.running[kind] = subprocess.Popen(
            [sys.executable, "-m", "amends", *words],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self, kind: str, how: signal.Signals) -> int:
        """Kill it with all that belongs to it, or ask it to stop; what it ended with."""
        one = self.running.pop(kind)
        if how is signal.SIGKILL:
            os.killpg(one.pid, how)
        else:
            one.send_signal(how)
        return one.wait(180)

    def close(self) -> None:
        """Leave nothing running."""
        for one in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()

    def later(self, days: int) -> None:
        """Send what is due then."""
        done = subprocess.run(
            [sys.executable, "-c", LATER.format(days=days)],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database, past Amends."""
        if not self.url:
            with closing(sqlite3.connect(self.database, timeout=60)) as line:
                return line.execute(question).fetchall()
        import psycopg

        with psycopg.connect(self.url) as server:
            return server.execute(question).fetchall()

    def file(self, token: str, key: str) -> Answer:
        """A complaint that is answered by mail."""
        told = {"text": "我没有订过彩铃，请退费", "email": f"{key}@example.com"}
        return self.ask(
            "POST",
            "/api/v1/complaints",
            json.dumps(told).encode(),
            Authorization=f"Bearer {token}",
            Idempotency_Key=key,
            Content_Type="application/json",
        )


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    running = SmtpServer()
    yield running
    running.stop()


@pytest.fixture
def house(
    tmp_path: Path, migrated_database_url: Callable[[Path], str], smtp: SmtpServer
) -> Iterator[House]:
    one = House(tmp_path / "data", migrated_database_url(tmp_path / "data"), smtp)
    one.amends("migrate")
    for kind in KINDS:
        one.begin(kind)
    until(lambda: one.ask("GET", "/healthz/ready").status == 200, "the web comes up")
    yield one
    one.close()


def test_each_kind_killed_and_stopped_at_work_loses_and_doubles_nothing(
    house: House, smtp: SmtpServer
) -> None:
    token = house.amends("client", "crm", "--scope", "complaints:write").strip()
    acknowledged: dict[str, str] = {}

    def file(keys: list[str]) -> None:
        for key in keys:
            until(lambda key=key: sent(key), f"{key} is taken")

    def sent(key: str) -> bool:
        try:
            answer = house.file(token, key)
        except (OSError, http.client.HTTPException):
            return False
        if answer.status in (200, 201):
            acknowledged[key] = answer.document["complaint"]
        return key in acknowledged

    for kind in KINDS:
        for how in (signal.SIGKILL, signal.SIGTERM):
            keys = [f"{kind}-{how.name.lower()}-{number}" for number in range(EACH)]
            filing = threading.Thread(target=file, args=(keys,))
            filing.start()
            until(lambda keys=keys: keys[1] in acknowledged, "it is at work")
            code = house.end(kind, how)
            assert how is signal.SIGKILL or code in (0, -signal.SIGTERM), kind
            house.begin(kind)
            filing.join()

    refs = [ref for (ref,) in house.rows("SELECT id FROM complaints_complaint")]
    assert sorted(map(str, refs)) == sorted(acknowledged.values())
    assert len(refs) == len(KINDS) * 2 * EACH
    until(
        lambda: house.rows("SELECT count(*) FROM ledger_fact WHERE seq IS NULL") == [(0,)],
        "everything is numbered",
    )
    numbers = [one for (one,) in house.rows("SELECT seq FROM ledger_fact ORDER BY seq")]
    assert len(set(numbers)) == len(numbers)
    received = Counter(
        house.rows("SELECT subject FROM ledger_fact WHERE kind = 'ComplaintReceived'")
    )
    assert set(received.values()) == {1}
    assert len(received) == len(refs)
    # The worker may still be starting: what it has not written yet does not wait to be sent.
    until(
        lambda: house.rows("SELECT count(*) FROM channels_outboxmessage") >= [(len(refs),)],
        "each is to be told that it was received",
    )
    until(
        lambda: not house.rows("SELECT 1 FROM channels_outboxmessage WHERE state = 'queued'"),
        "the senders have sent what waits",
    )
    for kind in KINDS:
        house.end(kind, signal.SIGTERM)
    # What was leased at a kill comes free with its lease.
    for days in (1, 2):
        house.later(days)
    posted = [email.message_from_bytes(one.content)["Message-ID"] for one in smtp.accepted]
    assert len(set(posted)) == len(posted), "no mail twice"
    states = Counter(state for (state,) in house.rows("SELECT state FROM channels_outboxmessage"))
    assert set(states) <= {"sent", "unknown"}, states
    assert states["sent"] <= len(posted) <= sum(states.values())
    assert json.loads(house.amends("ledger", "verify", "--deep", "--json"))["ok"]
