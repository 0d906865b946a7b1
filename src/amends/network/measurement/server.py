"""The measurement server: ndt7 v0.11.0 on ws and wss, and a control socket of our own.

    /ndt/v7/download, /ndt/v7/upload   as the specification says
    /amends/v1/control                 place in the queue, then an echo for latency under load
    /metrics                           Prometheus

What counts is the receiver's counter: bytes acknowledged by the client's kernel for a download,
bytes received for an upload. The last message of a stream carries it signed, with the number
of the stream and how many the test has (`Amends.Result`): the console counts a test as a whole.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from amends.network.measurement.admission import Admission
from amends.network.measurement.control import ControlChannel
from amends.network.measurement.signing import UnableToVerify, sign
from amends.network.measurement.tcp_info import tcp_info, use_bbr
from amends.network.measurement.tokens import TestStream, Tokens

PROTOCOL = "net.measurementlab.ndt.v7"
DOWNLOAD, UPLOAD, CONTROL = "/ndt/v7/download", "/ndt/v7/upload", "/amends/v1/control"
TEST_S, CUT_S = 10.0, 13.0
EVERY_S = 0.25
MAX_FRAME = 1 << 24
FIRST_MESSAGE, LARGEST_MESSAGE = 1 << 13, 1 << 20
_CLOSING_S = 2.0
_QUERY_BYTES = 4096
HEADER = 14
_STALL_S = 1.0
HANDSHAKE_S = 5.0
"""For TLS, and again for the request with all its headers."""


@dataclass(slots=True)
class Server:
    """State of one measurement server: tests that run, tokens used, figures for monitoring.

    networks  of the operator: a test from elsewhere is marked; none: every address is at home
    origins   sites whose pages may measure here, as browsers send them (`Origin`); none: all
    """

    secret: bytes | None
    name: str
    admission: Admission
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    origins: frozenset[str] = frozenset()
    tokens: Tokens = field(init=False)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    ended: Counter = field(init=False)
    refused: Counter = field(init=False)
    moved: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.secret)
        self.ended = Counter(
            "amends_measurement_tests", "Tests that ended.", ["direction"], registry=self.registry
        )
        self.refused = Counter(
            "amends_measurement_refused", "Requests refused.", ["why"], registry=self.registry
        )
        self.moved = Counter(
            "amends_measurement_bytes", "Bytes measured.", ["direction"], registry=self.registry
        )
        running = Gauge("amends_measurement_running", "Tests that run.", registry=self.registry)
        running.set_function(lambda: len(self.admission.running))
        waiting = Gauge("amends_measurement_waiting", "Tests that wait.", registry=self.registry)
        waiting.set_function(lambda: len(self.admission.waiting))

    def accept(self, request: WSUpgradeRequest) -> Any:
        """What to answer a request: a test, metrics, or a refusal that says why."""
        address = urlsplit(request.path.decode("latin-1"))
        if address.path == "/metrics":
            return _answer(200, generate_latest(self.registry))
        kind = {DOWNLOAD: Download, UPLOAD: Upload, CONTROL: ControlChannel}.get(address.path)
        if kind is None:
            return self._refuse(404, "no such path")
        # Only browsers send an Origin; a command-line client has no user whom a page could misuse.
        origin = request.headers.get("Origin")
        if origin is not None and self.origins and origin.lower() not in self.origins:
            return self._refuse(403, "a page of another site")
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [part.strip() for part in offered.split(",")]:
            return self._refuse(400, f"Sec-WebSocket-Protocol must be {PROTOCOL}")
        if len(address.query) > _QUERY_BYTES:
            return self._refuse(400, "query longer than 4096 bytes")
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if any(name.startswith("server_") for name in query):
            return self._refuse(400, "names beginning with server_ are reserved")
        try:
            stream = self.tokens.redeem(query, address.path, now=time.time())
        except UnableToVerify:
            return self._refuse(401, "token missing, expired, used, or not ours")
        if kind is ControlChannel and self.admission.is_known(stream.test):
            return self._refuse(409, "the test is open already")
        if kind is not ControlChannel and not self.admission.enter(stream.test):
            return self._refuse(503, "all places are taken", {"Retry-After": "25"})
        response = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": PROTOCOL})
        listener = (
            ControlChannel(self.admission, stream.test)
            if kind is ControlChannel
            else kind(self, stream)
        )
        return WSUpgradeResponseWithListener(response, listener)

    def is_outside(self, address: str) -> bool:
        """Whether a client's address is none of the operator's networks."""
        parsed_address = ip_address(address.partition("%")[0])
        mapped = getattr(parsed_address, "ipv4_mapped", None) or parsed_address
        return bool(self.networks) and not any(mapped in network for network in self.networks)

    def _refuse(self, status: int, why: str, headers: dict[str, str] | None = None) -> Any:
        self.refused.labels(why).inc()
        return _answer(status, json.dumps({"error": why}).encode() + b"\n", headers)


def _answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> Any:
    if status == 200:
        return WSUpgradeResponseWithListener(
            WSUpgradeResponse.create_ok_response(body, headers), None
        )
    return WSUpgradeResponseWithListener(
        WSUpgradeResponse.create_error_response(status, body, headers), None
    )


_PAYLOADS: dict[int, bytearray] = {}


def payload(size: int) -> bytearray:
    """Random bytes with room for a frame header in front; the same for all who send that size."""
    if size not in _PAYLOADS:
        _PAYLOADS[size] = bytearray(HEADER) + bytearray(os.urandom(size))
    return _PAYLOADS[size]


def next_size(size: int, moved: int) -> int:
    """The size of the next message: doubled while it is less than 1/16 of what was moved."""
    return min(size * 2, LARGEST_MESSAGE) if size < moved / 16 else size


class _Test(WSListener):
    """One connection of a test."""

    direction = ""

    def __init__(self, server: Server, stream: TestStream) -> None:
        self.server, self.stream = server, stream
        self.moved, self.paused, self.over = 0, False, False
        self.samples: list[int] = []
        self.uuid = str(uuid.uuid4())

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin: the clock runs from the handshake."""
        self.transport, self.loop = transport, asyncio.get_running_loop()
        under = transport.underlying_transport
        self.raw = socket.socket(fileno=os.dup(under.get_extra_info("socket").fileno()))
        use_bbr(self.raw)
        self.peer, self.own = under.get_extra_info("peername"), under.get_extra_info("sockname")
        self.began, self.began_at = time.monotonic(), datetime.now(UTC)
        self.last = self.began
        self.first = tcp_info(self.raw)
        self.timers = [
            self.loop.call_later(EVERY_S, self._report),
            self.loop.call_later(TEST_S, self._finish),
            self.loop.call_later(CUT_S, transport.disconnect, False),
        ]
        self.begin()

    def begin(self) -> None:
        """Send, if this is a download."""

    def counted(self, info: dict[str, int]) -> tuple[int, int]:
        """The receiver's counter and the microseconds it took."""
        raise NotImplementedError

    def _report(self) -> None:
        if self.over:
            return
        self._say(self._measurement(tcp_info(self.raw)))
        self.timers[0] = self.loop.call_later(EVERY_S, self._report)

    def _measurement(self, info: dict[str, int]) -> dict[str, Any]:
        elapsed = int((time.monotonic() - self.began) * 1e6)
        self.samples.append(info.get("RTT", 0))
        named = {"Client": _address(self.peer), "Server": _address(self.own)}
        return {
            "AppInfo": {"ElapsedTime": elapsed, "NumBytes": self.moved},
            "ConnectionInfo": named | {"UUID": self.uuid, "StartTime": self.began_at.isoformat()},
            "Origin": "server",
            "Test": self.direction,
            "TCPInfo": info | {"ElapsedTime": elapsed},
        }

    def _say(self, document: dict[str, Any]) -> None:
        if not self.transport.is_close_frame_sent:
            self.transport.send(WSMsgType.TEXT, json.dumps(document).encode())

    def _finish(self) -> None:
        """Say the signed result and close; what is still on its way is read and not counted."""
        if self.over:
            return
        self.over = True
        info = tcp_info(self.raw)
        self._say(self._measurement(info) | {"Amends": {"Result": self._result(info)}})
        self.transport.send_close(WSCloseCode.OK)
        self.timers.append(self.loop.call_later(_CLOSING_S, self.transport.disconnect))

    def _result(self, info: dict[str, int]) -> str:
        received, elapsed = self.counted(info)
        self.server.ended.labels(self.direction).inc()
        self.server.moved.labels(self.direction).inc(received)
        figures = {
            "test": self.stream.test,
            "stream": self.stream.number,
            "streams": self.stream.count,
            "direction": self.direction,
            "server": self.server.name,
            "at": self.began_at.isoformat(timespec="milliseconds"),
            "bytes": received,
            "elapsed_us": elapsed,
            "min_rtt_us": info.get("MinRTT", 0),
            "rtt_us": sum(self.samples) // max(len(self.samples), 1),
            "retransmitted": info.get("BytesRetrans", 0),
            "others": len(self.server.admission.running) - 1,
            "outside": self.server.is_outside(self.peer[0]),
        } | self.about()
        if self.server.secret is None:
            return json.dumps(figures)
        return sign("result", figures, secret=self.server.secret)

    def about(self) -> dict[str, Any]:
        """What else is known of this direction."""
        return {}

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Give the place back."""
        self.over = True
        for timer in getattr(self, "timers", ()):
            timer.cancel()
        self.raw.close()
        self.server.admission.leave(self.stream.test)

    def pause_writing(self) -> None:
        """The client reads slower than we send."""
        self.paused = True

    def resume_writing(self) -> None:
        """There is room again."""
        self.paused = False


class Download(_Test):
    """Random bytes to the client for ten seconds."""

    direction = "download"

    def begin(self) -> None:
        """Send as fast as the client reads."""
        self.size, self.counters, self.scheduled = FIRST_MESSAGE, 0, False
        self._send()

    def _send(self) -> None:
        self.scheduled = False
        if self.paused or self.over:
            return
        self.transport.send_reuse_external_bytearray(WSMsgType.BINARY, payload(self.size), HEADER)
        self.moved += self.size
        self.size = next_size(self.size, self.moved)
        self._schedule()

    def _schedule(self) -> None:
        if not (self.scheduled or self.paused):
            self.scheduled = True
            self.loop.call_soon(self._send)

    def resume_writing(self) -> None:
        """There is room again: go on."""
        self.paused = False
        self._schedule()

    def counted(self, info: dict[str, int]) -> tuple[int, int]:
        """Bytes the client's kernel acknowledged, until now."""
        acknowledged = info.get("BytesAcked", 0) - self.first.get("BytesAcked", 0)
        return acknowledged or self.moved, int((time.monotonic() - self.began) * 1e6)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A client that sends data during a download is cut off; its counters may come."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.counters += 1
            if self.counters > CUT_S * 10:
                transport.disconnect(False)
        elif frame.msg_type in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            transport.disconnect(False)


class Upload(_Test):
    """Bytes from the client for ten seconds, counted here."""

    direction = "upload"

    def begin(self) -> None:
        """Nothing has come yet."""
        self.varied = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Count what arrives until the ten seconds are over."""
        if frame.msg_type == WSMsgType.CLOSE:
            self._finish()
            transport.disconnect()
        elif not self.over and frame.msg_type in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self.moved += frame.payload_size
            self.last = time.monotonic()
            if not self.varied:
                self.varied = any(frame.get_payload_as_memoryview()[:64])

    def counted(self, info: dict[str, int]) -> tuple[int, int]:
        """Bytes received, until the last message was whole (until now if nothing came lately)."""
        now = time.monotonic()
        until = self.last if now - self.last < _STALL_S else now
        return self.moved, int((until - self.began) * 1e6)

    def about(self) -> dict[str, Any]:
        """Whether the client sent zeros: a path that compresses would inflate the figure."""
        return {"zeros": not self.varied}


def _address(name: Any) -> str:
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"


async def serve(
    server: Server,
    *,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    listening: Callable[[int], None] = lambda port: None,
) -> None:
    """Listen until the process is ended; `listening` is told the port."""
    limits: dict[str, Any] = {"ssl_handshake_timeout": HANDSHAKE_S} if tls else {}
    it = await ws_create_server(
        server.accept,
        host,
        port,
        ssl=tls,
        max_frame_size=MAX_FRAME,
        enable_auto_pong=True,
        websocket_handshake_timeout=HANDSHAKE_S,
        **limits,
    )
    listening(it.sockets[0].getsockname()[1])
    async with it:
        await it.serve_forever()
