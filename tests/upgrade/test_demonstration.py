"""A demonstration played by the previous release loses no row when this version migrates it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.shell import run_amends
from tests.upgrade.test_previous_release import PreviousRelease

SIZE = os.environ.get("AMENDS_UPGRADE_SIZE", "300")
pytestmark = [
    pytest.mark.upgrade,
    pytest.mark.nightly,
    pytest.mark.sqlite_only,
    pytest.mark.needs("history"),
]


def _keys(database: Path) -> dict[str, set[tuple[object, ...]]]:
    """Table → primary keys of its rows."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        keys = {}
        for (table,) in tables:
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            names = ", ".join(f'"{column[1]}"' for column in columns if column[5]) or "rowid"
            keys[table] = set(connection.execute(f'SELECT {names} FROM "{table}"').fetchall())
    return keys


def test_no_row_is_lost_and_the_ledger_verifies(tmp_path: Path) -> None:
    release = PreviousRelease(tmp_path, "")
    release.amends("demo", "--once", "--size", SIZE)
    before = _keys(release.database)
    assert len(before["complaints_complaint"]) > 10
    release.migrate()
    after = _keys(release.database)
    lost = {table: len(keys - after.get(table, set())) for table, keys in before.items()}
    rows = sum(map(len, before.values()))
    assert sum(lost.values()) == 0, f"of {rows} rows: { {t: n for t, n in lost.items() if n} }"
    verified = run_amends(("ledger", "verify", "--deep", "--json"), release.present)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    print(f"{rows} rows in {len(before)} tables; {json.loads(verified.stdout)}")  # noqa: T201
