"""What every test may use; the environment is made in `tests.environment`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where every test is required, a skip is a failure."""
    outcome: Any = yield
    report = outcome.get_result()
    if os.environ.get("AMENDS_REQUIRE_ALL") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"


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
