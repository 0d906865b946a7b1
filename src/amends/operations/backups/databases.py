"""Copying a database while it is in use, and putting the copy back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from amends.platform.kit.errors import Unavailable
from amends.platform.kit.errors import gettext_noop as _


class UnableToCopyDatabase(Unavailable):
    """The database's own tool is missing or failed."""

    code = "database_not_copied"


def dump(copy: Path) -> None:
    """Write a consistent copy of the database to `copy`, while others write to it."""
    if connection.vendor == "sqlite":
        database_uri = Path(connection.settings_dict["NAME"]).absolute().as_uri()
        with closing(sqlite3.connect(f"{database_uri}?mode=ro", uri=True, timeout=60)) as source:
            # One read transaction, which holds no writer up, where Connection.backup starts anew at
            # each write; and what was deleted is not carried along in free pages.
            source.execute("VACUUM INTO ?", (str(copy),))
        return
    run(
        "pg_dump",
        "--format=custom",
        "--compress=0",
        "--no-owner",
        "--no-privileges",
        f"--file={copy}",
    )


def load(copy: Path) -> None:
    """Put what `pg_dump` wrote in the place of the database, whole or not at all."""
    connection.close()
    script = copy.with_suffix(".sql")
    run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy))
    run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--command=DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public",
        f"--file={script}",
    )


def holds_data() -> bool:
    """Whether there is something a restore would overwrite."""
    if connection.vendor == "sqlite":
        return any(path.exists() and path.stat().st_size for path in files()[:1])
    return bool(connection.introspection.table_names())


def files() -> list[Path]:
    """The files of the embedded database; none where a server has them."""
    if connection.vendor != "sqlite":
        return []
    name = str(connection.settings_dict["NAME"])
    return [Path(name + end) for end in ("", "-wal", "-shm")]


def move_in(fresh: Path) -> None:
    """Let a file beside the SQLite database, on the same disk, take its place."""
    connection.close()
    database_file, *log = files()
    # The log of the old database must not be replayed into the new one.
    for log_file in log:
        log_file.unlink(missing_ok=True)
    fresh.replace(database_file)


def run(tool: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs to its end, or UnableToCopyDatabase says why not."""
    command, environment = program(tool, *arguments)
    completed = subprocess.run(  # noqa: S603 (a program found on PATH, arguments of our own)
        command, env=environment, capture_output=True, text=True, check=False
    )
    if completed.returncode:
        # Later lines may quote rows; the first says what kind of trouble it is.
        first_line = (completed.stderr.strip().splitlines() or [f"exit {completed.returncode}"])[0]
        raise UnableToCopyDatabase(
            _("%(tool)s failed: %(said)s."),
            next_step=_("Look at the database's log; the programs must be as new as the server."),
            values={"tool": tool, "said": first_line[:200]},
        )


def program(tool: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """A command line, and the environment that names server and password."""
    executable = shutil.which(tool)
    if executable is None:
        raise UnableToCopyDatabase(
            _("%(tool)s is not installed."),
            next_step=_(
                "Install PostgreSQL's programs and put them on PATH, with Debian "
                "/usr/lib/postgresql/VERSION/bin."
            ),
            values={"tool": tool},
        )
    _psql, more = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    names = ("HOST", "PORT", "USER", "PASSWORD")
    pg_environment = {f"PG{name}": str(connection.settings_dict[name]) for name in names}
    pg_environment["PGDATABASE"] = str(connection.settings_dict["NAME"])
    return [executable, *arguments], os.environ | pg_environment | (more or {}) | {
        "LC_MESSAGES": "C"
    }
