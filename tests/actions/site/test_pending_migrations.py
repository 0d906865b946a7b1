"""What runs for long does not start while migrations are pending, and says what to do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from installation import Installation

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def not_migrated(migrated_database_url: Callable[[Path], str], tmp_path: Path) -> Installation:
    """An installation whose database has a column less than this version needs."""
    installation = Installation(tmp_path, migrated_database_url(tmp_path))
    with closing(sqlite3.connect(installation.database)) as database, database:
        database.execute("ALTER TABLE portals_draft DROP COLUMN failures")
        database.execute(
            "DELETE FROM django_migrations WHERE app = 'portals' AND name LIKE '0002%'"
        )
    return installation


@pytest.mark.parametrize("command", [("work",), ("serve", "--no-prepare", "--no-jobs")])
def test_it_ends_with_a_sentence(not_migrated: Installation, command: tuple[str, ...]) -> None:
    done = not_migrated.try_amends(*command)
    assert done.returncode == 1, done.stderr
    assert "1 migration is waiting" in done.stderr
    assert "Run `amends migrate`" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_check_of_the_operation_reports_it(not_migrated: Installation) -> None:
    done = not_migrated.try_amends("operation", "show", "--check", "--json")
    assert done.returncode == 1, done.stderr
    alarms = json.loads(done.stdout)["alarms"]
    assert [alarm["id"] for alarm in alarms] == ["AmendsMigrationsPending"]
