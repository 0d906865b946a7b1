"""Run a probe: one bounded look at a host of the operator's list.

Options by kind:
    http     `status` (200), `contains` (a text of the answer)
    dns      `addresses`: those expected; any if left out
    tls      `days`: the certificate is valid that long (14); `verify`: its chain is checked (true)
    start    as http; the time until the first byte counts
    content  `sha256` of the answer
    journey  `steps`: two or more of `url`, `contains`, `take`: [before, after], whose text between
             replaces `{taken}` in the next address
"""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509

from amends.platform.kit.public_addresses import is_public

AGENT = "AmendsProbe/1"
MOST_BYTES = 2_000_000
_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}


class ProbeFailed(Exception):
    """Why a probe did not pass; the code is stored as its error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """Result of one run: passed, in how many milliseconds, else the code of the error."""

    passed: bool
    ms: float | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProbeHosts:
    """Where probes may go.

    listed   hosts (`host` or `host:port`) that the operator lists
    private  of these, those that may have a private address
    """

    listed: frozenset[str] = field(default_factory=frozenset)
    private: frozenset[str] = field(default_factory=frozenset)

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be probed. Raises ProbeFailed."""
        names = {host, f"{host}:{port}"}
        if not names & (self.listed | self.private):
            raise ProbeFailed("host_not_listed")
        resolved = _resolved(host, port)
        if not names & self.private and not all(is_public(address) for address in resolved):
            raise ProbeFailed("private_address")
        return resolved


def probe_hosts() -> ProbeHosts:
    """The operator's list: `AMENDS_PROBE_HOSTS` and `AMENDS_PROBE_PRIVATE_HOSTS`."""
    return ProbeHosts(_listed("AMENDS_PROBE_HOSTS"), _listed("AMENDS_PROBE_PRIVATE_HOSTS"))


def _listed(name: str) -> frozenset[str]:
    return frozenset(os.environ.get(name, "").lower().replace(",", " ").split())


def run_probe(
    kind: str,
    target: str,
    options: Mapping[str, Any],
    *,
    hosts: ProbeHosts,
    most_ms: int,
    now: datetime | None = None,
) -> ProbeOutcome:
    """Run one probe; it ends after `most_ms` at the latest.

    now  for certificates; the present if left out
    """
    began = time.monotonic()
    deadline = began + most_ms / 1_000
    try:
        ms = _RUNS[kind](target, options, hosts, deadline, now or datetime.now(UTC))
        taken_ms = ms if ms is not None else (time.monotonic() - began) * 1_000
        if taken_ms > most_ms:
            raise ProbeFailed("too_slow")
    except ProbeFailed as failed:
        return ProbeOutcome(False, None, failed.code)
    except ssl.SSLCertVerificationError as error:
        return ProbeOutcome(False, None, _verification_code(error))
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
        return ProbeOutcome(False, None, "timeout" if late else "unreachable")
    except (ValueError, KeyError, TypeError):
        return ProbeOutcome(False, None, "badly_configured")
    return ProbeOutcome(True, round(taken_ms, 1))


def _verification_code(error: ssl.SSLCertVerificationError) -> str:
    reason = error.verify_message.lower()
    if "expired" in reason:
        return "certificate_expired"
    if "not yet valid" in reason:
        return "certificate_not_yet_valid"
    return "certificate_other_host" if "hostname" in reason else "certificate_not_trusted"


def _resolved(host: str, port: int) -> list[str]:
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ProbeFailed("name_not_resolved") from error
    return list(dict.fromkeys(str(address_info[4][0]) for address_info in resolved))


@contextmanager
def _connected(
    host: str, port: int, hosts: ProbeHosts, deadline: float, context: ssl.SSLContext | None
) -> Iterator[socket.socket]:
    """A connection to a checked address of the host, cut off at the deadline.

    The name is resolved once, so that a second answer cannot lead elsewhere.
    """
    address = hosts.addresses(host, port)[0]
    left = deadline - time.monotonic()
    if left <= 0:
        raise ProbeFailed("timeout")
    plain = socket.create_connection((address, port), timeout=left)
    # A server that sends a byte now and then never runs into a timeout of a single read.
    cut = threading.Timer(max(0.0, deadline - time.monotonic()), _shut, [plain])
    cut.daemon = True
    cut.start()
    used: socket.socket = plain
    try:
        if context is not None:
            used = context.wrap_socket(plain, server_hostname=host)
        yield used
    finally:
        cut.cancel()
        used.close()
        plain.close()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    first_byte_ms: float


def _get(url: str, hosts: ProbeHosts, deadline: float, options: Mapping[str, Any]) -> _Answer:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username:
        raise ProbeFailed("badly_configured")
    port = parts.port or _PORTS[parts.scheme]
    context = _context(options) if parts.scheme == "https" else None
    began = time.monotonic()
    with _connected(parts.hostname, port, hosts, deadline, context) as connected:
        client = http.client.HTTPConnection(parts.hostname, port)
        client.sock = connected
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
        client.request(
            "GET", path + query, headers={"User-Agent": AGENT, "Accept-Encoding": "identity"}
        )
        answer = client.getresponse()
        first = (time.monotonic() - began) * 1_000
        body = b""
        while chunk := answer.read1(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES:
                raise ProbeFailed("answer_too_large")
            if time.monotonic() > deadline:
                raise ProbeFailed("timeout")
        if time.monotonic() > deadline:
            raise ProbeFailed("timeout")
        return _Answer(answer.status, body, first)


def _context(options: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if options.get("verify", True) is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check(answer: _Answer, options: Mapping[str, Any]) -> None:
    if answer.status != int(options.get("status", 200)):
        raise ProbeFailed(f"status_{answer.status}")
    wanted = str(options.get("contains", ""))
    if wanted and wanted.encode() not in answer.body:
        raise ProbeFailed("text_missing")


def _http(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> None:
    _check(_get(target, hosts, deadline, options), options)


def _start(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> float:
    answer = _get(target, hosts, deadline, options)
    _check(answer, options)
    return answer.first_byte_ms


def _content(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> None:
    answer = _get(target, hosts, deadline, options)
    _check(answer, options)
    if hashlib.sha256(answer.body).hexdigest() != str(options["sha256"]).lower():
        raise ProbeFailed("content_changed")


def _journey(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> None:
    steps: Sequence[Mapping[str, Any]] = options["steps"]
    taken_text = ""
    if len(steps) < 2:
        raise ProbeFailed("badly_configured")
    for number, step in enumerate(steps, start=1):
        url = str(step["url"]).replace("{taken}", quote(taken_text, safe=""))
        try:
            answer = _get(url, hosts, deadline, options)
            _check(answer, step)
            taken_text = _between(answer.body, step["take"]) if "take" in step else taken_text
        except ProbeFailed as failed:
            raise ProbeFailed(f"step_{number}_{failed.code}"[:40]) from failed


def _between(body: bytes, marks: Sequence[str]) -> str:
    text = body.decode("utf-8", "replace")
    _before, separator, remainder = text.partition(marks[0])
    inside, end, _after = remainder.partition(marks[1])
    if not separator or not end:
        raise ProbeFailed("text_missing")
    return inside[:200]


def _dns(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> None:
    resolved = hosts.addresses(target.lower(), 0)
    expected = set(options.get("addresses", ()))
    if expected and not set(resolved) <= expected:
        raise ProbeFailed("other_address")


def _tls(
    target: str, options: Mapping[str, Any], hosts: ProbeHosts, deadline: float, now: datetime
) -> None:
    host, _colon, port = target.partition(":")
    # Read whatever certificate there is: an expired one is reported as such.
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    with _connected(host.lower(), int(port or 443), hosts, deadline, anyone) as connected:
        der = (
            connected.getpeercert(binary_form=True)
            if isinstance(connected, ssl.SSLSocket)
            else None
        )
    if not der:
        raise ProbeFailed("no_certificate")
    certificate = x509.load_der_x509_certificate(der)
    if certificate.not_valid_before_utc > now:
        raise ProbeFailed("certificate_not_yet_valid")
    if certificate.not_valid_after_utc <= now:
        raise ProbeFailed("certificate_expired")
    if certificate.not_valid_after_utc <= now + timedelta(days=int(options.get("days", 14))):
        raise ProbeFailed("certificate_expires_soon")
    if options.get("verify", True) is not False:
        strict = ssl.create_default_context()
        with _connected(host.lower(), int(port or 443), hosts, deadline, strict):
            return


_RUNS: Mapping[str, Any] = {
    "http": _http,
    "dns": _dns,
    "tls": _tls,
    "start": _start,
    "content": _content,
    "journey": _journey,
}
