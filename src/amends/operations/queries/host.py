"""The machine this process runs on."""

from __future__ import annotations

import socket


def host_name() -> str:
    """The name of this machine or container."""
    return socket.gethostname()[:100]
