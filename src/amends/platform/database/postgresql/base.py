"""A kept connection is asked `SELECT 1` only where needed, and plans what recurs only once.

Django asks before the first statement of every request, which took a tenth of a small page. A
server that ends or restarts closes its connections, and a closed socket is readable: so a quiet
one is as good as an answer, and costs no way to the server and back.

What is asked again and again (`PreparedQuery`) is prepared by the server, so that it is parsed and
planned once for each connection: that took longer than finding the rows. Django's own statements
carry their values in their text and stay as they are.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base

_MOST_HELD = 1_000


class _Operations(base.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """The statement as it was sent; where the server binds, with marks for its values."""
        return super().last_executed_query(cursor, sql, params) or sql


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks at its socket before it asks."""

    ops_class = _Operations
    _preparing = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._resting: list[Any] = []

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with the server's memory for statements: 0 for the first time they come.

        No other cursor than the one of `prepared` uses it: theirs bind on this side.
        """
        return {**super().get_connection_params(), "prepare_threshold": 0}

    @contextmanager
    def prepared(self) -> Iterator[Any]:
        """A cursor whose statement the server parses and plans once for this connection.

        It rests afterwards, for the next one who asks: making one each time took a tenth of what
        a small statement costs this process.
        """
        cursor = self._rested() or self._binding_there()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        # What was found is held until the cursor is used again: not where that is much.
        if self.queries_logged or cursor.rowcount > _MOST_HELD:
            cursor.close()
        else:
            self._resting.append(cursor)

    def _rested(self) -> Any | None:
        """A cursor nobody uses, of the connection as it stands now."""
        while self._resting and not self.queries_logged:
            cursor = self._resting.pop()
            if cursor.connection is self.connection and not cursor.closed:
                self.validate_thread_sharing()
                return cursor
        return None

    def _binding_there(self) -> Any:
        self._preparing = True
        try:
            return self.cursor()
        finally:
            self._preparing = False

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's cursor, or one that binds in the server."""
        if name or not self._preparing:
            return super().create_cursor(name)
        binding_here = self.connection.cursor_factory
        self.connection.cursor_factory = base.ServerBindingCursor
        try:
            return super().create_cursor()
        finally:
            self.connection.cursor_factory = binding_here

    def is_usable(self) -> bool:
        """Whether the connection still stands."""
        if self.connection is None or self.connection.closed:
            return False
        looked = select.poll()
        looked.register(self.connection.fileno(), select.POLLIN)
        return not looked.poll(0) or bool(super().is_usable())
