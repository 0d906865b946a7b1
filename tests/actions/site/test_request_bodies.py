"""Bodies are received whole and within limits before a thread is taken."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from amends.site import request_bodies
from amends.site.request_bodies import RequestBodies

pytestmark = pytest.mark.no_database

Message = MutableMapping[str, Any]


class Exchange:
    """One request to the middleware, with an application that reads the body and answers 200."""

    def __init__(self, *chunks: bytes, pause_s: float = 0.0, ends: bool = True) -> None:
        self.chunks = list(chunks)
        self.pause_s = pause_s
        self.ends = ends
        self.sent: list[Message] = []
        self.body: bytes | None = None
        self.headers: dict[bytes, bytes] = {}

    async def receive(self) -> Message:
        await asyncio.sleep(self.pause_s)
        if not self.chunks:
            await asyncio.sleep(3600 if not self.ends else 0)
            return {"type": "http.disconnect"}
        chunk = self.chunks.pop(0)
        return {
            "type": "http.request",
            "body": chunk,
            "more_body": bool(self.chunks) or not self.ends,
        }

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def application(self, scope: Message, receive: Any, send: Any) -> None:
        self.headers = dict(scope["headers"])
        self.body = b""
        while True:
            message = await receive()
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def ask(self, *headers: tuple[bytes, bytes], path: str = "/chat/", method: str = "POST") -> int:
        """The status of the answer."""
        self.bodies = RequestBodies(self.application, answers={"/healthz/live": b"{}"})
        scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
        asyncio.run(self.bodies(scope, self.receive, self.send))
        return int(self.sent[0]["status"])


def _length(count: int) -> tuple[bytes, bytes]:
    return (b"content-length", str(count).encode())


def test_a_body_reaches_the_application_whole() -> None:
    exchange = Exchange(b"first ", b"second")
    assert exchange.ask(_length(12)) == 200
    assert exchange.body == b"first second"
    assert exchange.bodies.buffered_bytes == 0


def test_a_body_of_unknown_length_gets_its_length() -> None:
    exchange = Exchange(b"first ", b"second")
    assert exchange.ask((b"transfer-encoding", b"chunked")) == 200
    assert exchange.headers[b"content-length"] == b"12"


@pytest.mark.parametrize("declared", [b"1000000000000", b"9" * 5_000])
def test_a_length_beyond_the_limit_is_refused_unread(declared: bytes) -> None:
    exchange = Exchange(b"x")
    assert exchange.ask((b"content-length", declared)) == 413
    assert exchange.body is None
    assert exchange.chunks == [b"x"]


def test_a_body_that_grows_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_BYTES", 10)
    exchange = Exchange(b"123456", b"789012")
    assert exchange.ask((b"transfer-encoding", b"chunked")) == 413
    assert exchange.body is None


def test_only_a_signed_in_sender_of_an_app_may_send_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_BYTES", 10)
    cookie = (b"cookie", b"sessionid=abc")
    assert Exchange(b"x" * 20).ask(_length(20), cookie, path="/desk/apps/new/") == 200
    assert Exchange(b"x" * 20).ask(_length(20), path="/desk/apps/new/") == 413
    assert Exchange(b"x" * 20).ask(_length(20), cookie, path="/chat/") == 413


def test_a_sender_that_pauses_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_PAUSE_S", 0.05)
    exchange = Exchange(b"x", ends=False)
    assert exchange.ask(_length(100)) == 408
    assert exchange.bodies.buffered_bytes == 0


def test_a_sender_of_a_few_bytes_a_second_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 0.05)
    assert Exchange(*[b"x"] * 100, pause_s=0.01).ask(_length(100)) == 408


def test_bodies_share_a_limited_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_BUFFERED_BYTES", 10)
    assert Exchange(b"x" * 20).ask(_length(20)) == 503


def test_health_is_answered_without_the_application() -> None:
    exchange = Exchange()
    assert exchange.ask(path="/healthz/live", method="GET") == 200
    assert exchange.body is None


def test_a_header_with_an_underscore_does_not_pass_for_one_of_the_proxy() -> None:
    exchange = Exchange()
    assert exchange.ask((b"x_forwarded_for", b"10.0.0.1"), (b"accept", b"*/*"), method="GET") == 200
    assert exchange.headers == {b"accept": b"*/*"}


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_methods_that_echo_or_tunnel_are_refused_before_the_application(method: str) -> None:
    exchange = Exchange()
    assert exchange.ask(path="/", method=method) == 405
    assert exchange.body is None


def test_a_refusal_of_the_server_has_the_headers_of_a_page() -> None:
    exchange = Exchange(b"x")
    assert exchange.ask((b"content-length", b"999999999999")) == 413
    headers = dict(exchange.sent[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert b"max-age=31536000" in headers[b"strict-transport-security"]
    assert headers[b"cache-control"] == b"no-store"
