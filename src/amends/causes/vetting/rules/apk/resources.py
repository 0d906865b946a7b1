"""The resource table (`resources.arsc`): what a number refers to."""

from __future__ import annotations

import struct

from amends.causes.vetting.rules.apk.chunks import (
    STRING_POOL,
    TABLE,
    Chunk,
    Reference,
    StringPool,
    Value,
    chunks,
    damaged,
    value_at,
)

_PACKAGE, _TYPE = 0x0200, 0x0201
_SPARSE, _OFFSETS_OF_16_BITS = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008
_NO_ENTRY = 0xFFFFFFFF
_DEEPEST = 10


class Resources:
    """Values by resource number, looked up on access; raises UnableToReadApk."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._types: dict[tuple[int, int], list[Chunk]] = {}
        self.strings: StringPool | None = None
        if len(data) >= 12 and struct.unpack_from("<H", data)[0] == TABLE:
            try:
                self._index()
            except (struct.error, IndexError, ValueError) as error:
                raise damaged("resources.arsc") from error

    def values(self, value: Value) -> list[Value]:
        """The value on all devices, with references followed.

        A reference that leads round in a circle or to nothing gives no value.
        """
        return self._followed(value, frozenset())

    def first(self, value: Value) -> Value:
        """The value on most devices, None for a reference that leads nowhere."""
        return next(iter(self.values(value)), None)

    def _followed(self, value: Value, seen: frozenset[int]) -> list[Value]:
        if not isinstance(value, Reference):
            return [] if value is None else [value]
        if value.id in seen or len(seen) >= _DEEPEST:
            return []
        return [
            last
            for entry_value in self._entries(value.id)
            for last in self._followed(entry_value, seen | {value.id})
        ]

    def _index(self) -> None:
        for chunk in chunks(self._data, 12, len(self._data)):
            if chunk.type == STRING_POOL and self.strings is None:
                self.strings = StringPool(self._data, chunk)
            elif chunk.type == _PACKAGE:
                (package,) = struct.unpack_from("<I", self._data, chunk.at + 8)
                for inner in chunks(self._data, chunk.at + chunk.header, chunk.end):
                    if inner.type == _TYPE and inner.header >= 20:
                        key = (package & 0xFF, self._data[inner.at + 8])
                        self._types.setdefault(key, []).append(inner)

    def _entries(self, number: int) -> list[Value]:
        """The simple values of a resource, one for each configuration that has it."""
        entries: list[Value] = []
        for chunk in self._types.get((number >> 24, number >> 16 & 0xFF), [])[:200]:
            try:
                value = self._entry(chunk, number & 0xFFFF)
            except struct.error:
                continue
            if value is not None:
                entries.append(value)
        return entries

    def _entry(self, chunk: Chunk, entry: int) -> Value:
        data = self._data
        flags = data[chunk.at + 9]
        count, begins = struct.unpack_from("<II", data, chunk.at + 12)
        table = chunk.at + chunk.header
        offset = _NO_ENTRY
        if flags & _SPARSE:
            for entry_index in range(min(count, (chunk.end - table) // 4)):
                index, quarter = struct.unpack_from("<HH", data, table + 4 * entry_index)
                if index == entry:
                    offset = quarter * 4
        elif flags & _OFFSETS_OF_16_BITS:
            if entry < count:
                (quarter,) = struct.unpack_from("<H", data, table + 2 * entry)
                offset = _NO_ENTRY if quarter == 0xFFFF else quarter * 4
        elif entry < count:
            (offset,) = struct.unpack_from("<I", data, table + 4 * entry)
        at = chunk.at + begins + offset
        if offset == _NO_ENTRY or at + 8 > chunk.end or self.strings is None:
            return None
        size, entry_flags, word = struct.unpack_from("<HHI", data, at)
        if entry_flags & _COMPACT:
            compact = struct.pack("<HBBI", 8, 0, entry_flags >> 8, word)
            return value_at(compact, 0, self.strings)
        if entry_flags & _COMPLEX or at + size + 8 > chunk.end:
            return None
        return value_at(data, at + size, self.strings)
