"""Follow a SQLite database: its committed pages every few seconds, the whole of it each day."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from amends.operations.backups.continuous.folders import Folders
from amends.operations.backups.continuous.records import Base, Segment, keep, keep_base, segment_at
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.continuous.wal import (
    EMPTY,
    Change,
    Handles,
    Pin,
    Place,
    UnableToFollowLog,
    committed,
    keep_between,
    log_of,
)

PIECE = 16 << 20
"""A whole database is kept in pieces of this size; what did not change since is kept once."""
LOG_LIMIT = 64 << 20
"""A log beyond this is emptied at the next step; writers wait for the last of it only."""


@dataclass
class _Copy:
    """A base under way: pages that move meanwhile are put right by the segments over it."""

    line: int
    first: int
    made_at: str
    at: int = 0
    pieces: list[str] = field(default_factory=list)
    is_whole: bool = False


class Keeper:
    """Keeps one database, one step at a time; may be killed at any moment."""

    def __init__(self, database: Path, store: Store, folders: Folders) -> None:
        self.database, self.store, self.folders = database, store, folders
        self._pin = Pin(database)
        self._handles = Handles(database)
        self._last, self._digest = self._newest()
        self._place: Place | None = None
        self._copy: _Copy | None = None
        self._resume()

    def step(self, *, now: datetime, base: bool = False) -> Segment:
        """Keep everything committed until now; `base`: begin a copy of the whole, too."""
        change, fresh_line = self._follow()
        is_emptied = False
        begins = (fresh_line or base) and (fresh_line or self._copy is None)
        if begins or log_of(self.database).stat().st_size > LOG_LIMIT:
            more, is_emptied = self._empty_log()
            change.add(more)
        line = self._last.line if self._last else 0
        number = self._last.number + 1 if self._last else 1
        if fresh_line:
            line, self._copy = line + 1, None
        assert self._place is not None
        is_next_log = self._last is None or bytes.fromhex(self._last.salt) != self._place.salt
        opened = number if fresh_line or is_next_log else self._last.opened  # type: ignore[union-attr]
        segment = Segment(
            number,
            line,
            self._digest,
            now.isoformat(),
            change.pieces,
            change.page_size,
            change.count,
            self.folders.keep(),
            self._place.salt.hex(),
            self._place.frame,
            opened,
        )
        self._digest = keep(self.store, segment)
        self._last = segment
        self._finish_base(segment)
        if begins:
            # What the log holds may not be in the file yet: begin where this log was first read.
            self._copy = _Copy(line, number + 1 if is_emptied else opened, now.isoformat())
        return segment

    def copy_for(self, seconds: float) -> bool:
        """Go on with a base that is under way, for about so long; whether there is more to do."""
        until = time.monotonic() + seconds
        copy = self._copy
        if copy is None or copy.is_whole:
            return False
        while time.monotonic() < until:
            piece = os.pread(self._handles.database, PIECE, copy.at)
            if not piece:
                copy.is_whole = True
                return False
            copy.pieces.append(self.store.put(piece))
            copy.at += len(piece)
        return True

    def close(self) -> None:
        """Let go of the log."""
        self._pin.let_go()
        self._handles.close()

    def _finish_base(self, segment: Segment) -> None:
        copy = self._copy
        if copy is not None and copy.is_whole:
            base = Base(copy.line, copy.first, segment.number, copy.made_at, copy.pieces)
            keep_base(self.store, base)
            self._copy = None

    def _newest(self) -> tuple[Segment | None, str]:
        names = self.store.records("segments")
        return segment_at(self.store, names[-1]) if names else (None, "")

    def _resume(self) -> None:
        """Go on where the last keeper stopped, if the log still holds all since then."""
        if self._last is None or not self.store.records("bases"):
            return
        end, _ = committed(self._handles.index)
        is_same = end.salt.hex() == self._last.salt and end.salt != EMPTY
        if is_same and end.frame >= self._last.frame:
            self._place = Place(end.salt, self._last.frame)

    def _follow(self) -> tuple[Change, bool]:
        """What was committed since the last step; whether a new line begins."""
        fresh = Pin(self.database)
        try:
            end, size = committed(self._handles.index)
            place, is_fresh = self._place, False
            if place is None or (end.salt != place.salt and not place.followed_by(end.salt)):
                place, is_fresh = Place(end.salt, 0), True
            start = place.frame if end.salt == place.salt else 0
            change = keep_between(self.database, start, end, size, self.store.put)
        except UnableToFollowLog:
            fresh.let_go()
            self._place = None
            raise
        self._place = end
        self._pin.let_go()
        self._pin = fresh
        return change, is_fresh

    def _empty_log(self) -> tuple[Change, bool]:
        """Let the next writer begin the log anew; nobody writes while the last of it is moved.

        Whether all of it is in the file now: a reader with an older view may hold that up. Most of
        it moves before anybody has to wait, and what is written meanwhile is kept before, too.
        """
        change = Change()
        control = sqlite3.connect(self.database, isolation_level=None, timeout=5)
        try:
            for _ in range(2):
                self._move_log()
                change.add(self._follow()[0])
            control.execute("BEGIN IMMEDIATE")
            change.add(self._follow()[0])
            frames, moved = self._move_log()
            # Opened now it reads the file alone, so the log may begin anew; and no page may go from
            # the new log to the file before this reader is exchanged, so none is missed.
            last = Pin(self.database)
            self._pin.let_go()
            self._pin = last
            return change, frames == moved
        except sqlite3.OperationalError:
            return change, False
        finally:
            with contextlib.suppress(sqlite3.Error):
                control.execute("ROLLBACK")
            control.close()

    def _move_log(self) -> tuple[int, int]:
        """Frames of the log, and how many are in the file after this; nobody waits for it."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=5)) as other:
            _, frames, moved = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return frames, moved
