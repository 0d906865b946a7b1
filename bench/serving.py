"""A server in a process of its own: started, asked, weighed, ended."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from urllib.parse import quote

THREADS = 8


def environment_of(folder: Path) -> dict[str, str]:
    """What `amends` needs to live in a data directory, on SQLite and without second factors."""
    return {
        **{name: value for name, value in os.environ.items() if name != "AMENDS_DATABASE_URL"},
        "AMENDS_DATA_DIR": str(folder),
        "AMENDS_REQUIRE_MFA": "no",
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
    }


@contextmanager
def amends_serve(folder: Path) -> Iterator[tuple[int, int]]:
    """`amends serve` without jobs on a data directory; its port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "amends", "serve", "--no-jobs", "--port", str(port)]
    command += ["--threads", str(THREADS)]
    with running(command, environment_of(folder), folder, port) as process:
        yield port, process


@contextmanager
def running(
    command: list[str], environment: dict[str, str], folder: Path, port: int
) -> Iterator[int]:
    """A server that answers on `port`; its process is ended afterwards."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "server.log")
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended: {log.read_text()[-800:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.2)
        else:
            return
    raise RuntimeError(f"The server did not start: {log.read_text()[-800:]}")


class Line:
    """A connection kept alive; it costs little, so that what is measured is the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """The whole answer to a request."""
        self._socket.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        length = re.search(rb"content-length: (\d+)", answer[:end].lower())
        whole = end + 4 + (int(length[1]) if length else 0)
        while len(answer) < whole:
            answer += self._more()
        return answer

    def _more(self) -> bytes:
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError("The server closed the connection.")
        return part

    def close(self) -> None:
        self._socket.close()


def read_by_many(port: int, session: str, paths: Sequence[str], *, readers: int = THREADS) -> None:
    """Several signed-in readers at once look at every page, three times over."""
    failed: list[str] = []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for path in (*paths, *paths, *paths):
            connection.request(
                "GET", quote(path, safe="/?=&"), headers={"Cookie": f"sessionid={session}"}
            )
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                failed.append(f"{path}: {answer.status}")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])


def largest_mb(process: int) -> float:
    """Megabytes held by the largest of a server's processes."""
    return round(max(map(resident_mb, family(process))), 1)


def family(process: int) -> list[int]:
    """A process and its children."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in listed for one in family(int(child)))]


def resident_mb(process: int) -> float:
    """What a process holds in memory (VmRSS)."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
