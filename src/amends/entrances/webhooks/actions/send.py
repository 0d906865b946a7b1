"""Send one event: resolve the host once, check its addresses, connect to one that was checked."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self

from amends.entrances.webhooks.actions.addresses import ReceiverAddress
from amends.platform.kit.public_addresses import is_public

AGENT = "AmendsWebhooks/1"
TIMEOUT_S = 15.0
_MOST_BYTES = 65_536
_HOSTS = "AMENDS_WEBHOOK_PRIVATE_HOSTS"


class DeliveryFailed(Exception):
    """An event was not delivered; `code` is a key of `rules.failures.ERRORS`."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def private_hosts() -> frozenset[str]:
    """Hosts (`host` or `host:port`) that may have a private address, and be reached by http."""
    return frozenset(os.environ.get(_HOSTS, "").lower().replace(",", " ").split())


def checked_addresses(receiver: ReceiverAddress) -> list[str]:
    """The IP addresses of a receiver, all of which may be reached. Raises DeliveryFailed."""
    is_listed = bool(receiver.names & private_hosts())
    if not receiver.tls and not is_listed:
        raise DeliveryFailed("private_address")
    try:
        resolved = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed("name_not_resolved") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in resolved))
    if not is_listed and not all(is_public(address) for address in addresses):
        raise DeliveryFailed("private_address")
    return addresses


@dataclass(slots=True)
class Receiver:
    """A connection to an endpoint, kept open from event to event."""

    address: ReceiverAddress
    _line: http.client.HTTPConnection | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Send one body and return the status, which is 2xx. Raises DeliveryFailed."""
        was_open = self._line is not None
        try:
            status = self._posted(body, headers)
        except DeliveryFailed:
            self._close()
            raise
        except ssl.SSLCertVerificationError as error:
            self._close()
            raise DeliveryFailed("certificate") from error
        except TimeoutError as error:
            self._close()
            raise DeliveryFailed("timeout") from error
        except (OSError, http.client.HTTPException) as error:
            self._close()
            if was_open:  # The receiver closed an idle connection; it knows the event by its id.
                return self.post(body, headers)
            raise DeliveryFailed("unreachable") from error
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise DeliveryFailed("redirected", status)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise DeliveryFailed("status", status)
        return status

    def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        if self._line is None:
            self._line = self._connected()
        began = time.monotonic()
        self._line.request("POST", self.address.path, body, {"User-Agent": AGENT, **headers})
        answer = self._line.getresponse()
        read_bytes = 0
        while chunk := answer.read1(_MOST_BYTES):
            read_bytes += len(chunk)
            # The status is all that counts: a long or slow body is not read to its end.
            if read_bytes > _MOST_BYTES or time.monotonic() - began > TIMEOUT_S:
                self._close()
                break
        answer.close()
        return answer.status

    def _connected(self) -> http.client.HTTPConnection:
        where = self.address
        line = http.client.HTTPConnection(where.host, where.port, timeout=TIMEOUT_S)
        plain = socket.create_connection(
            (checked_addresses(where)[0], where.port), timeout=TIMEOUT_S
        )
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not where.tls:
            line.sock = plain
            return line
        try:
            line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=where.host)
        except BaseException:
            plain.close()
            raise
        return line

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
