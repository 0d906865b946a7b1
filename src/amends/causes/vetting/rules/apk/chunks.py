"""Chunks, string pools and typed values of binary XML and resource tables."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.platform.kit.errors import gettext_noop as _

STRING_POOL, TABLE, XML = 0x0001, 0x0002, 0x0003
REFERENCE, ATTRIBUTE, STRING, FLOAT = 0x01, 0x02, 0x03, 0x04
INT_FIRST, INT_HEX, BOOLEAN, INT_LAST = 0x10, 0x11, 0x12, 0x1F
_UTF8 = 1 << 8
_MOST_STRINGS = 4_000_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource that a value refers to, by its number."""

    id: int


Value = str | int | bool | float | Reference | None


def damaged(what: str) -> UnableToReadApk:
    return UnableToReadApk(
        _("%(what)s cannot be read: it is damaged."),
        next_step=_("Send the file as the build made it."),
        values={"what": what},
    )


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its type, where it begins, how long its header and all of it is."""

    type: int
    at: int
    header: int
    size: int

    @property
    def end(self) -> int:
        return self.at + self.size


def chunks(data: bytes, start: int, end: int) -> Iterator[Chunk]:
    """The chunks from `start` to `end`; ends at one that claims more than there is."""
    at = start
    while at + 8 <= end:
        kind, header, size = struct.unpack_from("<HHI", data, at)
        if size < 8 or header < 8 or header > size or at + size > end:
            return
        yield Chunk(type=kind, at=at, header=header, size=size)
        at += size


class StringPool:
    """Strings by number, decoded on access; raises ValueError where it is damaged."""

    def __init__(self, data: bytes, chunk: Chunk) -> None:
        if chunk.size < 28:
            raise ValueError("string pool")
        count, _styles, flags, begins, _at = struct.unpack_from("<5I", data, chunk.at + 8)
        if count > _MOST_STRINGS or chunk.at + 28 + 4 * count > chunk.end:
            raise ValueError("string pool")
        self._data = data[chunk.at : chunk.end]
        self._utf8 = bool(flags & _UTF8)
        self._begins = begins
        self._offsets = struct.unpack_from(f"<{count}I", data, chunk.at + 28)
        self.raw = self._data[begins:]

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._offsets):
            return ""
        at = self._begins + self._offsets[number]
        try:
            return self._utf8_at(at) if self._utf8 else self._utf16_at(at)
        except (IndexError, struct.error):
            return ""

    def _utf8_at(self, at: int) -> str:
        for _length in ("characters", "bytes"):
            length = self._data[at]
            at += 1
            if length & 0x80:
                length = (length & 0x7F) << 8 | self._data[at]
                at += 1
        return self._data[at : at + length].decode("utf-8", "replace")

    def _utf16_at(self, at: int) -> str:
        (length,) = struct.unpack_from("<H", self._data, at)
        at += 2
        if length & 0x8000:
            (low,) = struct.unpack_from("<H", self._data, at)
            length = (length & 0x7FFF) << 16 | low
            at += 2
        return self._data[at : at + 2 * length].decode("utf-16-le", "replace")


def value_at(data: bytes, at: int, pool: StringPool) -> Value:
    """The typed value (`Res_value`, 8 bytes) at an offset."""
    if at + 8 > len(data):
        return None
    _size, _zero, kind, number = struct.unpack_from("<HBBI", data, at)
    if kind == STRING:
        return pool[number]
    if kind in (REFERENCE, ATTRIBUTE):
        return Reference(number) if number else None
    if kind == BOOLEAN:
        return bool(number)
    if kind == FLOAT:
        return float(struct.unpack_from("<f", data, at + 4)[0])
    if INT_FIRST <= kind <= INT_LAST:
        return int(number)
    return None
