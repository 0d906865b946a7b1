"""SQLite takes one writer at a time; the threads of a process queue for it.

Left to itself SQLite sleeps up to 100 ms between two tries for its write lock, so that of eight
threads some waited two seconds while others went twice. A thread that waits here goes on the moment
the one before has committed. Other processes are met by SQLite's own waiting, as before.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache

from django.db.backends.sqlite3 import base

from amends.database.sqlite.schema import DatabaseSchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions queue with those of the other threads."""

    SchemaEditorClass = DatabaseSchemaEditor

    _turn: _Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        turn = _queue_of(str(self.settings_dict["NAME"]), os.getpid())
        if turn.take(timeout_s=self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = turn
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._next()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._next()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._next()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._next()

    def _next(self) -> None:
        if self._turn is not None:
            self._turn.give()
            self._turn = None


class _Turn:
    """Whose turn it is to write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder = 0

    def take(self, *, timeout_s: float) -> bool:
        """Wait for the turn; False where waiting is no use, and SQLite itself must decide."""
        if self._holder == threading.get_ident():
            return False
        if not self._lock.acquire(timeout=timeout_s):
            return False
        self._holder = threading.get_ident()
        return True

    def give(self) -> None:
        """Let the next one write."""
        self._holder = 0
        self._lock.release()


@lru_cache(maxsize=64)
def _queue_of(database: str, process: int) -> _Turn:
    return _Turn()
