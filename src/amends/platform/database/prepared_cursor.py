"""A cursor for what is asked or written again and again, as each kind of database likes it best."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def prepared_cursor(here: BaseDatabaseWrapper | None = None) -> AbstractContextManager[Any]:
    """PostgreSQL plans its statement once for each connection; SQLite's is the driver's own.

    here  this thread's connection, where it is at hand
    """
    connection: Any = here or connections[DEFAULT_DB_ALIAS]
    cursor: AbstractContextManager[Any] = connection.prepared()
    return cursor
