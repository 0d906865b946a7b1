"""A real server of the fediverse: snac2, with two accounts, on loopback."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from tests.needs import program
from tests.ports import free_port


@dataclass(frozen=True)
class Snac:
    """The running server: its address, and the token and id of each account."""

    url: str
    tokens: dict[str, str]
    passwords: dict[str, str]


@contextmanager
def snac(folder: Path) -> Iterator[Snac]:
    """Start the server with the accounts `desk` and `lin`; a process of its own."""
    port, base = free_port(), folder / "snac"
    answers = f"127.0.0.1\n{port}\nlocalhost:{port}\n\nadmin@localhost\n"
    _run("init", str(base), stdin=answers)
    settings = base / "server.json"
    document = json.loads(settings.read_text(encoding="utf-8"))
    document |= {"host": f"localhost:{port}", "address": "127.0.0.1", "protocol": "http"}
    settings.write_text(json.dumps(document), encoding="utf-8")
    passwords = {name: _password(_run("adduser", str(base), name)) for name in ("desk", "lin")}
    process = subprocess.Popen(
        [program("snac"), "httpd", str(base)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    try:
        tokens = {name: _token(url, name, word) for name, word in passwords.items()}
        yield Snac(url, tokens, passwords)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _run(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [program("snac"), *arguments], input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def _password(said: str) -> str:
    """The last word of the line that tells it."""
    (line,) = (one for one in said.splitlines() if "password" in one.lower())
    return line.split()[-1]


def _token(url: str, login: str, password: str) -> str:
    body = urllib.parse.urlencode({"login": login, "passwd": password}).encode()
    deadline = monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/oauth/x-snac-get-token", body, timeout=10) as said:
                return said.read().decode().strip()
        except (urllib.error.URLError, ConnectionError):
            if monotonic() > deadline:
                raise
            sleep(0.05)
