"""An installation of its own, worked by processes that can be killed."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

_START = "import django; django.setup(); from django.utils import timezone\n"


_MIGRATE = (
    "from django.core.management import call_command\n"
    "call_command('migrate', verbosity=0, skip_checks=True)"
)
_templates: dict[str, str] = {}


class Installation:
    """A database and a data directory; `run` works on it in another process."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
            "AMENDS_DATA_DIR": str(folder),
            "AMENDS_TESTING": "yes",
            **settings,
        }
        self._server = os.environ.get("AMENDS_DATABASE_URL", "")
        if self._server:
            self._make_on_server()
        else:
            self._make_file(folder / "amends.sqlite3")

    def _make_file(self, file: Path) -> None:
        """Migrating takes seconds, so later installations copy the first one's empty database."""
        if "sqlite" in _templates:
            file.write_bytes(Path(_templates["sqlite"]).read_bytes())
            return
        self.run(_MIGRATE)
        template = Path(tempfile.mkdtemp(prefix="amends-template-")) / "empty.sqlite3"
        atexit.register(shutil.rmtree, template.parent, ignore_errors=True)
        template.write_bytes(file.read_bytes())
        _templates["sqlite"] = str(template)

    def _make_on_server(self) -> None:
        self._name = f"channels_{secrets.token_hex(6)}"
        template = _templates.get("postgres", "template1")
        self._on_server(f"CREATE DATABASE {self._name} TEMPLATE {template}")
        place = urlsplit(self._server)
        self.environment["AMENDS_DATABASE_URL"] = urlunsplit(place._replace(path=f"/{self._name}"))
        if "postgres" not in _templates:
            self.run(_MIGRATE)
            self._on_server(f"CREATE DATABASE {self._name}_empty TEMPLATE {self._name}")
            _templates["postgres"] = f"{self._name}_empty"

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)

    def start(self, code: str, **settings: str) -> subprocess.Popen[str]:
        """Begin `code` in a new process."""
        return subprocess.Popen(
            [sys.executable, "-c", _START + code],
            env={**self.environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, **settings: str) -> str:
        """Run `code` in a new process to its end; what it printed."""
        process = self.start(code, **settings)
        out, said = process.communicate(timeout=300)
        if process.returncode:
            raise RuntimeError(said)
        return out

    def ask(self, expression: str) -> object:
        """The value of an expression over the models of channels."""
        out = self.run(
            "import json\nfrom amends.channels.models import *\n"
            f"print(json.dumps({expression}, default=str))"
        )
        return json.loads(out.splitlines()[-1])

    def remove(self) -> None:
        """Drop the database, if it stands on a server."""
        if self._server:
            self._on_server(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
