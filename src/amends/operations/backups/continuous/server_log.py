"""The log of a PostgreSQL server as `pg_receivewal` lays it down: pieces of one size, by number.

A piece is named by timeline and number (24 letters, hexadecimal); the one under way ends in
`.partial`. Each page begins with its own place in the log (xlog_internal.h), which proves that
a place was written here and not only acknowledged.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[0-9A-F]{24}\Z")
_PAGE, _PAGE_HEAD = 8192, struct.Struct("<HHIQ")
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Log:
    """The pieces in a folder; `size` is what one holds, 16 MB unless the server was told else."""

    folder: Path
    size: int

    def name(self, timeline: str, place: int) -> str:
        """The piece that holds the byte before `place`."""
        number, each = (place - 1) // self.size, (1 << 32) // self.size
        return f"{timeline}{number // each:08X}{number % each:08X}"

    def number(self, name: str) -> int:
        """Which piece it is, counted from the beginning of the log."""
        return int(name[8:16], 16) * ((1 << 32) // self.size) + int(name[16:24], 16)

    def within(self, place: int) -> int:
        """How many bytes of its piece lie before `place`."""
        return (place - 1) % self.size + 1

    def file(self, name: str) -> Path | None:
        """The piece, finished or under way."""
        for one in (self.folder / name, self.folder / f"{name}.partial"):
            if one.exists():
                return one
        return None

    def finished(self) -> list[str]:
        """Names of the finished pieces, the oldest first."""
        return sorted(one.name for one in self.folder.iterdir() if _NAME.match(one.name))

    def all(self) -> dict[int, list[Path]]:
        """Every piece by number; more than one where the server changed its timeline."""
        found: dict[int, list[Path]] = {}
        for one in sorted(self.folder.iterdir()):
            name = one.name.removesuffix(".partial")
            is_doubled = one.name != name and (self.folder / name).exists()
            if _NAME.match(name) and not is_doubled:
                found.setdefault(self.number(name), []).append(one)
        return found

    def holds(self, timeline: str, place: int) -> bool:
        """Whether what lies before `place` was written here."""
        path = self.file(self.name(timeline, place))
        if path is None:
            return False
        start = (place - 1) // _PAGE * _PAGE
        with path.open("rb") as file:
            file.seek(start % self.size)
            head = file.read(_PAGE_HEAD.size)
        return len(head) == _PAGE_HEAD.size and _PAGE_HEAD.unpack(head)[3] == start


def digest(path: Path, length: int | None = None) -> str:
    """SHA-256 of a file, or of its first `length` bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        left = length
        while piece := file.read(_AT_ONCE if left is None else min(_AT_ONCE, left)):
            found.update(piece)
            left = None if left is None else left - len(piece)
    return found.hexdigest()


def as_lsn(place: int) -> str:
    """A place as PostgreSQL writes it."""
    return f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"
