"""A line to a database that can be slowed or cut: a proxy on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path


class SlowLine:
    """Listens on a port, passes bytes on to a socket; `delay_s` each way in, `cut` and `mend`."""

    def __init__(self, target: Path) -> None:
        self.delay_s = 0.0
        self._target = target
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection and take no new one, as a server that died."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                _break(one)
            self._open.clear()

    def mend(self) -> None:
        """Take connections again."""
        self._is_cut = False

    def close(self) -> None:
        """End."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._target))
            except OSError:
                near.close()
                continue
            with self._lock:
                if self._is_cut:
                    _break(near)
                    _break(far)
                    continue
                self._open |= {near, far}
            for source, sink, slow in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=(source, sink, slow), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65_536):
                if slow and self.delay_s:
                    time.sleep(self.delay_s)
                sink.sendall(said)
        with self._lock:
            self._open -= {source, sink}
        _break(source)
        _break(sink)


def _break(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
