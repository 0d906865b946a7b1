"""The control socket of a test: its place in the queue, then an echo."""

from __future__ import annotations

import asyncio
import json

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from amends.network.measurement.admission import Admission, source_of

WAIT_S = 120.0
SILENT_S, UNUSED_S, PLACE_S = 5.0, 15.0, 60.0
"""A place is taken back from who neither echoes nor measures, who only echoes, and in any case."""
_CHECK_S = 1.0
_ECHO_BYTES, _ECHOES_A_SECOND = 125, 100


class ControlChannel(WSListener):
    """Place in the queue, then an echo by which the client times latency, idle and under load."""

    def __init__(self, admission: Admission, test: str) -> None:
        self.admission, self.test = admission, test
        self.second, self.echoes = 0, 0
        self.entered, self.admitted = False, False

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Admit the test, or tell it its place."""
        self.transport, self.loop = transport, asyncio.get_running_loop()
        self.timer = self.loop.call_later(WAIT_S, transport.disconnect)
        if self.admission.enter(self.test):
            self.entered = True
            self._tell(None)
        else:
            peer = transport.underlying_transport.get_extra_info("peername")
            self.entered = self.admission.wait(self.test, self._tell, source=source_of(peer[0]))
            if not self.entered:
                transport.send_close(WSCloseCode.TRY_AGAIN_LATER)
                transport.disconnect()

    def _tell(self, before: int | None) -> None:
        message = {"Go": True} if before is None else {"Before": before}
        self.transport.send(WSMsgType.TEXT, json.dumps({"Amends": message}).encode())
        if before is None:
            self.admitted = True
            self.began = self.heard = self.measured = self.loop.time()
            self.timer.cancel()
            self.timer = self.loop.call_later(_CHECK_S, self._check)

    def _check(self) -> None:
        """Take the place back from a test that does not use it."""
        now = self.loop.time()
        if self.admission.running[self.test] > 1:
            self.heard = self.measured = now
        if (
            now - self.heard > SILENT_S
            or now - self.measured > UNUSED_S
            or now - self.began > PLACE_S
        ):
            self.transport.disconnect(False)
        else:
            self.timer = self.loop.call_later(_CHECK_S, self._check)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Send a short text back as it is."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        now = self.loop.time()
        self.echoes = self.echoes + 1 if int(now) == self.second else 1
        self.second = int(now)
        if frame.payload_size > _ECHO_BYTES or self.echoes > _ECHOES_A_SECOND:
            transport.disconnect(False)
        elif self.admitted and frame.msg_type == WSMsgType.TEXT:
            self.heard = now
            transport.send(WSMsgType.TEXT, frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Give place or turn back."""
        self.timer.cancel()
        if self.entered:
            self.admission.leave(self.test)
