"""Whether an IP address is on the open Internet: for requests to hosts that a person names."""

from __future__ import annotations

import ipaddress

_CONTAINS_IPV4 = tuple(
    ipaddress.ip_network(network) for network in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
"""IPv4-compatible (RFC 4291), IPv4-translated (RFC 2765) and NAT64 addresses (RFC 6052)."""
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b:1::/48", "fec0::/10", "192.88.99.0/24", "100:0:0:1::/64", "5f00::/16")
)
"""Not public whatever this version of Python says: local NAT64 (RFC 8215), site-local addresses
(RFC 3879), the relay of 6to4 (RFC 7526), dummy addresses (RFC 9780), segment routing (RFC 9602)."""


def is_public(address: str) -> bool:
    """Whether an address is on the open Internet; an IPv4 address inside it counts as well.

    Raises ValueError for text that is no address.

    >>> is_public("8.8.8.8"), is_public("::ffff:10.0.0.1"), is_public("fe80::1%eth0")
    (True, False, False)
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inside = parsed.ipv4_mapped or parsed.sixtofour
        if inside is None and any(parsed in network for network in _CONTAINS_IPV4):
            inside = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    if any(parsed in network for network in _NOT_PUBLIC if network.version == parsed.version):
        return False
    return parsed.is_global and not parsed.is_multicast
