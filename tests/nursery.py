"""A process that has loaded Amends and forks: what a test begins by it is at work at once.

`python -c` loads Django for more than half a second of a processor, and tests of kills begin thirty.
A nursery loads once. What it begins is a process of its own all the same, to be killed as any other;
no connection to a database is open before it begins.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
PATIENCE_S = 300
_LONGEST = 1 << 16
_LOOKS_EVERY_S = 0.02


class Begun:
    """A process a nursery began; what there is of `subprocess.Popen` means the same."""

    def __init__(self, nursery: Nursery, pid: int, out: IO[bytes], said: IO[bytes]) -> None:
        self._nursery, self._out, self._said = nursery, out, said
        self.pid = pid

    @property
    def returncode(self) -> int | None:
        return self._nursery.ended.get(self.pid)

    def poll(self) -> int | None:
        self._nursery.hear(0)
        return self.returncode

    def wait(self, timeout: float = PATIENCE_S) -> int:
        end = time.monotonic() + timeout
        while self.poll() is None:
            left = end - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self._nursery.hear(left)
        return self._nursery.ended[self.pid]

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def communicate(self, timeout: float = PATIENCE_S) -> tuple[str, str]:
        """Wait for its end; what it wrote to its output and to its errors."""
        self.wait(timeout)
        self._out.seek(0)
        self._said.seek(0)
        return self._out.read().decode(), self._said.read().decode()


class Nursery:
    """Loads Django with `environment`, and whatever the code `load` loads; ends with this object."""

    def __init__(self, environment: dict[str, str], load: str = "") -> None:
        self.ended: dict[int, int] = {}
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno()), load],
                env=environment, cwd=ROOT, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def begin(self, code: str, out: IO[bytes] | None = None) -> Begun:
        """Begin `code` in a process of its own, which writes to `out`."""
        out = out or tempfile.TemporaryFile()  # noqa: SIM115 (read after its process)
        said = tempfile.TemporaryFile()  # noqa: SIM115
        socket.send_fds(self._line, [code.encode()], [out.fileno(), said.fileno()])
        while (pid := self.hear(None)) is None:
            pass
        return Begun(self, pid, out, said)

    def hear(self, patience: float | None) -> int | None:
        """Take in one message, if one comes in time; the number of a process that has begun."""
        ready, _, _ = select.select([self._line], [], [], patience)
        if not ready:
            return None
        told = self._line.recv(_LONGEST)
        assert told, "the nursery ended"
        pid, code = json.loads(told)
        if code is None:
            return int(pid)
        self.ended[pid] = code
        return None

    def __del__(self) -> None:
        self._line.close()
        self._process.wait(60)


def _next_code(line: socket.socket) -> str:
    """Fork for each message that comes; returns in each of the forked, with the code it is to run.

    Where nobody is left to send one, whatever still runs is killed, and this process ends.
    """
    running: set[int] = set()
    while True:
        for pid in list(running):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                running.remove(pid)
                line.send(json.dumps([pid, os.waitstatus_to_exitcode(status)]).encode())
        ready, _, _ = select.select([line], [], [], _LOOKS_EVERY_S if running else None)
        if not ready:
            continue
        code, given, _, _ = socket.recv_fds(line, _LONGEST, 2)
        if not code:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
            sys.exit()
        pid = os.fork()
        if not pid:
            line.close()
            for to, file in enumerate(given, start=1):
                os.dup2(file, to)
                os.close(file)
            return code.decode()
        for file in given:
            os.close(file)
        running.add(pid)
        line.send(json.dumps([pid, None]).encode())


def _main(number: str, load: str) -> None:
    import django

    django.setup()
    from django.db import connections

    exec(load, {"__name__": "load"})
    assert all(one.connection is None for one in connections.all(initialized_only=True))
    gc.freeze()
    code = _next_code(socket.socket(fileno=int(number)))
    known: dict[str, Any] = {"__name__": "__main__"}
    exec(code, known)


if __name__ == "__main__":
    _main(*sys.argv[1:])
