"""A larger page cache while one connection writes much, then as small as before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

BATCH_KIB = 40_000
"""Most of what a batch of half a million records changes, so that few pages are written twice."""


@contextmanager
def sqlite_page_cache(kib: int = BATCH_KIB) -> Iterator[None]:
    """Let this thread's connection keep so much of SQLite's pages within the block.

    Where more is allowed already, as around this, it stays.

    PostgreSQL shares its cache between all connections: nothing is done there.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        before = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA cache_size = {min(before, -kib)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {before}")
