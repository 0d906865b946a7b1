"""The reads a proof consists of, in plain SQL: building them through the ORM takes ten times as
long as answering them. Tables and columns are those of `models.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from amends.platform.database.prepared_cursor import prepared_cursor

NEWEST = "SELECT size, settled_ms FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
FACT = "SELECT seq, canonical FROM ledger_fact WHERE id = %s"
PART = (
    "SELECT segment.seq, segment.rows, segment.canonical, segment.chunks, part.columns, "
    "part.sha256 "
    "FROM ledger_segment_part part JOIN ledger_segment segment ON segment.id = part.segment_id "
    "WHERE part.id = %s AND segment.rows > %s"
)
TILES = "SELECT address, hashes FROM ledger_tile WHERE address IN ({})"


def row(query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The one row a query finds, or None."""
    with prepared_cursor() as cursor:
        cursor.execute(query, values)
        first_row: tuple[Any, ...] | None = cursor.fetchone()
    return first_row


def rows_in(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows whose key is one of `values`; `{}` in the query is where they go."""
    with connection.cursor() as cursor:
        cursor.execute(query.format(", ".join(["%s"] * len(values))), values)
        all_rows: list[tuple[Any, ...]] = cursor.fetchall()
    return all_rows
