"""Bytes that are compressed already are stored as they are."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.postgres_too]
COLUMNS = {
    "ledger_segment_part": {"columns"},
    "ledger_segment_index": {"block"},
    "notices_due_block": {"columns"},
    "notices_seen_records": {"entries"},
    "notices_line_moves": {"moves"},
    "notices_line_bucket": {"memory"},
    "notices_line_names": {"names"},
}


def _as_they_are() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid "
            "WHERE attstorage = 'e' AND NOT attisdropped AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def test_columns_that_are_compressed_already_are_not_compressed_again() -> None:
    assert _as_they_are() == COLUMNS
