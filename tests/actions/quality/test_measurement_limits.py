"""Places, tokens and origins at the measurement server, against clients that mean no test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from tests.installation import until
from typer.testing import CliRunner

from amends.network.measurement import control, server
from amends.network.measurement.admission import MOST_WAITING, Admission, source_of
from amends.network.measurement.server import CONTROL, DOWNLOAD, UPLOAD, Server, serve
from amends.network.measurement.signing import UnableToVerify, sign
from amends.network.measurement.tokens import TOGETHER_S, TestStream, Tokens
from amends.network.quality.cli import origins_of

pytestmark = pytest.mark.no_database

SECRET = b"s" * 32
NOW = 1_800_000_000.0


def token(path: str, *, name: str = "", **changes: Any) -> str:
    about = {
        "id": name or path,
        "test": "t1",
        "path": path,
        "stream": 0,
        "streams": 1,
        "not_before": 0,
        "expires": NOW + 300,
    }
    return sign("token", about | changes, secret=SECRET)


def redeem(tokens: Tokens, text: str, path: str, *, now: float = NOW) -> TestStream:
    return tokens.redeem({"access_token": text}, path, now=now)


def test_a_token_says_which_of_how_many_streams_it_opens() -> None:
    tokens = Tokens(SECRET)
    second = token(DOWNLOAD, stream=1, streams=4)
    assert redeem(tokens, second, DOWNLOAD) == TestStream("t1", 1, 4)
    with pytest.raises(UnableToVerify):
        redeem(tokens, second, DOWNLOAD)
    with pytest.raises(UnableToVerify):
        redeem(tokens, token(DOWNLOAD), UPLOAD)
    with pytest.raises(UnableToVerify):
        redeem(tokens, token(UPLOAD), UPLOAD, now=NOW + 301)


def test_the_streams_of_one_direction_begin_together() -> None:
    """One after another, each would have the line alone."""
    tokens = Tokens(SECRET)
    redeem(tokens, token(DOWNLOAD, streams=3), DOWNLOAD)
    redeem(tokens, token(DOWNLOAD, name="2", stream=1, streams=3), DOWNLOAD, now=NOW + 1)
    late = NOW + TOGETHER_S + 1
    with pytest.raises(UnableToVerify):
        redeem(tokens, token(DOWNLOAD, name="3", stream=2, streams=3), DOWNLOAD, now=late)
    redeem(tokens, token(UPLOAD, streams=3), UPLOAD, now=late)
    redeem(tokens, token(DOWNLOAD, name="other", test="t2"), DOWNLOAD, now=late)


def test_what_is_remembered_of_tokens_ends_with_them() -> None:
    tokens = Tokens(SECRET)
    for number in range(100):
        redeem(tokens, token(DOWNLOAD, name=str(number), test=str(number)), DOWNLOAD)
    redeem(tokens, token(UPLOAD, expires=NOW + 900), UPLOAD, now=NOW + 400)
    assert (len(tokens._used), len(tokens._began)) == (1, 1)


def test_few_tests_of_one_source_wait_at_once() -> None:
    admission = Admission(1)
    assert admission.enter("runs")
    for number in range(MOST_WAITING):
        assert admission.wait(f"mine-{number}", lambda before: None, source="198.51.100.7")
    assert not admission.wait("one more", lambda before: None, source="198.51.100.7")
    heard: list[int | None] = []
    assert admission.wait("of somebody else", heard.append, source="203.0.113.9")
    assert heard == [MOST_WAITING]
    assert source_of("2001:db8:0:1::1") == source_of("2001:db8:0:1:2::3")
    assert source_of("2001:db8:0:1::1") != source_of("2001:db8:0:2::1")


# --- the server itself ---------------------------------------------------------------------------


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Starts servers in this process, ten times as impatient as real ones; gives the port."""
    for name in ("SILENT_S", "UNUSED_S", "PLACE_S", "_CHECK_S"):
        monkeypatch.setattr(control, name, getattr(control, name) / 10)
    monkeypatch.setattr(server, "HANDSHAKE_S", 0.5)
    loops: list[asyncio.AbstractEventLoop] = []

    def start(one: Server) -> int:
        ports: list[int] = []

        def run() -> None:
            loop = asyncio.new_event_loop()
            loops.append(loop)
            task = loop.create_task(serve(one, host="127.0.0.1", port=0, listening=ports.append))
            task.add_done_callback(lambda _task: loop.stop())
            loop.run_forever()

        Thread(target=run, daemon=True).start()
        until(lambda: ports, "the server listens")
        return ports[0]

    yield start
    for loop in loops:
        loop.call_soon_threadsafe(
            lambda loop=loop: [one.cancel() for one in asyncio.all_tasks(loop)]
        )


class Socket:
    """A control socket that is asked for by hand."""

    def __init__(self, port: int, path: str, **headers: str) -> None:
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        given = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: measure\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Protocol: {server.PROTOCOL}\r\n{given}\r\n".encode()
        )
        self.file = self.raw.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def said(self) -> Any:
        """The next text of the server; None once it has closed."""
        head = self.file.read(2)
        if len(head) < 2 or head[0] & 15 != 1:
            return None
        return json.loads(self.file.read(head[1]))

    def echo(self) -> None:
        text = b'{"Echo":1}'
        self.raw.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)

    def seconds_until_closed(self, *, echoing: bool = False) -> float:
        """How long the server keeps it, silent or asking for an echo again and again."""
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while self.said() is not None:
                if echoing:
                    time.sleep(0.05)
                    self.echo()
        return time.monotonic() - began


def test_a_place_goes_back_from_who_neither_echoes_nor_measures(
    running: Callable[..., int],
) -> None:
    one = Server(None, "pop1", Admission(1))
    port = running(one)
    idle = Socket(port, f"{CONTROL}?amends_test=idle")
    assert idle.said() == {"Amends": {"Go": True}}
    honest = Socket(port, f"{CONTROL}?amends_test=honest")
    assert honest.said() == {"Amends": {"Before": 0}}
    assert idle.seconds_until_closed() < 2
    assert honest.said() == {"Amends": {"Go": True}}


def test_a_place_goes_back_from_who_only_echoes(running: Callable[..., int]) -> None:
    one = Server(None, "pop1", Admission(1))
    echoing = Socket(running(one), f"{CONTROL}?amends_test=echoes")
    assert echoing.said() == {"Amends": {"Go": True}}
    echoing.echo()
    assert 1 < echoing.seconds_until_closed(echoing=True) < 4
    until(lambda: not one.admission.running, "the place is free")


def test_a_test_has_one_control_socket(running: Callable[..., int]) -> None:
    one = Server(None, "pop1", Admission(1))
    port = running(one)
    other = Socket(port, f"{CONTROL}?amends_test=other")
    assert other.said() == {"Amends": {"Go": True}}
    waiting = Socket(port, f"{CONTROL}?amends_test=same")
    assert waiting.said() == {"Amends": {"Before": 0}}
    assert Socket(port, f"{CONTROL}?amends_test=same").status == 409
    waiting.raw.shutdown(socket.SHUT_RDWR)
    until(lambda: not one.admission.waiting, "nobody waits")
    assert set(one.admission.running) <= {"other"}


def test_who_sends_no_whole_request_is_disconnected(running: Callable[..., int]) -> None:
    port = running(Server(None, "pop1", Admission(1)))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"GET /ndt/v7/download HTTP/1.1\r\n")
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 5:
                time.sleep(0.1)
                slow.sendall(b"X: y\r\n")
        assert time.monotonic() - began < 3


def test_pages_of_other_sites_cannot_measure_here(running: Callable[..., int]) -> None:
    port = running(Server(None, "pop1", Admission(9), origins=frozenset({"https://own.example"})))
    statuses = {
        origin: Socket(port, CONTROL, Origin=origin).status
        for origin in ("https://own.example", "https://OWN.example", "https://evil.example", "null")
    }
    assert list(statuses.values()) == [101, 101, 403, 403]
    assert Socket(port, CONTROL).status == 101, "a command-line client sends no Origin"


@pytest.mark.parametrize(
    ("sites", "origins"),
    [
        (["https://Own.example/portal/"], {"https://own.example"}),
        (
            ["https://own.example:443", "capacitor://localhost"],
            {"https://own.example", "capacitor://localhost"},
        ),
        (
            ["http://localhost:8000"],
            {"http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"},
        ),
    ],
)
def test_sites_are_compared_as_browsers_send_them(sites: list[str], origins: set[str]) -> None:
    assert origins_of(sites) == origins


def test_a_site_that_is_no_address_is_refused() -> None:
    from amends.network.quality.cli import app
    from amends.platform.kit.errors import BadInput

    for site in ("own.example", "https://", "https://[", "x"):
        ended = CliRunner().invoke(app, ["serve", "--port", "0", "--origin", site])
        assert isinstance(ended.exception, BadInput)
