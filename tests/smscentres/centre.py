"""Message centres for tests: a well-behaved one in a process of its own, and one that is not."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import smpp34

from ports import free_port

SUBMIT_SM, BIND, ENQUIRE_LINK, UNBIND = 0x04, 0x09, 0x15, 0x06
RESPONSE = 0x80000000
LOOPBACK = "127.0.0.1"


class Centre:
    """The process of `process.py`; the commands are methods."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smpp+plain://amends:secret@{LOOPBACK}:{self.port}"
        script = Path(__file__).with_name("process.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline()) == {"ready": True}

    def do(self, what: str, **fields: object) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps({"do": what, **fields}), file=stdin, flush=True)
        return json.loads(stdout.readline())

    @property
    def taken(self) -> list[dict[str, Any]]:
        return self.do("taken")["taken"]

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def pdu(command: int, sequence: int, body: bytes = b"", *, status: int = 0) -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


class OddCentre:
    """A centre on a plain socket that does what no centre should: `answer` decides, PDU by PDU.

    answer  (command, sequence, body, connection number) → the bytes to send back, or None to hang up
    """

    def __init__(self, answer: Callable[[int, int, bytes, int], bytes | None]) -> None:
        self._answer = answer
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"smpp+plain://amends:secret@{LOOPBACK}:{self.port}"
        self.submitted: list[bytes] = []
        self.seen: list[tuple[int, int, int]] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(link, self.connections), daemon=True).start()

    def _talk(self, link: socket.socket, number: int) -> None:
        with link:
            while True:
                header = self._exactly(link, 16)
                if header is None:
                    return
                length, command, status, sequence = struct.unpack(">LLLL", header)
                body = self._exactly(link, length - 16)
                if body is None:
                    return
                self.seen.append((command, status, sequence))
                if command == SUBMIT_SM:
                    self.submitted.append(smpp34.decode(header + body).short_message)
                said = self._answer(command, sequence, body, number)
                if said is None:
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                try:
                    link.sendall(said)
                except OSError:
                    return

    @staticmethod
    def _exactly(link: socket.socket, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            try:
                more = link.recv(size - len(data))
            except OSError:
                return None
            if not more:
                return None
            data += more
        return data

    def stop(self) -> None:
        self._listener.close()


def polite(command: int, sequence: int) -> bytes:
    """What a centre says to everything but a message."""
    if command == BIND:
        return pdu(RESPONSE | BIND, sequence, b"centre\x00")
    if command in {ENQUIRE_LINK, UNBIND}:
        return pdu(RESPONSE | command, sequence)
    return b""
