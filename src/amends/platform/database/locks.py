"""Advisory locks: one transaction at a time for one name, until the transaction ends."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import OperationalError, connection

from amends.platform.database.prepared_cursor import prepared_cursor

# All places together fit into the lock table of a PostgreSQL as it comes, which has 6,400; and an
# import, a thousand people at once, leaves four of five free.
_PLACES = 4096
_TAKE = "SELECT count(pg_advisory_xact_lock(%s, place)) FROM unnest(%s::int[]) AS place"

T = TypeVar("T")

_GAVE_WAY = {"40P01", "40001"}
"""PostgreSQL's states of a deadlock and of a transaction that cannot be put in order."""


def retry_on_deadlock(work: Callable[[], T]) -> T:
    """Do `work`, which is a transaction of its own, and do it anew where it had to give way.

    Of two transactions that wait for each other PostgreSQL ends one whole, and nothing is wrong
    with it. Inside another transaction nothing is done anew: that one is ended with it.
    """
    try:
        return work()
    except OperationalError as error:
        if connection.in_atomic_block or not is_deadlock(error):
            raise
    return work()


def is_deadlock(error: BaseException) -> bool:
    """Whether the database ended a transaction so that another could go on."""
    return getattr(error.__cause__, "sqlstate", None) in _GAVE_WAY


def advisory_lock(what: str, names: Iterable[str]) -> None:
    """Wait until no other transaction works on any of `names`; call inside one, before reading.

    Who reads that a thing is not there and then writes it needs this on PostgreSQL, where two may
    read at once. SQLite has one writer at a time and needs nothing.

    what    what the names are names of: another word, another queue
    names   any number; "" is nobody's name. Names may share a place: they wait without need
    """
    lock_numbers = sorted({zlib.crc32(name.encode()) % _PLACES for name in names if name})
    if connection.vendor == "postgresql" and lock_numbers:
        with prepared_cursor() as cursor:
            cursor.execute(_TAKE, [zlib.crc32(what.encode()) - 2**31, lock_numbers])
