"""An installation of its own, worked by processes that can be killed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

_START = "import django; django.setup(); from django.utils import timezone\n"


class Installation:
    """A data directory with a database that has its tables; `run` works on it in another process.

    folder    the data directory; on SQLite the database is in it
    url       the database on a server, "" for SQLite: what `migrated_database_url` says
    """

    def __init__(self, folder: Path, url: str, **settings: str) -> None:
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
            "AMENDS_DATA_DIR": str(folder),
            "AMENDS_TESTING": "yes",
            **settings,
        }
        self.environment["AMENDS_DATABASE_URL"] = url

    def start(self, code: str) -> subprocess.Popen[str]:
        """Begin `code` in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", _START + code],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, code: str) -> str:
        """Run `code` in a process of its own to its end; what it printed."""
        process = self.start(code)
        out, said = process.communicate()
        if process.returncode:
            raise RuntimeError(said)
        return out

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database, past Amends: no process is started for it."""
        if url := self.environment["AMENDS_DATABASE_URL"]:
            with psycopg.connect(url) as server:
                return server.execute(question).fetchall()
        file = Path(self.environment["AMENDS_DATA_DIR"]) / "amends.sqlite3"
        with closing(sqlite3.connect(file, timeout=60)) as line:
            return line.execute(question).fetchall()

    def ask(self, expression: str) -> object:
        """The value of an expression over the models of channels."""
        out = self.run(
            "import json\nfrom amends.channels.models import *\n"
            f"print(json.dumps({expression}, default=str))"
        )
        return json.loads(out.splitlines()[-1])
