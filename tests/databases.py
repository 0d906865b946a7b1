"""Databases for the installations that tests start: empty, or as `migrate` leaves them.

To migrate takes seconds. So before its first test a process keeps a copy of the database it has
just migrated for itself, and an installation that is about something else begins with a copy of
that; its own `amends migrate` then only puts the rules on record.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.environment import SCRATCH

MIGRATED = SCRATCH / "migrated.sqlite3"
"""The database of this process, newly migrated, where that is SQLite."""
_NAME = "amends_migrated"


def keep_migrated(url: str) -> None:
    """Copy the database of this process, newly migrated and with nothing in it.

    url   the address of the server; "" for SQLite
    """
    from django.db import connection

    if url:
        connection.close()
        _tell(url, f'CREATE DATABASE "{_NAME}" TEMPLATE "{connection.settings_dict["NAME"]}"')
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(MIGRATED)) as copy:
        connection.connection.backup(copy)


class Databases:
    """Databases one test makes; `drop` takes them away again.

    url   the address of the server; "" for SQLite, where a database is a file in the data directory
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    def empty(self) -> str:
        """A new database; its address, "" for the file that the installation will make itself."""
        return self._new("template1")

    def migrated(self, data: Path) -> str:
        """A new database with its tables, for the data directory `data`; its address, as above."""
        if not self._url:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            (data / "amends.sqlite3").write_bytes(MIGRATED.read_bytes())
        return self._new(_NAME)

    def drop(self) -> None:
        """Drop what was made on the server; files go with their folders."""
        for name in self._made:
            _tell(self._url, f'DROP DATABASE "{name}" WITH (FORCE)')

    def _new(self, template: str) -> str:
        if not self._url:
            return ""
        name = f"amends_{secrets.token_hex(6)}"
        _tell(self._url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._made.append(name)
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))


def _tell(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)
