"""ASGI middleware: a request body arrives whole, within limits of size, time and memory, or not.

The limits apply in the server itself, with or without a proxy in front:

- at most `MOST_BYTES`; under `LARGE_PATHS`, and only with a session cookie, `MOST_LARGE_BYTES`
- no pause longer than `MOST_PAUSE_S`, and after `GRACE_S` at least `LEAST_BYTES_PER_S` on average
- at most `MOST_BUFFERED_BYTES` of all bodies of this process in memory at once

Bodies stay in memory, because one may be a photo of an identity card. Only a body under
`LARGE_PATHS` (apps of partners, no data of users) goes to an unnamed temporary file.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

MOST_BYTES = 40 * 1024 * 1024
"""Five attachments of 5 MB with their form, or one batch of usage records, with room to spare."""
LARGE_PATHS = ("/desk/apps/",)
MOST_LARGE_BYTES = 160 * 1024 * 1024
MOST_BUFFERED_BYTES = 256 * 1024 * 1024
MOST_PAUSE_S = 20.0
GRACE_S = 20.0
LEAST_BYTES_PER_S = 2_000
_MOST_DIGITS = 15
_PIECE = 1024 * 1024
THREADS_VARIABLE = "SERVE_THREADS"
"""Set by `amends serve` for the processes it starts: how many threads answer requests."""
LIVE = b'{"ok": true}'
_REFUSED_METHODS = ("TRACE", "TRACK", "CONNECT")
_NO_METHOD = "This method is not supported.\n不支持这种请求方法。\n".encode()


class RefusedBody(Exception):
    """A body that is not received to its end: the status, and what happened and what to do."""

    def __init__(self, status: int, english: str, chinese: str) -> None:
        super().__init__(status)
        self.status = status
        self.text = f"{english}\n{chinese}\n"


def _too_large(max_bytes: int) -> RefusedBody:
    most_mb = max_bytes // (1024 * 1024)
    return RefusedBody(
        413,
        f"The request is larger than {most_mb} MB. Nothing was stored. Send less at once.",
        f"请求超过 {most_mb} MB，内容没有保存。请分几次发送。",
    )


_TOO_SLOW = RefusedBody(
    408,
    "The request arrived too slowly and was ended. Nothing was stored. Send it again.",
    "请求传输过慢，已经中断，内容没有保存。请重新发送。",
)
_BUSY = RefusedBody(
    503,
    "The server is receiving too much at once. Nothing was stored. Send it again in a minute.",
    "当前接收的内容过多，内容没有保存。请一分钟后重新发送。",
)
_UNREADABLE_LENGTH = RefusedBody(
    400,
    "The length of the request is not a number. Nothing was stored.",
    "请求长度不是数字，内容没有保存。",
)


class Disconnected(Exception):
    """The sender went away before the body was complete."""


class RequestBodies:
    """Receives each body within the limits before `app` is called.

    answers  path → JSON body that is answered at once, without a thread: a supervisor's question
             must not wait behind pages
    """

    def __init__(self, app: App, *, answers: Mapping[str, bytes]) -> None:
        self.app = app
        self.answers = answers
        self.buffered_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # WSGI writes `-` and `_` alike: a header with `_` would pass for one that a proxy sets.
        scope["headers"] = [header for header in scope["headers"] if b"_" not in header[0]]
        if scope["method"] in ("GET", "HEAD") and scope["path"] in self.answers:
            content = self.answers[scope["path"]]
            await _respond(scope, send, 200, b"application/json", content)
            return
        if scope["method"] in _REFUSED_METHODS:
            await _respond(scope, send, 405, b"text/plain; charset=utf-8", _NO_METHOD)
            return
        reserved = _Reserved(self)
        try:
            body = await self._received(scope, receive, reserved)
            if body is None:
                await self.app(scope, receive, send)
            else:
                with body:
                    await self.app(scope, _from(body, receive), send)
        except RefusedBody as refused:
            text = refused.text.encode()
            await _respond(scope, send, refused.status, b"text/plain; charset=utf-8", text)
        except Disconnected:
            return
        finally:
            reserved.release()

    async def _received(
        self, scope: Scope, receive: Receive, reserved: _Reserved
    ) -> IO[bytes] | None:
        """The body, None where the request has none."""
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        if declared and not declared.isdigit():
            raise _UNREADABLE_LENGTH
        if b"transfer-encoding" not in headers and declared.strip(b"0") == b"":
            return None
        is_large = scope["path"].startswith(LARGE_PATHS) and b"sessionid" in headers.get(
            b"cookie", b""
        )
        max_bytes = MOST_LARGE_BYTES if is_large else MOST_BYTES
        # A number of thousands of digits is not even converted.
        if len(declared) > _MOST_DIGITS or (declared and int(declared) > max_bytes):
            raise _too_large(max_bytes)
        body: IO[bytes] = TemporaryFile() if is_large else BytesIO()  # noqa: SIM115 (closed by the caller)
        try:
            await _receive_into(
                body, receive, max_bytes=max_bytes, reserved=None if is_large else reserved
            )
        except BaseException:
            body.close()
            raise
        if not declared:
            # Django reads as many bytes as the header says.
            length = str(body.tell()).encode()
            scope["headers"] = [*scope["headers"], (b"content-length", length)]
        body.seek(0)
        return body


class _Reserved:
    """The share of one request in the memory that all bodies may use."""

    def __init__(self, bodies: RequestBodies) -> None:
        self._bodies = bodies
        self._bytes = 0

    def add(self, count: int) -> None:
        """Reserve more, or refuse."""
        if self._bodies.buffered_bytes + count > MOST_BUFFERED_BYTES:
            raise _BUSY
        self._bodies.buffered_bytes += count
        self._bytes += count

    def release(self) -> None:
        """Give everything back."""
        self._bodies.buffered_bytes -= self._bytes
        self._bytes = 0


async def _receive_into(
    body: IO[bytes], receive: Receive, *, max_bytes: int, reserved: _Reserved | None
) -> None:
    began = time.monotonic()
    received = 0
    while True:
        try:
            async with asyncio.timeout(MOST_PAUSE_S):
                message = await receive()
        except TimeoutError:
            raise _TOO_SLOW from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        received += len(chunk)
        if received > max_bytes:
            raise _too_large(max_bytes)
        if reserved is not None:
            reserved.add(len(chunk))
        body.write(chunk)
        if not message.get("more_body", False):
            return
        duration_s = time.monotonic() - began
        if duration_s > GRACE_S and received < LEAST_BYTES_PER_S * duration_s:
            raise _TOO_SLOW


def _from(body: IO[bytes], receive: Receive) -> Receive:
    """A receiver for the application: the body in pieces, then the messages of the server."""
    is_complete = False

    async def received() -> MutableMapping[str, Any]:
        nonlocal is_complete
        if is_complete:
            return await receive()
        piece = body.read(_PIECE)
        is_complete = len(piece) < _PIECE
        return {"type": "http.request", "body": piece, "more_body": not is_complete}

    return received


async def _respond(
    scope: Scope, send: Send, status: int, media_type: bytes, content: bytes
) -> None:
    headers = [
        (b"content-type", media_type),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    ]
    if status >= 400:
        # The rest of the body is not read.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(
        {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content}
    )
