"""Hosts named in code, resources and files."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable, Iterator

from amends.causes.vetting.rules.apk.facts import FoundHost

CLEARTEXT_SCHEMES = frozenset({"http", "ws", "ftp", "mqtt", "tcp"})
_SCHEMES = CLEARTEXT_SCHEMES | {"https", "wss", "ftps", "mqtts", "ssl"}
_LONGEST_SCHEME = 5
_AFTER = re.compile(rb"[^\x00-\x20\"'<>\\^`{|}\x7f-\xff]{1,300}")
_SCHEME = re.compile(rb"[A-Za-z]{2,5}\Z")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
_BARE = re.compile(rb"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+(?::\d{2,5})?\Z")
_BARE_ENDINGS = tuple(
    b".com .cn .net .org .ru .top .xyz .cc .tk .vip .club .io .shop .site .online".split()
)
_PACKAGES = frozenset(
    b"com cn org net io java javax kotlin kotlinx android androidx sun dalvik edu gov junit".split()
)
"""How names of packages and of properties begin, which read like hosts the other way round."""
_ENCODED = (b"aHR0c", b"d3M6Ly", b"d3NzOi8v")
"""How addresses begin that are written in base64."""


def addresses_in(data: bytes, where: str) -> Iterator[FoundHost]:
    """Addresses with a scheme, anywhere in the data."""
    at = data.find(b"://")
    while at >= 0:
        scheme = _SCHEME.search(data, max(0, at - _LONGEST_SCHEME), at)
        after = _AFTER.match(data, at + 3)
        if scheme and after:
            name = _known_scheme(scheme.group().decode().lower())
            found_host = (
                _found(name, after.group().decode("ascii", "ignore"), where) if name else None
            )
            if found_host:
                yield found_host
        at = data.find(b"://", at + 3)


def addresses_in_utf16(data: bytes, where: str) -> Iterator[FoundHost]:
    """Addresses among texts of two bytes a letter, as older resources are written."""
    if b":\0/\0/\0" in data:
        yield from addresses_in(data.decode("utf-16-le", "replace").encode("utf-8"), where)


def hosts_in(strings: Iterable[bytes], where: str) -> Iterator[FoundHost]:
    """Hosts that are a whole text by themselves, and addresses written in base64."""
    for text in strings:
        if text.startswith(_ENCODED):
            yield from addresses_in(_decoded(text), where)
        elif b"." in text and len(text) < 100:
            host, _colon, port = text.partition(b":")
            named = host.endswith(_BARE_ENDINGS) or (port and host[:1].isdigit())
            if named and _BARE.match(text) and host.split(b".")[0] not in _PACKAGES:
                name = _host(host.decode())
                if name:
                    yield FoundHost(name, text.decode(), where)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text[:2_000] + b"=" * (-len(text[:2_000]) % 4))
    except (binascii.Error, ValueError):
        return b""


def _known_scheme(text: str) -> str:
    """The scheme at the end of the letters before "://": in a pool other letters may precede it.

    >>> _known_scheme("https"), _known_scheme("xhttp"), _known_scheme("file")
    ('https', 'http', '')
    """
    return max((scheme for scheme in _SCHEMES if text.endswith(scheme)), key=len, default="")


def _found(scheme: str, authority_text: str, where: str) -> FoundHost | None:
    authority = re.split(
        r"[/?#,;)\]]" if not authority_text.startswith("[") else r"[/?#,;)]", authority_text
    )[0]
    host = authority.rpartition("@")[2]
    name = _host(host if host.startswith("[") else host.partition(":")[0])
    if name is None:
        return None
    return FoundHost(
        host=name,
        address=f"{scheme}://{authority_text}"[:200],
        where=where,
        cleartext=scheme in CLEARTEXT_SCHEMES,
    )


def _host(text: str) -> str | None:
    """A host as it is compared; None for anything else, and for the device itself.

    >>> _host("API.Example.com."), _host("203.0.113.7"), _host("127.0.0.1"), _host("%s")
    ('api.example.com', '203.0.113.7', None, None)
    """
    name = text.strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name if _HOST.match(name) and len(name) < 254 else None
    inside = address.is_loopback or address.is_unspecified or address.is_link_local
    return None if inside or _private(address) else str(address)


def _private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address leads nowhere outside a home or an office; addresses that documents use as
    examples count as outside."""
    inside = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    return any(address in ipaddress.ip_network(network) for network in inside)
