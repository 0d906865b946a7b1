"""Put a moment of a kept SQLite backup together again, checking all of it on the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous.records import Base, Segment, bases, name_of, segment_at
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.continuous.wal import unpacked
from amends.operations.backups.sealing import UnableToOpenBackup

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How a moment is reached: a base, and the segments laid over it."""

    base: Base
    segments: list[Segment]

    @property
    def end(self) -> Segment:
        """The segment whose state it is."""
        return self.segments[-1]


def way_to(store: Store, at: datetime | None) -> Way:
    """The way to the last kept moment at or before `at` (None: the newest there is)."""
    names = store.records("segments")
    end = next(
        (one for name in reversed(names)
         if (one := segment_at(store, name)[0]) and (at is None or one.moment <= at)),
        None,
    )  # fmt: skip
    known = bases(store)
    base = next(
        (one for one in reversed(known)
         if end and one.line == end.line and one.usable_from <= end.number),
        None,
    )  # fmt: skip
    if end is None or base is None:
        raise UnableToOpenBackup(
            _("Nothing was kept for %(at)s.") if at else _("Nothing was kept for any moment."),
            meaning=_("Nothing was restored."),
            next_step=_span(known),
            values={"at": at.isoformat() if at else ""} | _ends(store, known),
        )
    return Way(base, _chain(store, base.first, end.number))


def build(store: Store, way: Way, target: Path, progress: Progress = lambda *_: None) -> None:
    """Write the database of that moment to `target`, which must not exist."""
    total = len(way.base.pieces) + len(way.segments)
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for done, piece in enumerate(way.base.pieces, 1):
            file.write(store.get(piece))
            progress(done, total)
        count, size = 0, 0
        for done, segment in enumerate(way.segments, len(way.base.pieces) + 1):
            if segment.pages:
                count, size = segment.page_count, segment.page_size
                for piece in segment.pages:
                    _lay(file, store.get(piece), size)
            progress(done, total)
        if count:
            file.truncate(count * size)
        file.flush()
        os.fsync(file.fileno())


def _lay(file: BinaryIO, piece: bytes, size: int) -> None:
    for number, page in unpacked(piece, size):
        file.seek((number - 1) * size)
        file.write(page)


def _chain(store: Store, first: int, last: int) -> list[Segment]:
    """The segments from `first` to `last`, each naming the one before it."""
    found: list[Segment] = []
    before = None
    for number in range(first, last + 1):
        segment, digest = segment_at(store, name_of(number))
        if segment.number != number or (before is not None and segment.before != before):
            raise UnableToOpenBackup(
                _("Segment %(number)s of the backup does not follow the one before it."),
                meaning=_("Nothing was restored."),
                next_step=_(
                    "Restore an earlier moment with --at, or use another copy of the folder."
                ),
                values={"number": number},
            )
        found.append(segment)
        before = digest
    return found


def _span(known: list[Base]) -> str:
    if not known:
        return _(
            "The first copy of the whole is not finished yet; nothing can be restored before it."
        )
    return _("It holds %(first)s to %(last)s.")


def _ends(store: Store, known: list[Base]) -> dict[str, str]:
    """The first and the last moment that can be restored."""
    if not known:
        return {}
    first, _place = segment_at(store, name_of(known[0].usable_from))
    last, _place = segment_at(store, store.records("segments")[-1])
    return {"first": str(first.at), "last": str(last.at)}
