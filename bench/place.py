"""A data directory of its own for one measurement, removed at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_place(database: str = "") -> Iterator[Path]:
    """An empty, migrated installation; Django is set up inside.

    database  URL of an empty PostgreSQL database; "" for SQLite with FULL sync
    """
    folder = Path(tempfile.mkdtemp(prefix="amends-bench-"))
    os.environ.update(
        AMENDS_DATA_DIR=str(folder),
        AMENDS_TESTING="yes",
        AMENDS_REQUIRE_MFA="no",
        DJANGO_SETTINGS_MODULE="amends.site.settings",
    )
    os.environ.pop("AMENDS_DATABASE_URL", None)
    if database:
        os.environ["AMENDS_DATABASE_URL"] = database
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
