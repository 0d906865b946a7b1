"""A process that has loaded Amends and forks: what a test begins by it is at work at once.

`python -c` loads Django for more than half a second of a processor, and tests of kills begin thirty.
A nursery loads once. What it begins is a process of its own all the same, to be killed as any other;
no connection to a database is open before it begins. That of `commands` has loaded only what Amends
stands on: each of its processes reads settings of its own.
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
import threading
import time
import weakref
from collections.abc import Sequence
from functools import cache
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


_COMMON = """
import email.mime.multipart, logging.config
import cryptography.hazmat.primitives.ciphers.aead, numpy, orjson, phonenumbers, rich.console, typer
import django.contrib.messages, django.core.management, django.core.serializers.json
import django.db.backends.sqlite3.base, django.db.migrations.executor, django.db.models
import django.forms, django.template, django.urls, django.views.generic
"""


@cache
def commands() -> Nursery:
    """For commands of installations with settings of their own; one for this process of tests."""
    return Nursery(dict(os.environ), _COMMON, settings=False)


def run_amends(
    words: Sequence[object], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """`python -m amends` with these words, in an environment of its own."""
    called = ["amends", *map(str, words)]
    begun = commands().begin(
        f"import sys; sys.argv = {called}; from amends.site.cli import main; main()",
        environment=environment,
    )
    out, said = begun.communicate()
    return subprocess.CompletedProcess(called, begun.wait(), out, said)


class Nursery:
    """Runs the code `load`, with `environment`, and forks from then on; ends with this object.

    settings   whether Django is loaded with the settings in `environment` before that
    """

    def __init__(
        self, environment: dict[str, str], load: str = "", *, settings: bool = True
    ) -> None:
        self.ended: dict[int, int] = {}
        self._begun: list[int] = []
        self._one_begins, self._one_hears = threading.Lock(), threading.Lock()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            given = [str(theirs.fileno()), load, "settings" if settings else ""]
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", *given],
                env=environment, cwd=ROOT, pass_fds=[theirs.fileno()],
            )  # fmt: skip
        weakref.finalize(self, _end, self._line, process)

    def begin(
        self,
        code: str,
        out: IO[bytes] | None = None,
        environment: dict[str, str] | None = None,
    ) -> Begun:
        """Begin `code` in a process of its own, which writes to `out`; in another environment."""
        out = out or tempfile.TemporaryFile()  # noqa: SIM115 (read after its process)
        said = tempfile.TemporaryFile()  # noqa: SIM115
        wanted = json.dumps([code, environment]).encode()
        with self._one_begins:
            socket.send_fds(self._line, [wanted], [out.fileno(), said.fileno()])
            while not self._begun:
                self.hear(_LOOKS_EVERY_S)
            return Begun(self, self._begun.pop(), out, said)

    def hear(self, patience: float) -> None:
        """Take in one message, if one comes in time: a process has begun, or ended."""
        with self._one_hears:
            ready, _, _ = select.select([self._line], [], [], min(patience, _LOOKS_EVERY_S))
            if not ready:
                return
            told = self._line.recv(_LONGEST)
        assert told, "the nursery ended"
        pid, code = json.loads(told)
        if code is None:
            self._begun.append(pid)
        else:
            self.ended[pid] = code


def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
    line.close()
    process.wait(60)


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
        wanted, given, _, _ = socket.recv_fds(line, _LONGEST, 2)
        if not wanted:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
            sys.exit()
        pid = os.fork()
        if not pid:
            line.close()
            for to, file in enumerate(given, start=1):
                os.dup2(file, to)
                os.close(file)
            code, environment = json.loads(wanted)
            if environment is not None:
                os.environ.clear()
                os.environ.update(environment)
            return str(code)
        for file in given:
            os.close(file)
        running.add(pid)
        line.send(json.dumps([pid, None]).encode())


def _main(number: str, load: str, settings: str) -> None:
    if settings:
        import django

        django.setup()
    exec(load, {"__name__": "load"})
    if settings:
        from django.db import connections

        assert all(one.connection is None for one in connections.all(initialized_only=True))
    gc.freeze()
    code = _next_code(socket.socket(fileno=int(number)))
    known: dict[str, Any] = {"__name__": "__main__"}
    exec(code, known)


if __name__ == "__main__":
    _main(*sys.argv[1:])
