"""One after the other for the same name, held by the database until the transaction ends."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from django.db import connection

from amends.database.asking import asking

# All places together fit into the lock table of a PostgreSQL as it comes, which has 6,400; and an
# import, a thousand people at once, leaves four of five free.
_PLACES = 4096
_TAKE = "SELECT count(pg_advisory_xact_lock(%s, place)) FROM unnest(%s::int[]) AS place"


def take_turns(what: str, names: Iterable[str]) -> None:
    """Wait until no other transaction works on any of `names`; call inside one, before reading.

    Who reads that a thing is not there and then writes it needs this on PostgreSQL, where two may
    read at once. SQLite has one writer at a time and needs nothing.

    what    what the names are names of: another word, another queue
    names   any number; "" is nobody's name. Names may share a place: they wait without need
    """
    places = sorted({zlib.crc32(name.encode()) % _PLACES for name in names if name})
    if connection.vendor == "postgresql" and places:
        with asking() as cursor:
            cursor.execute(_TAKE, [zlib.crc32(what.encode()) - 2**31, places])
