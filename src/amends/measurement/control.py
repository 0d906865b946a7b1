"""The control socket of a test: its place in the queue, then an echo."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from picows import WSFrame, WSListener, WSMsgType, WSTransport

if TYPE_CHECKING:
    from amends.measurement.server import Server

CONTROL_S = 120.0
_ECHO_BYTES, _ECHOES_A_SECOND = 125, 100


class Control(WSListener):
    """Place in the queue, then an echo by which the client times latency, idle and under load."""

    def __init__(self, server: Server, test: str) -> None:
        self.server, self.test = server, test
        self.second, self.echoes, self.admitted = 0, 0, False

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Admit the test, or tell it its place."""
        self.transport = transport
        self.end = asyncio.get_running_loop().call_later(CONTROL_S, transport.disconnect)
        if self.server.admission.enter(self.test):
            self._tell(None)
        else:
            self.server.admission.wait(self.test, self._tell)

    def _tell(self, before: int | None) -> None:
        self.admitted = before is None
        said = {"Go": True} if before is None else {"Before": before}
        self.transport.send(WSMsgType.TEXT, json.dumps({"Amends": said}).encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Send a short text back as it is."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        second = int(time.monotonic())
        self.echoes = self.echoes + 1 if second == self.second else 1
        self.second = second
        if frame.payload_size > _ECHO_BYTES or self.echoes > _ECHOES_A_SECOND:
            transport.disconnect(False)
        elif self.admitted and frame.msg_type == WSMsgType.TEXT:
            transport.send(WSMsgType.TEXT, frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Give place or turn back."""
        self.end.cancel()
        self.server.admission.leave(self.test)
