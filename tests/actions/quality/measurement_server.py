"""A measurement server in a process of its own, at the end of a line of `MBPS`.

On loopback alone both ends would move as much as the processors can, for twenty seconds a test.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MBPS = 40
_PIECE = 1 << 16


@contextmanager
def measuring(data_dir: Path, *options: str) -> Iterator[str]:
    """`amends quality serve` with these options; yields HOST:PORT of the line to it."""
    command = [sys.executable, "-m", "amends", "quality", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command,
        env=os.environ | {"AMENDS_DATA_DIR": str(data_dir)},
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            line = server.stderr.readline()
            assert line.startswith("Measuring on"), line + server.stderr.read()
            host, port = line.split("//")[1].strip().rsplit(":", 1)
            with _line_to((host, int(port))) as own_port:
                yield f"127.0.0.1:{own_port}"
        finally:
            server.terminate()
            server.stderr.close()


@contextmanager
def _line_to(server: tuple[str, int]) -> Iterator[int]:
    """A port on loopback whose connections end at `server`."""
    with socket.socket() as listener:
        _few_bytes_wait(listener)
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        threading.Thread(target=_accept, args=(listener, server), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: tuple[str, int]) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.socket()
            _few_bytes_wait(far)
            far.connect(server)
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_pass, args=ends, daemon=True).start()


def _few_bytes_wait(end: socket.socket) -> None:
    """Else megabytes are on the way when the test is over."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * _PIECE)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _PIECE)


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while said := source.recv(_PIECE):
            sink.sendall(said)
            time.sleep(len(said) * 8 / (MBPS * 1e6))
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
