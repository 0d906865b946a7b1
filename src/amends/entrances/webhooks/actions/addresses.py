"""The address of an endpoint, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ReceiverAddress:
    """Where an endpoint is: host, port, path with query, and whether by TLS."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def names(self) -> frozenset[str]:
        """How settings may list it: `host` and `host:port`."""
        return frozenset({self.host, f"{self.host}:{self.port}"})


def receiver_address(url: str) -> ReceiverAddress | None:
    """The parts of `https://host/path` (or http), None for anything else.

    >>> receiver_address("https://crm.example.org/hook?tenant=1")
    ReceiverAddress(host='crm.example.org', port=443, path='/hook?tenant=1', tls=True)
    >>> receiver_address("https://user:word@crm.example.org/") is None
    True
    """
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if not port or not parts.hostname or parts.username is not None or parts.fragment:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return ReceiverAddress(parts.hostname, port, path, parts.scheme == "https")
