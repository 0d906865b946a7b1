"""Ports of loopback for servers that a test starts and that cannot choose one themselves."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Below what Linux hands out to connections by itself, which could take a port before its server.
FIRST, LAST = 15_000, 32_000
_held: list[IO[bytes]] = []


def free_port() -> int:
    """A port nobody listens on and no other test is given, until this process ends."""
    folder = Path(tempfile.gettempdir()) / f"amends-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.SystemRandom().randrange(FIRST, LAST)
        claim = (folder / str(port)).open("wb")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.create_server(("127.0.0.1", port)):
                pass
        except OSError:
            claim.close()
            continue
        _held.append(claim)
        return port
