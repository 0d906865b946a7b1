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
from amends.kit.errors import gettext_noop as _

# In one transaction with what follows it: either the old database stands, or the new one.
_START_ANEW = "DROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"


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
        place = Path(connection.settings_dict["NAME"]).absolute().as_uri()
        with closing(sqlite3.connect(f"{place}?mode=ro", uri=True, timeout=60)) as source:
            # One read transaction, which holds no writer up. Copying page by page would start anew
            # at each write; and what was deleted is not carried along in free pages.
            source.execute("VACUUM INTO ?", (str(copy),))
        copy.chmod(0o600)
        return copy
    copy = folder / "database.pgdump"
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    return copy


def refuse_to_replace(*, replace: bool) -> None:
    """Refuse to touch a database that holds data, unless `replace`."""
    if replace:
        return
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if path.exists() and path.stat().st_size:
            raise _in_the_way(str(path))
    elif connection.introspection.table_names():
        raise _in_the_way(connection.settings_dict["NAME"], _("The database %(where)s holds data."))


def copy_in(copy: Path) -> None:
    """Put a copy in the place of the database, whole or not at all."""
    if connection.vendor == "sqlite":
        _exchange_file(copy, Path(connection.settings_dict["NAME"]))
        return
    connection.close()
    script = copy.with_name("restore.sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy), to=None)
    start = script.with_name("start.sql")
    start.write_text(_START_ANEW, encoding="utf-8")
    files = (f"--file={start}", f"--file={script}")
    _run("psql", "--no-psqlrc", "--quiet", "--single-transaction",
         "--set=ON_ERROR_STOP=1", *files)  # fmt: skip


def files() -> list[Path]:
    """The files of the embedded database; none where a server has them."""
    if connection.vendor != "sqlite":
        return []
    name = str(connection.settings_dict["NAME"])
    return [Path(name + end) for end in ("", "-wal", "-shm")]


def move_in(fresh: Path) -> None:
    """Let a file beside the SQLite database, on the same disk, take its place."""
    connection.close()
    path = Path(connection.settings_dict["NAME"])
    # The log of the old database must not be replayed into the new one.
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    fresh.replace(path)


def _exchange_file(copy: Path, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.restored")
    shutil.copyfile(copy, fresh)
    fresh.chmod(0o600)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    move_in(fresh)


def _in_the_way(where: str, what: str = _("%(where)s holds data.")) -> UnableToReplace:
    return UnableToReplace(
        what,
        meaning=_("Nothing was restored."),
        next_step=_("Restore into an empty place, or say --replace if it may be lost."),
        values={"where": where},
    )


def _run(tool: str, *arguments: str, to: str | None = "database") -> None:
    """Run one of PostgreSQL's own programs; `to` None: it works on files alone."""
    program = shutil.which(tool)
    if program is None:
        raise UnableToCopyDatabase(
            _("%(tool)s is not installed."),
            next_step=_("Install PostgreSQL's client programs."),
            values={"tool": tool},
        )
    target = ["--dbname", str(connection.settings_dict["NAME"])] if to else []
    done = subprocess.run(  # noqa: S603 (a program found on PATH, arguments of our own)
        [program, *target, *arguments], env=server_environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        # The tool's own words may quote rows; its first line says what kind of trouble it is.
        first = next(iter(done.stderr.strip().splitlines()), "it said nothing")
        is_older = "version mismatch" in first
        raise UnableToCopyDatabase(
            _("%(tool)s failed: %(said)s."),
            meaning=_("The database stands as it was."),
            next_step=_("Install client programs as new as the server.")
            if is_older
            else _("Look at the database's log."),
            values={"tool": tool, "said": first[:200]},
        )


def server_environment() -> dict[str, str]:
    """How PostgreSQL's own programs reach the server; the password is in no argument."""
    given = connection.settings_dict
    environment = os.environ | {
        "PGHOST": str(given["HOST"]),
        "PGPORT": str(given["PORT"] or 5432),
        "PGUSER": str(given["USER"]),
        "PGPASSWORD": str(given["PASSWORD"]),
    }
    for option in ("sslmode", "sslrootcert", "sslcert", "sslkey"):
        if value := given["OPTIONS"].get(option):
            environment[f"PG{option.upper()}"] = str(value)
    return environment
