"""What is deleted is gone from the database's own files too, as far as the engine allows.

Both engines leave deleted bytes where they lay: SQLite in its pages and its log, PostgreSQL in the
table until its vacuum. An erasure asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def overwrite_what_is_deleted() -> None:
    """From here on SQLite writes zeros over what this connection deletes or shortens."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def clear_away(tables: Iterable[str] = ()) -> None:
    """After the commit: empty SQLite's log, or have PostgreSQL vacuum `tables`.

    Does nothing within a transaction. A reader that is busy with the old rows postpones it.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in tables:
            cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")
