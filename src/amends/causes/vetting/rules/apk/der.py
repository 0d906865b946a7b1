"""The few structures of DER that a signature of an archive (PKCS #7) is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SEQUENCE, SET, OID, OCTETS = 0x30, 0x31, 0x06, 0x04


@dataclass(frozen=True, slots=True)
class Node:
    """One value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> Iterator[Node]:
        return nodes(self.content)

    def oid(self) -> str:
        """An object identifier in dots."""
        first, *subidentifiers = self.content
        numbers, value = [min(first // 40, 2), first - 40 * min(first // 40, 2)], 0
        for byte in subidentifiers:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        return ".".join(map(str, numbers))


def nodes(data: bytes) -> Iterator[Node]:
    """The values that follow each other; raises ValueError where one is longer than the data."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("DER ends early")
        tag, length, body = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or body + count > len(data):
                raise ValueError("DER length")
            length = int.from_bytes(data[body : body + count])
            body += count
        if body + length > len(data):
            raise ValueError("DER ends early")
        yield Node(tag, data[body : body + length], data[at : body + length])
        at = body + length
