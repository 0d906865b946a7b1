"""Follow a SQLite database: its write-ahead log every few seconds, the whole of it each day.

The log (`-wal`) grows at its end until all of it is in the file and nobody reads from it; then the
next writer begins it anew under another salt. A reader that holds its place prevents that, so
whoever always holds one, and takes the next before letting go of the last, misses nothing. At a
restore SQLite itself replays the copied logs. Format: sqlite.org/walformat.html.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from amends.operations.backups.databases import UnableToCopyDatabase
from amends.operations.backups.follower import Follower
from amends.operations.backups.store import PIECE, Manifest, Store, damaged
from amends.platform.kit.errors import gettext_noop as _

LOG_LIMIT = 64 << 20
"""A log beyond this is emptied; writers wait for the last of it only."""
PATIENCE_S = 5
_HEADER, _FRAME = 32, 24
_MOVE = "PRAGMA wal_checkpoint(PASSIVE)"


class SqliteFollower(Follower):
    """Follows one database file.

    number, salt, end   the log that was read last: counted, what names it, how many bytes were read
    """

    kind = "sqlite"

    def __init__(self, store: Store, database: Path) -> None:
        super().__init__(store)
        self._path = database
        self._reader = self._hold_place()
        # A process that closes any handle of a file lets go of all its locks on it (POSIX), and of
        # its place in the log: so this one is opened once, and read for every copy.
        self._file = self._path.open("rb")
        self._control = sqlite3.connect(self._path, isolation_level=None, timeout=PATIENCE_S)
        (page_size,) = self._control.execute("PRAGMA page_size").fetchone()
        self._frame_size = page_size + _FRAME
        self._number, self._salt, self._end = 0, b"", 0
        self._copying: Iterator[None] | None = None
        if self.manifest:
            last = self.manifest.moments[-1]
            salt, end, _is_moved = self._log_state()
            if last["salt"] == salt.hex() and last["end"] <= end:
                self._number, self._salt, self._end = last["number"], salt, last["end"]
            else:  # the log began anew while nobody followed it
                self.manifest = None

    def step(self, now: datetime) -> datetime | None:
        self._follow()
        if self.next and self._copying is None:
            self.manifest, self.next = self.next, None
        is_due = self.is_copy_due(now)
        if (is_due or self._end > LOG_LIMIT) and self._empty_log() and is_due:
            # With a new log, so that it needs, and keeps, nothing that was written before.
            self._copying = self._copy(self.begin_copy(now))
        if self.manifest is None:
            return None
        position = {"number": self._number, "salt": self._salt.hex(), "end": self._end}
        return self.add_moment(self.manifest, now, **position)

    def copy_until(self, end: float) -> None:
        while self._copying and time.monotonic() < end:
            try:
                next(self._copying)
            except StopIteration:
                self._copying = None

    def close(self) -> None:
        self._reader.close()
        self._control.close()
        self._file.close()

    def _copy(self, manifest: Manifest) -> Iterator[None]:
        """The file piece by piece; pages that move meanwhile are put right by the log after it."""
        at = 0
        while piece := os.pread(self._file.fileno(), PIECE, at):
            manifest.base.append(self.store.put(piece))
            at += len(piece)
            yield

    def _follow(self) -> None:
        """Store what was committed to the log since the last time."""
        fresh = self._hold_place()
        try:
            salt, end, _is_moved = self._log_state()
            if salt != self._salt:
                self._number, self._salt, self._end = self._number + 1, salt, 0
            if not (self.manifest or self.next):
                self._end = end
            elif end > self._end:
                with _log_of(self._path).open("rb") as log:
                    while self._end < end:
                        piece = os.pread(log.fileno(), min(PIECE, end - self._end), self._end)
                        self.add_log(str(self._number), self.store.put(piece))
                        self._end += len(piece)
        except BaseException:
            fresh.close()
            raise
        self._reader.close()
        self._reader = fresh

    def _empty_log(self) -> bool:
        """Move the log to the file and have it begun anew; whether it was.

        Most of it moves before any writer has to wait. A long writer, or a reader that is still
        busy with the old log, prevents it: then the next step tries again.
        """
        self._log_state()
        self._follow()
        with closing(self._connect(PATIENCE_S)) as writer, suppress(sqlite3.OperationalError):
            writer.execute("BEGIN IMMEDIATE")
            self._follow()
            try:
                self._reader.close()
                for _try in range(20):
                    _salt, _end, is_moved = self._log_state()
                    # Readers of the old log end meanwhile; new ones read the file alone.
                    time.sleep(0.005)
                    if is_moved:
                        break
                # It reads the file alone, too, and prevents that a new log moves to the file.
                self._reader = self._hold_place()
            except BaseException:  # nothing held the place for a while
                self.manifest = self.next = self._copying = None
                raise
            writer.execute("ROLLBACK")
            (version,) = writer.execute("PRAGMA user_version").fetchone()
            writer.execute(f"PRAGMA user_version={version:d}")  # any write begins it anew
        return self._read_salt() != self._salt

    def _log_state(self) -> tuple[bytes, int, bool]:
        """Move what can be moved: the log's salt, bytes that are committed, whether all moved."""
        for _try in range(5_000):
            salt = self._read_salt()
            _busy, frames, moved = self._control.execute(_MOVE).fetchone()
            if frames >= 0 and salt == self._read_salt():
                return salt, _HEADER + frames * self._frame_size if frames else 0, frames == moved
            time.sleep(0.002)
        raise UnableToCopyDatabase(
            _("The database has no write-ahead log, or it does not come to rest."),
            next_step=_("Amends puts it in WAL mode at its start; see who changed that."),
        )

    def _read_salt(self) -> bytes:
        with suppress(FileNotFoundError), _log_of(self._path).open("rb") as log:
            return log.read(_HEADER)[16:24]
        return b""

    def _hold_place(self) -> sqlite3.Connection:
        reader = self._connect(60)
        reader.execute("PRAGMA wal_autocheckpoint=0")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return reader

    def _connect(self, timeout: float) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, timeout=timeout)


def replay(database: Path, log: list[tuple[str, str]], store: Store) -> None:
    """Let SQLite move copied logs into a restored file, one after the other."""
    for number in dict.fromkeys(number for number, _piece in log):
        with _log_of(database).open("wb") as file:
            file.writelines(store.get(piece) for log_number, piece in log if log_number == number)
            size = file.tell()
        with closing(sqlite3.connect(database)) as line:
            (page_size,) = line.execute("PRAGMA page_size").fetchone()
            _busy, frames, moved = line.execute(_MOVE).fetchone()
        if not frames == moved == (size - _HEADER) // (page_size + _FRAME):
            raise damaged(f"log/{number}")


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")
