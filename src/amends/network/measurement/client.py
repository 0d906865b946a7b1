"""A client of the measurement server for the command line: one stream each way."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import uvloop
from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from amends.network.measurement.server import (
    CONTROL,
    CUT_S,
    DOWNLOAD,
    FIRST_MESSAGE,
    HEADER,
    MAX_FRAME,
    PROTOCOL,
    TEST_S,
    UPLOAD,
    next_size,
)
from amends.network.measurement.validity import (
    figures,
    invalid_reasons,
    loaded_rtt_ms,
    round_trips_per_minute,
)
from amends.platform.kit.errors import BadInput, Unavailable
from amends.platform.kit.errors import gettext_noop as _

_PROBE_S = 0.1
_IDLE_PROBES = 10
_HTTP_S = 15


@dataclass(slots=True)
class Measured:
    """What a test brought: signed results as given, round trips in ms."""

    signed: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    idle_ms: list[float] = field(default_factory=list)
    loaded_ms: list[float] = field(default_factory=list)
    cpu_share: float = 0.0


class _Listener(WSListener):
    """Collects the texts of a connection and counts its bytes."""

    def __init__(self) -> None:
        self.result, self.received, self.paused = "", 0, False
        self.went, self.echoed = asyncio.Event(), asyncio.Event()
        self.room = asyncio.Event()
        self.room.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._text(json.loads(frame.get_payload_as_bytes()))
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        else:
            self.received += frame.payload_size

    def _text(self, document: dict[str, Any]) -> None:
        if "Echo" in document:
            self.echoed.set()
        message = document.get("Amends", {})
        self.result = message.get("Result", self.result)
        if "Go" in message:
            self.went.set()

    def pause_writing(self) -> None:
        self.room.clear()

    def resume_writing(self) -> None:
        self.room.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMeasurement:
    """The speed of a line in Mbit/s and its latency in ms.

    loaded_rtt_ms, rpm  latency and round trips per minute under load; None where too few were seen
    invalid_because     why it does not count (`validity.REASONS`)
    result              what the server signed, one for each direction
    """

    down_mbps: float
    up_mbps: float
    min_rtt_ms: float
    loaded_rtt_ms: float | None
    rpm: float | None
    valid: bool
    invalid_because: list[str]
    result: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMeasurement(LineMeasurement):
    """A measurement that the console has recorded under a code, and the address of its page."""

    code: str
    url: str


def measure(
    address: str,
    *,
    ca_file: str = "",
    insecure: bool = False,
    tell: Callable[[str], None] = lambda step: None,
) -> LineMeasurement:
    """Measure download and upload, and record the result where the console gives the address."""
    scheme = urlsplit(address).scheme
    if scheme not in ("ws", "wss", "http", "https") or not urlsplit(address).netloc:
        raise BadInput(
            _("“%(address)s” is no address to measure against."),
            next_step=_("Write ws://HOST:PORT, or the console's https://HOST/speed/locate/."),
            values={"address": address},
            where="URL",
            code="unable_to_read_address",
        )
    tls = _tls(ca_file, insecure)
    submit = ""
    if scheme in ("ws", "wss"):
        test = os.urandom(8).hex()
        query = urlencode({"client_name": "amends", "amends_test": test})
        urls = {
            path: f"{address.rstrip('/')}{path}?{query}" for path in (DOWNLOAD, UPLOAD, CONTROL)
        }
    else:
        located = _json(Request(address), tls)  # noqa: S310 (scheme checked above)
        urls_by_path = {urlsplit(url).path: url for url in located["results"][0]["urls"].values()}
        urls = {path: urls_by_path[path] for path in (DOWNLOAD, UPLOAD, CONTROL)}
        submit = urljoin(address, located["submit"])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            measured = runner.run(_measure(urls, tls, tell))
    except (OSError, WSError, TimeoutError) as error:
        raise Unavailable(
            _("The measurement server at %(address)s gave no result (%(why)s)."),
            meaning=_("Nothing was measured."),
            next_step=_(
                "Check its address and certificate, and whether it wants a token: then name the "
                "console's address instead."
            ),
            values={
                "address": urlsplit(urls[DOWNLOAD]).netloc,
                "why": str(error) or type(error).__name__,
            },
            code="unable_to_measure",
        ) from error
    return _measurement(measured, submit, tls)


def _tls(ca_file: str, insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _json(request: Request, tls: ssl.SSLContext) -> dict[str, Any]:
    try:
        with urlopen(request, timeout=_HTTP_S, context=tls) as answer:  # noqa: S310
            return dict(json.load(answer))
    except (OSError, ValueError) as error:
        raise Unavailable(
            _("The console at %(address)s did not answer as expected (%(why)s)."),
            meaning=_("Nothing was recorded."),
            next_step=_("Check the address: it ends in /speed/locate/."),
            values={"address": request.full_url, "why": str(error)},
            code="unable_to_measure",
        ) from error


async def _measure(
    urls: dict[str, str], tls: ssl.SSLContext, tell: Callable[[str], None]
) -> Measured:
    measured = Measured()
    control, listener = await _connect(urls[CONTROL], tls)
    try:
        tell("queue")
        await asyncio.wait_for(listener.went.wait(), 120)
        for _ in range(_IDLE_PROBES):
            measured.idle_ms.append(await _probe(control, listener))
        began, busy = time.monotonic(), time.process_time()
        for path, direction in ((DOWNLOAD, "download"), (UPLOAD, "upload")):
            tell(direction)
            probing = asyncio.create_task(_probes(control, listener, measured.loaded_ms))
            try:
                signed = await _stream(urls[path], tls, upload=path == UPLOAD)
            finally:
                probing.cancel()
                with suppress(asyncio.CancelledError):
                    await probing
            measured.signed.append(signed)
            measured.results.append(_content(signed))
        measured.cpu_share = (time.process_time() - busy) / (time.monotonic() - began)
    finally:
        control.disconnect()
    return measured


async def _connect(url: str, tls: ssl.SSLContext) -> tuple[WSTransport, _Listener]:
    transport, listener = await ws_connect(
        _Listener,
        url,
        ssl_context=tls,
        max_frame_size=MAX_FRAME,
        extra_headers={"Sec-WebSocket-Protocol": PROTOCOL},
    )
    return transport, listener  # type: ignore[return-value]


async def _probe(control: WSTransport, listener: _Listener) -> float:
    listener.echoed.clear()
    began = time.perf_counter()
    control.send(WSMsgType.TEXT, b'{"Echo":1}')
    await asyncio.wait_for(listener.echoed.wait(), 5)
    return (time.perf_counter() - began) * 1e3


async def _probes(control: WSTransport, listener: _Listener, round_trips: list[float]) -> None:
    with suppress(TimeoutError):
        while True:
            await asyncio.sleep(_PROBE_S)
            round_trips.append(await _probe(control, listener))


async def _stream(url: str, tls: ssl.SSLContext, *, upload: bool) -> str:
    transport, listener = await _connect(url, tls)
    try:
        if upload:
            await _upload(transport, listener)
        await asyncio.wait_for(transport.wait_disconnected(), CUT_S + 5)
    finally:
        transport.disconnect(False)
    if not listener.result:
        raise TimeoutError("it closed before ten seconds were over")
    return listener.result


async def _upload(transport: WSTransport, listener: _Listener) -> None:
    """Send random bytes for ten seconds, then wait for the server's word."""
    size, sent, until = FIRST_MESSAGE, 0, time.monotonic() + TEST_S
    # Masked where it lies, without a copy: random bytes stay random.
    block = bytearray(HEADER + size)
    block[HEADER:] = os.urandom(size)
    while time.monotonic() < until and not transport.is_disconnected and not listener.result:
        if not listener.room.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(listener.room.wait(), 1)
            continue
        transport.send_reuse_external_bytearray(WSMsgType.BINARY, block, HEADER)
        sent += size
        if (larger := next_size(size, sent)) != size:
            size = larger
            block = bytearray(HEADER + size)
            block[HEADER:] = os.urandom(size)
        await asyncio.sleep(0)


def _content(signed: str) -> dict[str, Any]:
    """What a result says; its signature is for the console to check."""
    if signed.startswith("{"):
        return dict(json.loads(signed))
    from base64 import urlsafe_b64decode

    body = signed.partition(".")[0]
    return dict(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def _measurement(measured: Measured, submit: str, tls: ssl.SSLContext) -> LineMeasurement:
    line_figures = figures(measured.results)
    conditions = {"cpu_share": round(measured.cpu_share, 3)}
    because = invalid_reasons(measured.results, conditions)
    fields: dict[str, Any] = {
        "down_mbps": line_figures.down_mbps,
        "up_mbps": line_figures.up_mbps,
        "min_rtt_ms": line_figures.min_rtt_ms or round(min(measured.idle_ms), 3),
        "loaded_rtt_ms": loaded_rtt_ms(measured.loaded_ms),
        "rpm": round_trips_per_minute(measured.loaded_ms),
        "valid": not because,
        "invalid_because": list(because),
        "result": measured.signed,
    }
    if not submit:
        return LineMeasurement(**fields)
    report = {
        "results": measured.signed,
        "conditions": conditions,
        "method": "ndt7-single",
        "loaded_ms": [round(round_trip, 2) for round_trip in measured.loaded_ms],
    }
    body = json.dumps(report).encode()
    recorded = _json(Request(submit, body, {"Content-Type": "application/json"}), tls)  # noqa: S310
    return RecordedMeasurement(
        **fields, code=recorded["code"], url=urljoin(submit, recorded["url"])
    )
