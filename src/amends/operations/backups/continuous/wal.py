"""What was committed to a SQLite database since a known place of its write-ahead log.

The log (`-wal`) holds whole pages; its index (`-shm`) says how many of them are committed. A reader
that holds its place keeps the log from being begun anew, so whoever always holds one, and takes the
next before letting go of the last, misses no page. Format: sqlite.org/walformat.html.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from amends.kit.errors import Unavailable
from amends.kit.errors import gettext_noop as _

_INDEX = struct.Struct("=IIIBBHII8s8s8s")
_AT_ONCE = 4_096
EMPTY = bytes(8)
"""The salt of a log nothing was written to."""
_HEADER, _FRAME = 32, struct.Struct(">II8s8s")


class UnableToFollowLog(Unavailable):
    """The database is not in WAL mode, or its log is not what its index says."""

    code = "log_not_followed"


@dataclass(frozen=True, slots=True)
class Place:
    """How far the log was read: `salt` names the log since it was last begun anew."""

    salt: bytes
    frame: int

    def followed_by(self, salt: bytes) -> bool:
        """Whether a log of that salt is the very next: SQLite counts its first half up by one."""
        if self.salt == EMPTY:
            # No log yet; the first one bears any salt, and a pin keeps it from being begun anew.
            return True
        first = int.from_bytes(self.salt[:4], "big") + 1 & 0xFFFFFFFF
        return salt[:4] == first.to_bytes(4, "big")


@dataclass(slots=True)
class Change:
    """What was committed between two places, kept in pieces; later ones lie over earlier ones.

    count   the size of the database in pages after it; 0: nothing was committed
    """

    page_size: int = 0
    count: int = 0
    pieces: list[str] = field(default_factory=list)

    def add(self, later: Change) -> None:
        """Take over what was committed after."""
        if later.count:
            self.page_size, self.count = later.page_size, later.count
            self.pieces += later.pieces


def _packed(pages: list[tuple[int, bytes]]) -> bytes:
    """As one piece: how many, their numbers, then the pages in the same order."""
    head = struct.pack(f">I{len(pages)}I", len(pages), *(number for number, _ in pages))
    return head + b"".join(page for _, page in pages)


def unpacked(packed: bytes, page_size: int) -> list[tuple[int, memoryview]]:
    """Numbers and pages of a piece."""
    (count,) = struct.unpack_from(">I", packed)
    numbers = struct.unpack_from(f">{count}I", packed, 4)
    body = memoryview(packed)[4 + 4 * count :]
    return [
        (number, body[at * page_size : (at + 1) * page_size]) for at, number in enumerate(numbers)
    ]


class Pin:
    """A reader that holds its place in the log until it is let go."""

    def __init__(self, database: Path) -> None:
        self._line = sqlite3.connect(database, isolation_level=None, timeout=60)
        self._line.execute("PRAGMA wal_autocheckpoint=0")
        self._line.execute("BEGIN")
        self._line.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def let_go(self) -> None:
        """Stop holding the place."""
        with contextlib.suppress(sqlite3.Error):
            self._line.execute("COMMIT")
        self._line.close()


def log_of(database: Path) -> Path:
    """The write-ahead log of a database."""
    return database.with_name(f"{database.name}-wal")


class Handles:
    """The database and the index of its log, opened once.

    SQLite locks with POSIX locks, and a process that closes any handle of a file lets go of all its
    locks on it: opened and closed on the way, these would free every pin.
    """

    def __init__(self, database: Path) -> None:
        try:
            self.index = os.open(database.with_name(f"{database.name}-shm"), os.O_RDONLY)
        except FileNotFoundError:
            raise UnableToFollowLog(
                _("The database has no write-ahead log."),
                next_step=_("Amends puts it in WAL mode at its start; see who changed that."),
            ) from None
        self.database = os.open(database, os.O_RDONLY)

    def close(self) -> None:
        """Only after the last pin was let go."""
        os.close(self.index)
        os.close(self.database)


def committed(index: int) -> tuple[Place, int]:
    """The end of what is committed, and the page size, from the log's index; needs a pin held."""
    for _try in range(1_000):
        first, second = os.pread(index, 48, 0), os.pread(index, 48, 48)
        if first == second and len(first) == _INDEX.size and first[12]:
            fields = _INDEX.unpack(first)
            size = 65_536 if fields[5] == 1 else fields[5]
            return Place(fields[9], fields[6]), size
        # Somebody was just writing it.
        time.sleep(0.002)
    raise UnableToFollowLog(
        _("The index of the write-ahead log does not come to rest."),
        next_step=_("The next step tries again by itself."),
    )


def keep_between(
    database: Path, start: int, end: Place, page_size: int, put: Callable[[bytes], str]
) -> Change:
    """Keep what frames `start` + 1 to `end` wrote, each page as it was last; needs a pin held."""
    found = Change(page_size)
    if end.frame <= start:
        return found
    last: dict[int, int] = {}
    with log_of(database).open("rb") as log:
        handle = log.fileno()
        for number in range(start + 1, end.frame + 1):
            at = _HEADER + (number - 1) * (_FRAME.size + page_size)
            page, count, salt, _salt = _FRAME.unpack(os.pread(handle, _FRAME.size, at))
            if salt != end.salt:
                raise UnableToFollowLog(
                    _("The write-ahead log was begun anew while it was read."),
                    next_step=_("The next step begins a new line by itself."),
                )
            last[page] = at + _FRAME.size
            found.count = count or found.count
        numbers = sorted(last)
        for first in range(0, len(numbers), _AT_ONCE):
            some = numbers[first : first + _AT_ONCE]
            read = [(page, os.pread(handle, page_size, last[page])) for page in some]
            found.pieces.append(put(_packed(read)))
    return found
