"""The first command on a fresh data directory makes it; one of another version is left alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite_only
ROWS = "id,received,text,phone\nT-1,2026-10-02 09:00,每月扣我彩铃费，从没订过,13800000001\n"


def amends(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as somebody types it, with nothing but a data directory set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "amends", *arguments],
        env=kept | {"AMENDS_DATA_DIR": str(folder)},
        cwd=folder.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def migrations_of(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "amends.sqlite3") as database:
        return database.execute("SELECT app, name FROM django_migrations").fetchall()


def test_a_file_is_imported_on_a_fresh_directory(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text(ROWS, encoding="utf-8")
    fresh = tmp_path / "data"
    done = amends(fresh, "import", "complaints", str(file))
    assert done.returncode == 0, done.stderr
    assert "1 accepted" in done.stdout
    assert "its tables are made" in done.stderr
    again = amends(fresh, "ledger", "verify")
    assert again.returncode == 0, again.stderr
    assert "its tables are made" not in again.stderr


@pytest.mark.nightly
@pytest.mark.parametrize("command", [("notices", "coverage"), ("ledger", "verify"), ("retention",)])
def test_commands_that_read_make_the_tables_too(tmp_path: Path, command: tuple[str, ...]) -> None:
    fresh = tmp_path / "data"
    done = amends(fresh, *command)
    assert "no such table" not in done.stderr + done.stdout
    assert done.returncode in (0, 1), done.stderr


def test_a_database_of_another_version_is_not_migrated_unasked(
    tmp_path: Path, migrated_database_url: Callable[[Path], str]
) -> None:
    folder = tmp_path / "data"
    migrated_database_url(folder)
    with sqlite3.connect(folder / "amends.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'ledger'")
        database.execute("DROP TABLE ledger_checkpoint")
    before = migrations_of(folder)
    done = amends(folder, "ledger", "checkpoint")
    assert done.returncode == 1
    assert "run `amends migrate`" in done.stderr
    assert "Traceback" not in done.stderr
    assert migrations_of(folder) == before
