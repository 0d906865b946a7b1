"""What a kept backup lets go: everything from which only moments too old could be restored."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.operations.backups.continuous.folders import pieces_of
from amends.operations.backups.continuous.records import bases, name_of, segment_at
from amends.operations.backups.continuous.store import Store


def expire(store: Store, *, now: datetime, days: int) -> int:
    """Let go of all that lies before the newest base older than `days`; how many pieces went.

    What was erased in Amends is therefore gone after `days` and two more at most: the next copy of
    the whole is made within one, and is found old enough at a copy within another.
    """
    known = bases(store)
    old = [
        base
        for base in known
        if segment_at(store, name_of(base.usable_from))[0].moment <= now - timedelta(days=days)
    ]
    for base in old[:-1]:
        store.drop_record("bases", name_of(base.usable_from))
    kept = known[max(len(old) - 1, 0) :]
    if not kept:
        return 0
    first = min(base.first for base in kept)
    for name in store.records("segments"):
        if int(name) < first:
            store.drop_record("segments", name)
    wanted = {piece for base in kept for piece in base.pieces}
    listed: set[str] = set()
    for name in store.records("segments"):
        segment, _ = segment_at(store, name)
        wanted |= set(segment.pages)
        listed.add(segment.files)
    for files in listed:
        wanted |= pieces_of(store, files)
    return store.sweep(wanted)
