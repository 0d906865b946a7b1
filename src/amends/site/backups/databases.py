"""Copying a database while it is in use, and putting the copy back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from amends.kit.errors import Refused, Unavailable


class UnableToCopyDatabase(Unavailable):
    """The database's own tool is missing or failed."""

    code = "database_not_copied"


class UnableToReplace(Refused):
    """There is data already where the backup should go."""

    code = "data_in_the_way"


def copy_out(folder: Path) -> Path:
    """A consistent copy of the database in `folder`, made while others write."""
    if connection.vendor == "sqlite":
        copy = folder / "database.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target, pages=4096)
        return copy
    copy = folder / "database.pgdump"
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={copy}")
    return copy


def copy_in(copy: Path, *, replace: bool) -> None:
    """Put a copy back; refuses to overwrite data unless `replace`."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if path.exists() and path.stat().st_size and not replace:
            raise _in_the_way(str(path))
        connection.close()
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        shutil.copyfile(copy, path)
        path.chmod(0o600)
        return
    if connection.introspection.table_names() and not replace:
        raise _in_the_way(connection.settings_dict["NAME"])
    connection.close()
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(copy))


def _in_the_way(where: str) -> UnableToReplace:
    return UnableToReplace(
        f"{where} holds data.",
        meaning="Nothing was restored.",
        next_step="Restore into an empty place, or say --replace if it may be lost.",
    )


def _run(tool: str, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise UnableToCopyDatabase(
            f"{tool} is not installed.", next_step="Install PostgreSQL's client programs."
        )
    given = connection.settings_dict
    environment = os.environ | {
        "PGHOST": str(given["HOST"]),
        "PGPORT": str(given["PORT"] or 5432),
        "PGUSER": str(given["USER"]),
        "PGPASSWORD": str(given["PASSWORD"]),
    }
    target = ["--dbname", str(given["NAME"])]
    done = subprocess.run(  # noqa: S603 (a program found on PATH, arguments of our own)
        [program, *target, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise UnableToCopyDatabase(
            f"{tool} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else ''}",
            next_step="Look at the database's log.",
        )
