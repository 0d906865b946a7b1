"""Bytes that are packed already are stored as they are, and the migration can be undone."""

from __future__ import annotations

import pytest
from django.db import connection

from amends.database.column_storage import KeepAsTheyAre

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
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


def test_columns_that_are_packed_already_are_not_packed_again() -> None:
    assert _as_they_are() == COLUMNS


def test_it_can_be_undone() -> None:
    from django.apps import apps
    from django.db.migrations.state import ProjectState

    state = ProjectState.from_apps(apps)
    operation = KeepAsTheyAre(columns=[("dueblock", "columns")])
    with connection.schema_editor() as editor:
        operation.database_backwards("notices", editor, state, state)
    assert "notices_due_block" not in _as_they_are()
    with connection.schema_editor() as editor:
        operation.database_forwards("notices", editor, state, state)
    assert _as_they_are() == COLUMNS
