"""Much work in one transaction that is rolled back whole if any of it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def atomic_without_savepoints() -> Iterator[None]:
    """One transaction whose inner blocks set no savepoints: what fails in one, fails with all.

    Within a savepoint SQLite walks, at the end of every row, through a list of all pages changed
    since: 15,000 rows in five savepoints take five times as long as in none. An error that an inner
    block lets pass must not be caught before the end of this one.
    """
    with transaction.atomic(savepoint=False):
        features = connection.features
        before = features.uses_savepoints
        features.uses_savepoints = False
        try:
            yield
        finally:
            features.uses_savepoints = before
