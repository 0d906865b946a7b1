"""SQLite takes one writer at a time; the threads of a process queue for it.

Left to itself SQLite sleeps up to 100 ms between two tries for its write lock, so that of eight
threads some waited two seconds while others went twice. A thread that waits here goes on the moment
the one before has committed. Other processes are met by SQLite's own waiting, as before.

What is asked again and again goes to the driver's own cursor: Django's is wrapped three times over
and reads each statement's text anew, which takes longer than most of these statements.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Self

from django.db.backends.sqlite3 import base
from django.db.utils import DatabaseErrorWrapper


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions queue with those of the other threads."""

    _turn: _Turn | None = None

    def prepared(self) -> AbstractContextManager[Any]:
        """A cursor that costs little; Django's own where somebody watches its statements."""
        if self.execute_wrappers or self.force_debug_cursor:
            watched: AbstractContextManager[Any] = self.cursor()
            return watched
        if self.connection is None:
            self.ensure_connection()
        self.validate_no_broken_transaction()
        cursor = self.connection.cursor(_Cursor)
        cursor.errors = self.wrap_database_errors
        return cursor

    def _savepoint_allowed(self) -> bool:
        # `database.wholly` lets none be set; Django asks this on other databases only.
        return bool(self.features.uses_savepoints and super()._savepoint_allowed())

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


class _Cursor(sqlite3.Cursor):
    """Takes Django's marks for values, and raises Django's errors out of a `with`."""

    errors: DatabaseErrorWrapper

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Self:  # type: ignore[override]
        return super().execute(_with_own_marks(sql), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Self:  # type: ignore[override]
        return super().executemany(_with_own_marks(sql), rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
        self.errors.__exit__(*error)


@lru_cache(maxsize=1024)
def _with_own_marks(sql: str) -> str:
    """The statement as SQLite reads it.

    >>> _with_own_marks("SELECT id FROM t WHERE name = %s AND word LIKE '%%a'")
    "SELECT id FROM t WHERE name = ? AND word LIKE '%a'"
    """
    return base.FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


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
